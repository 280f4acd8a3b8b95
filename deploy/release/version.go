package main

import (
	"fmt"
	"regexp"
)

// tagged is a semantic version without build metadata, which no archive's name
// should carry.
var tagged = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

func checkVersion(version string) error {
	if tagged.MatchString(version) {
		return nil
	}
	return fmt.Errorf("-version %q is not like 1.2.3: tag the commit, `git tag v1.2.3`", version)
}
