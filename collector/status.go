package collector

import (
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// Status tells people how a key is doing.
type Status struct {
	Key     string
	Project apiclient.Project // Slug is empty before the first good refresh
	ReadAt  time.Time         // when the runs that are held were read; zero before the first good refresh
	Runs    int               // held, in the lookback
	Ended   bool              // the first refresh has ended, well or badly
	Err     error             // that the last refresh ended with
}

// Status returns how each key is doing, in the order of the command line.
func (e *Exporter) Status() []Status {
	all, read := make([]Status, len(e.trackers)), holders{}
	for i, t := range e.trackers {
		all[i] = t.status(read)
	}
	return all
}

// Ready tells whether the first refresh of each key has ended, well or badly.
func (e *Exporter) Ready() bool {
	for _, t := range e.trackers {
		t.mu.Lock()
		ended := t.last.ended
		t.mu.Unlock()
		if !ended {
			return false
		}
	}
	return true
}

func (t *tracker) status(read holders) Status {
	project, _ := t.history.standing()
	last := t.settle(read.claim(project.Slug, t.key.Name))
	runs, readAt := t.history.size(t.now())
	return Status{Key: t.key.Name, Project: project, ReadAt: readAt, Runs: runs, Ended: last.ended, Err: last.err}
}
