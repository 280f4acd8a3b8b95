package collector_test

import (
	"strings"
	"sync"
	"time"
)

const day = 24 * time.Hour

// testClock stands still until it is advanced.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock {
	return &testClock{now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logLines keeps what is logged.
type logLines struct {
	mu  sync.Mutex
	all []string
}

// Write implements io.Writer; a logger writes one line at a time.
func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

// take returns the warnings and errors and what else was logged, and forgets all.
func (l *logLines) take() (bad, others []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, "level=error") || strings.Contains(line, "level=warn") {
			bad = append(bad, line)
		} else {
			others = append(others, line)
		}
	}
	l.all = nil
	return bad, others
}
