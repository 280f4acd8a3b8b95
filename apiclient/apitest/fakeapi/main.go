// Command fakeapi serves Empirical's API from memory, with believable projects
// that live in real time, for demos and for trying dashboards and alerts.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
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
	server, err := apitest.Listen(apitest.WithAddress(config.address))
	if err != nil {
		return err
	}
	defer server.Close()
	server.SetState(config.state)
	server.SetLatency(config.latency)

	start := time.Now()
	var lives sync.WaitGroup
	defer lives.Wait()
	for i, slug := range config.projects {
		project := server.AddProject(slug, config.keys[i])
		if config.bulk > 0 {
			project.AddAll(apitest.Bulk(config.seed, config.bulk, config.bulkGroups, start.Add(-config.history), start))
		} else {
			generator := apitest.Generator{Seed: config.seed + uint64(i), RunsPerDay: config.runsPerDay}
			life := generator.Live(project, start.Add(-config.history))
			life.Advance(start)
			lives.Go(func() { live(ctx, life, pace{start: start, speed: config.speed}) })
		}
		fmt.Fprintf(out, "project %s, key %s: %d runs of the last %s\n", slug, config.keys[i], project.Len(), model.Duration(config.history))
	}
	fmt.Fprintf(out, "items carry state: %t\nlistening on %s\n", config.state, server.URL)
	fmt.Fprintf(out, "try: curl -H 'Authorization: Bearer %s' %s/api/test-runs\n", config.keys[0], server.URL)
	<-ctx.Done()
	return nil
}
