package backfill

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// report says what has been written, and of what.
func (b *backfill) report() {
	runs, oldest := 0, time.Time{}
	for _, p := range b.projects {
		runs += p.runs
		if oldest.IsZero() || !p.oldest.IsZero() && p.oldest.Before(oldest) {
			oldest = p.oldest
		}
		for _, warning := range []string{p.refused, p.tooYoung(b.first.Add(-b.config.Lookback))} {
			if warning != "" {
				b.streams.say(fmt.Sprintf("key %q: %s", p.key.Name, warning))
			}
		}
	}
	line := fmt.Sprintf("wrote %s samples of %s runs, from %s to %s UTC in steps of %s",
		terminal.Number(b.recorder.samples), terminal.Number(runs), minuteOf(b.first), minuteOf(b.last), model.Duration(b.plan.Step))
	if !oldest.IsZero() {
		line += fmt.Sprintf("; the oldest run that was read was created %s UTC", minuteOf(oldest))
	}
	b.streams.say(line)
}

// tooYoung says that the list ended long after since, where the past needs runs from;
// it is empty where it did not. Where a project just had no run for a while is not
// known, so that is long which is longer than a day and than any time without a run
// that was seen.
func (p *project) tooYoung(since time.Time) string {
	const day = 24 * time.Hour
	switch {
	case p.oldest.IsZero():
		return fmt.Sprintf("the API gave no run, though the past needs those from %s UTC on", minuteOf(since))
	case p.oldest.Sub(since) <= max(day, p.longestGap):
		return ""
	}
	return fmt.Sprintf("the list of runs ended with one created %s UTC, though the past needs those from %s UTC on; if the project has older ones, the API did not give them, and the past lacks them",
		minuteOf(p.oldest), minuteOf(since))
}

func minuteOf(at time.Time) string { return at.UTC().Format("2006-01-02 15:04") }
