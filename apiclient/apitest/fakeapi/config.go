package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
)

// config holds the values of the flags.
type config struct {
	address    string
	projects   []string
	keys       []string
	total      int
	keyDir     string
	configFile string
	seed       uint64
	runsPerDay float64
	history    time.Duration
	state      bool
	starts     bool
	unit       string
	skipped    bool
	speed      float64
	latency    time.Duration
	bulk       int
	bulkGroups int
}

// parse reads and checks the command line.
func parse(args []string) (*config, error) {
	c := &config{}
	history := model.Duration(8 * 24 * time.Hour)
	app := kingpin.New("fakeapi", "Empirical's API in memory, with believable projects that live in real time.")
	app.HelpFlag.Short('h')
	app.Flag("listen-address", "Address to listen on.").Default("127.0.0.1:10072").StringVar(&c.address)
	app.Flag("project", "Slug of a project. Repeatable.").Default("checkout").StringsVar(&c.projects)
	app.Flag("key", "API key of a project: the first --key opens the first --project, and so on.").
		Default("demo-key").StringsVar(&c.keys)
	app.Flag("projects", "How many projects there are in all; those that --project does not name have names and keys of their own. With many of them fewer --runs-per-day save memory.").
		Default("0").IntVar(&c.total)
	app.Flag("key-dir", "Write the keys into this directory, SLUG.key each, for the exporter's --api.key-dir.").StringVar(&c.keyDir)
	app.Flag("config-file", "Write a file with all projects and their teams, for the exporter's --config.file. Needs --key-dir.").StringVar(&c.configFile)
	app.Flag("seed", "Another seed makes other runs.").Default("1").Uint64Var(&c.seed)
	app.Flag("runs-per-day", "Runs of a project on an average day.").Default("1200").Float64Var(&c.runsPerDay)
	app.Flag("history", "How far back there are runs at the start, such as 8d.").Default("8d").SetValue(&history)
	app.Flag("state", "Items carry state, error_code and failed_count_after_snoozing.").Default("true").BoolVar(&c.state)
	app.Flag("starts", "Items carry run_started_at.").Default("true").BoolVar(&c.starts)
	app.Flag("duration-unit", "Unit of durations: seconds or milliseconds.").Default("seconds").EnumVar(&c.unit, "seconds", "milliseconds")
	app.Flag("skipped-in-total", "total_count includes skipped tests.").BoolVar(&c.skipped)
	app.Flag("speed", "How fast runs live from the start on: 60 is an hour a minute. Above 1 runs last longer than they have existed, so give the exporter their unit with --api.duration-unit.").Default("1").Float64Var(&c.speed)
	app.Flag("latency", "How long each request waits for its answer.").Default("0s").DurationVar(&c.latency)
	app.Flag("bulk", "For benchmarks: serve this many runs that do not change, in place of living projects.").
		Default("0").IntVar(&c.bulk)
	app.Flag("bulk-groups", "Pairs of a branch and an environment among the runs of --bulk.").Default("200").IntVar(&c.bulkGroups)
	if _, err := app.Parse(args); err != nil {
		return nil, fmt.Errorf("%w (--help lists the flags)", err)
	}
	c.history = time.Duration(history)
	if err := c.check(); err != nil {
		return nil, err
	}
	c.addProjects()
	return c, nil
}

// check returns an error for values that make no sense.
func (c *config) check() error {
	seen := map[string]bool{}
	for _, key := range c.keys {
		if key == "" || seen[key] {
			return fmt.Errorf("--key %q is empty or given twice: each project needs its own", key)
		}
		seen[key] = true
	}
	if err := c.checkProjects(); err != nil {
		return err
	}
	positive := func(x float64) bool { return x > 0 && !math.IsInf(x, 0) }
	switch {
	case !positive(c.runsPerDay):
		return errors.New("--runs-per-day must be above 0")
	case !positive(c.speed):
		return errors.New("--speed must be above 0")
	case c.history <= 0:
		return errors.New("--history must be above 0")
	case c.latency < 0:
		return errors.New("--latency must not be below 0")
	case c.bulk < 0 || c.bulkGroups < 1:
		return errors.New("--bulk must not be below 0, and --bulk-groups not below 1")
	}
	return nil
}

func (c *config) checkProjects() error {
	switch {
	case len(c.keys) != len(c.projects):
		return fmt.Errorf("%d times --project and %d times --key: give one key for each project", len(c.projects), len(c.keys))
	case c.total != 0 && c.total < len(c.projects):
		return fmt.Errorf("--projects=%d is fewer than the projects that --project names, which are %d", c.total, len(c.projects))
	case c.keyDir != "" && slices.ContainsFunc(c.projects, func(slug string) bool { return slug != filepath.Base(slug) || slug[0] == '.' }):
		return errors.New("--key-dir needs projects whose slugs can be the names of files")
	case c.configFile != "" && c.keyDir == "":
		return errors.New("--config-file needs --key-dir")
	}
	return nil
}
