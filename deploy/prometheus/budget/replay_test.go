package budget

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// episode is one alert on one thing, from when it fires to when it ends.
type episode struct {
	labels   labels.Labels
	from, to time.Time // to is zero while it fires
}

func (e *episode) alert() string { return e.labels.Get("alertname") }

// group names the project and environment that it is about; empty where it is about none.
func (e *episode) group() string { return e.labels.Get("project") + "/" + e.labels.Get("environment") }

// String returns an episode in one line.
func (e *episode) String() string {
	to := "goes on"
	if !e.to.IsZero() {
		to = e.to.Format("Mon 02 15:04")
	}
	return fmt.Sprintf("%-16s %s %s: %s to %s", e.group(), e.alert(), e.labels.Get("error_code"), e.from.Format("Mon 02 15:04"), to)
}

// replay lets a time pass in a world, with a scrape and an evaluation after each step,
// and returns what is told, in its order.
func (w *world) replay(t *testing.T, from, to time.Time, step time.Duration) []*episode {
	t.Helper()
	var all []*episode
	open := map[string]*episode{}
	for at := from; at.Before(to); at = at.Add(step) {
		w.advance(at)
		w.scrape(t)
		w.prometheus.evaluate(t, at)
		now := map[string]bool{}
		for _, set := range w.prometheus.firing() {
			key := set.String()
			now[key] = true
			if open[key] == nil {
				open[key] = &episode{labels: set, from: at}
				all = append(all, open[key])
			}
		}
		for key, e := range open {
			if !now[key] {
				e.to = at
				delete(open, key)
			}
		}
	}
	return all
}
