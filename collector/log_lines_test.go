package collector_test

import (
	"strings"
	"sync"
)

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
