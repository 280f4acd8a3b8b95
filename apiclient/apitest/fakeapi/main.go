// Command fakeapi serves Empirical's API from memory, with believable projects
// that live in real time, for demos and for trying dashboards and alerts.
package main

import (
	"context"
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
	var lives []*apitest.Life
	var served strings.Builder
	for i, slug := range config.projects {
		project := server.AddProject(slug, config.keys[i])
		if life := fill(project, config, config.seed+uint64(i), pace); life != nil {
			lives = append(lives, life)
		}
		fmt.Fprintf(&served, "project %s, key %s: %d runs of the last %s\n",
			slug, config.keys[i], project.Len(), model.Duration(config.history))
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

// fill gives a project its history, and returns how it goes on, if it does.
func fill(project *apitest.Project, config *config, seed uint64, pace pace) *apitest.Life {
	if config.bulk > 0 {
		project.AddAll(apitest.Bulk(seed, config.bulk, config.bulkGroups, pace.start.Add(-config.history), pace.start))
		return nil
	}
	life := apitest.Generator{Seed: seed, RunsPerDay: config.runsPerDay}.Live(project, wednesday.Add(-config.history))
	life.Stamp(pace.clock)
	life.Advance(wednesday)
	return life
}
