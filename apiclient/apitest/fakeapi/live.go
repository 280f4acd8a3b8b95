package main

import (
	"context"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// wednesday is where lives stand when the command starts, so that a demo shows
// a working day at any hour, and the same runs at any date.
var wednesday = time.Date(2026, time.January, 7, 10, 0, 0, 0, time.UTC)

// pace tells how a life goes by against the clock: as fast up to the start of
// the command, so many times as fast after it.
type pace struct {
	start time.Time // by the clock; wednesday in the life
	speed float64
}

// life is the moment of the life at a time of the clock since the start.
func (p pace) life(clock time.Time) time.Time {
	return wednesday.Add(time.Duration(float64(clock.Sub(p.start)) * p.speed))
}

// clock is the time of the clock at a moment of the life.
func (p pace) clock(life time.Time) time.Time {
	since := life.Sub(wednesday)
	if since > 0 {
		since = time.Duration(float64(since) / p.speed)
	}
	return p.start.Add(since)
}

// live lets each event of a life happen when its time comes, until ctx ends.
func live(ctx context.Context, life *apitest.Life, p pace) {
	for {
		select {
		case <-time.After(time.Until(p.clock(life.Next()))):
			life.Advance(p.life(time.Now()))
		case <-ctx.Done():
			return
		}
	}
}
