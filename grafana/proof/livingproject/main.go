// Command livingproject runs a Prometheus to look at the dashboards with: it has watched believable projects for
// weeks, through the exporter, and goes on watching them.
//
// It is run in the repository, and needs the Prometheus that `make tools` builds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/grafana/proof"
)

func main() {
	address := flag.String("prometheus", "127.0.0.1:9090", "where Prometheus listens")
	watched := flag.Duration("watched", 15*24*time.Hour, "how far back Prometheus has seen the projects")
	step := flag.Duration("step", 10*time.Minute, "between two scrapes of the past")
	projects := flag.Int("projects", 2, "how many projects there are")
	interval := flag.Duration("interval", 15*time.Second, "between two scrapes from now on")
	flag.Parse()
	if err := run(proof.Config{Address: *address, Projects: *projects, Interval: *interval}, *watched, *step); err != nil {
		fmt.Fprintf(os.Stderr, "livingproject: %v\n", err)
		os.Exit(1)
	}
}

func run(config proof.Config, watched, step time.Duration) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger := log.NewLogfmtLogger(os.Stdout)
	directory, err := os.MkdirTemp("", "livingproject")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()

	now := time.Now()
	_ = logger.Log("msg", "replaying the past", "watched", watched)
	// The processes outlive the signal, so that Stop can end them in order.
	config.Directory, config.Past = directory, proof.Past{From: now.Add(-watched), To: now, Step: step}
	stack, err := proof.Start(context.WithoutCancel(ctx), config)
	if err != nil {
		return err
	}
	if err := stack.Prometheus.AwaitResult(ctx, "up == 1"); err != nil {
		return errors.Join(err, stack.Stop())
	}
	_ = logger.Log("msg", "Prometheus has the past, and scrapes on", "url", stack.Prometheus.URL)
	next := time.NewTicker(config.Interval)
	defer next.Stop()
	for {
		select {
		case <-next.C:
			stack.API.Advance()
		case <-ctx.Done():
			return stack.Stop()
		}
	}
}
