// Command fakeapi serves Empirical's API from memory, with believable projects
// that live in real time, for demos and for trying dashboards and alerts.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/common/model"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest/synth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakeapi:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	config, err := parse(args)
	if err != nil {
		return err
	}
	server := apitest.NewUnstartedServer(apitest.WithAddress(config.address))
	defer server.Close()
	server.SetState(config.state)
	server.SetLatency(config.latency)

	pace := pace{start: time.Now(), speed: config.speed}
	var lives []*synth.Life
	var served strings.Builder
	for i, slug := range config.projects {
		project := server.AddProject(slug, config.keys[i])
		if life := fill(project, config, config.seed+uint64(i), pace); life != nil {
			lives = append(lives, life)
		}
		fmt.Fprintf(&served, "project %s, key %s: %d runs of the last %s\n",
			slug, config.keys[i], project.Len(), model.Duration(config.history))
	}
	if err := errors.Join(config.writeKeys(), config.writeConfig()); err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	fmt.Fprintf(&served, "items carry state: %t\n", config.state)
	fmt.Fprintf(&served, "try: curl -H 'Authorization: Bearer %s' %s/api/test-runs\n", config.keys[0], server.URL)
	fmt.Fprintf(&served, "listening on %s\n", server.URL)
	if _, err := io.WriteString(out, served.String()); err != nil {
		return err
	}

	var living sync.WaitGroup
	for _, life := range lives {
		living.Go(func() { live(ctx, life, pace) })
	}
	living.Wait()
	<-ctx.Done()
	return nil
}

// fill gives a project its history and returns its life, which goes on; nil for
// the runs of --bulk, which do not change.
func fill(project *apitest.Project, config *config, seed uint64, pace pace) *synth.Life {
	if config.bulk > 0 {
		project.AddAll(synth.Bulk(seed, config.bulk, config.bulkGroups, pace.start.Add(-config.history), pace.start))
		return nil
	}
	life := synth.New(project, wednesday.Add(-config.history), synth.Options{
		Seed: seed, RunsPerDay: config.runsPerDay,
		NoStarts: !config.starts, Milliseconds: config.unit == "milliseconds", SkippedInTotal: config.skipped,
	})
	life.SetCreatedAt(pace.clock)
	life.Advance(wednesday)
	return life
}

// wednesday is the moment of every life at which the command starts, so that a
// demo shows a working day at any hour, and the same runs on any date.
var wednesday = time.Date(2026, time.January, 7, 10, 0, 0, 0, time.UTC)

// pace converts between the clock and the moments of a life. A life is as fast as
// the clock until the command starts, and speed times as fast after that.
type pace struct {
	start time.Time // by the clock; wednesday in the life
	speed float64
}

// life returns the moment of the life for a time of the clock, not before start.
func (p pace) life(clock time.Time) time.Time {
	return wednesday.Add(time.Duration(float64(clock.Sub(p.start)) * p.speed))
}

// clock returns the time of the clock for a moment of the life.
func (p pace) clock(life time.Time) time.Time {
	since := life.Sub(wednesday)
	if since > 0 {
		since = time.Duration(float64(since) / p.speed)
	}
	return p.start.Add(since)
}

// live advances a life to each of its events in time, until ctx ends.
func live(ctx context.Context, life *synth.Life, p pace) {
	for {
		select {
		case <-time.After(time.Until(p.clock(life.Next()))):
			life.Advance(p.life(time.Now()))
		case <-ctx.Done():
			return
		}
	}
}
