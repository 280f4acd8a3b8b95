package main

import (
	"os"
	"runtime/debug"
)

// collectGarbageAt is how much the heap may grow over what is live before garbage
// is collected, in percent. Nearly all that lives is the history, which changes
// little and makes little garbage: half of Go's default costs next to no CPU
// time and saves a quarter of the memory.
const collectGarbageAt = 50

// saveMemory keeps the heap small unless $GOGC says otherwise.
func saveMemory() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(collectGarbageAt)
	}
}
