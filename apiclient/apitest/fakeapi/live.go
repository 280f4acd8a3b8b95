package main

import (
	"context"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// pace tells how a life goes by against the clock: alike up to start, so many
// times as fast after it.
type pace struct {
	start time.Time
	speed float64
}

// life is the moment of the life at a time of the clock.
func (p pace) life(clock time.Time) time.Time {
	return p.start.Add(time.Duration(float64(clock.Sub(p.start)) * p.speed))
}

// clock is the time of the clock at a moment of the life.
func (p pace) clock(life time.Time) time.Time {
	if life.Before(p.start) {
		return life
	}
	return p.start.Add(time.Duration(float64(life.Sub(p.start)) / p.speed))
}

// live lets each event of a life happen when its time comes, until ctx ends.
func live(ctx context.Context, life *apitest.Life, p pace) {
	life.Stamp(p.clock)
	for {
		select {
		case <-time.After(time.Until(p.clock(life.Next()))):
			life.Advance(p.life(time.Now()))
		case <-ctx.Done():
			return
		}
	}
}
