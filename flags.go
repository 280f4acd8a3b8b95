package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// flags are the values of the command line, or of the environment where the
// command line is silent.
type flags struct {
	apiURL         string
	keyFiles       []string
	apiTimeout     time.Duration
	apiConcurrency int
	apiMaxRate     float64

	lookback       time.Duration
	windowNames    []string
	branches       *regexp.Regexp
	maxGroups      int
	zeroHold       time.Duration
	resyncInterval time.Duration

	minInterval   time.Duration
	maxStaleness  time.Duration
	timeoutOffset time.Duration

	web           *web.FlagConfig
	telemetryPath string
	maxRequests   int

	logLevel  string
	logFormat string

	// windows and dropped are what check makes of windowNames.
	windows []collector.Window
	dropped []string
}

// parseFlags reads each flag by itself; check then looks at them together. It
// ends the process after --help and --version.
func parseFlags(args []string) (*flags, error) {
	f := &flags{}
	_, err := f.app().Parse(args)
	var told *valueError
	if err != nil && !errors.As(err, &told) {
		err = fmt.Errorf("%w; see %s --help", err, program)
	}
	return f, err
}

func (f *flags) app() *kingpin.Application {
	app := kingpin.New(program, "Exposes the test runs of Empirical projects as Prometheus metrics.")
	app.DefaultEnvars()
	app.HelpFlag.Short('h')
	app.Version(version.Print(program)).VersionFlag.NoEnvar()
	app.HelpFlag.NoEnvar()
	app.UsageWriter(os.Stdout)
	f.addAPI(app)
	f.addRuns(app)
	f.addScrape(app)
	f.addWeb(app)
	f.addLog(app)
	return app
}

func (f *flags) addAPI(app *kingpin.Application) {
	app.Flag("api.url", "Base URL of the API.").
		Default("https://api.empirical.run").StringVar(&f.apiURL)
	app.Flag("api.key-file", "File with an API key, as [NAME=]PATH; NAME defaults to the file's name without extension. Repeatable. Read again when it changes. Without it the key is $"+keyVariable+", named "+keyVariableName+".").
		PlaceHolder("[NAME=]PATH").StringsVar(&f.keyFiles)
	set(app.Flag("api.timeout", "Time-out of one API request.").
		Default("30s"), &f.apiTimeout, positiveDuration)
	set(app.Flag("api.concurrency", "API requests in flight at once, per key.").
		Default("8"), &f.apiConcurrency, positiveInt)
	set(app.Flag("api.max-rate", "API requests a second, per key; 0 is no limit.").
		Default("20"), &f.apiMaxRate, perSecond)
}

func (f *flags) addRuns(app *kingpin.Application) {
	set(app.Flag("runs.lookback", "How far back runs are read.").
		Default("8d"), &f.lookback, positiveDuration)
	app.Flag("runs.window", "Window of the recent metrics, no longer than the lookback. Repeatable; naming any replaces the defaults, 1d and 7d.").
		PlaceHolder("1d").StringsVar(&f.windowNames)
	set(app.Flag("runs.branch", "Anchored regular expression of the branches that keep their own series; all others are counted together under branch=\"other\".").
		Default(".*"), &f.branches, anchoredRegexp)
	set(app.Flag("runs.max-groups", "Most groups (branch and environment) per project; past it the smallest are counted under branch=\"other\".").
		Default("200"), &f.maxGroups, positiveInt)
	set(app.Flag("runs.zero-hold", "How long a new group's counters are shown at 0 before their first increase; longer than a scrape interval or two.").
		Default("2m"), &f.zeroHold, duration)
	set(app.Flag("runs.resync-interval", "How often the whole lookback is read again, for what changed late.").
		Default("1h"), &f.resyncInterval, positiveDuration)
}

func (f *flags) addScrape(app *kingpin.Application) {
	set(app.Flag("scrape.min-interval", "A scrape this soon after a refresh began is served from the snapshot.").
		Default("10s"), &f.minInterval, duration)
	set(app.Flag("scrape.max-staleness", "How old the last good snapshot may be and still be served; longer than --scrape.min-interval.").
		Default("5m"), &f.maxStaleness, positiveDuration)
	set(app.Flag("scrape.timeout-offset", "Taken off the scraper's own time-out.").
		Default("500ms"), &f.timeoutOffset, duration)
}

func (f *flags) addWeb(app *kingpin.Application) {
	f.web = kingpinflag.AddFlags(app, ":10071")
	set(app.Flag("web.telemetry-path", "Path under which to expose metrics.").
		Default("/metrics"), &f.telemetryPath, telemetryPath)
	set(app.Flag("web.max-requests", "Most scrapes at once; 0 is no limit.").
		Default("40"), &f.maxRequests, wholeNumber)
}

func (f *flags) addLog(app *kingpin.Application) {
	set(app.Flag("log.level", "Only log messages of this severity or above: debug, info, warn or error.").
		Default("info"), &f.logLevel, oneOf("debug", "info", "warn", "error"))
	set(app.Flag("log.format", "Format of log messages: logfmt or json.").
		Default("logfmt"), &f.logFormat, oneOf("logfmt", "json"))
}

// config is what the flags mean to the collector.
func (f *flags) config() collector.Config {
	return collector.Config{
		Lookback:       f.lookback,
		Windows:        f.windows,
		Branches:       f.branches,
		MaxGroups:      f.maxGroups,
		ZeroHold:       f.zeroHold,
		ResyncInterval: f.resyncInterval,
		MinInterval:    f.minInterval,
		MaxStaleness:   f.maxStaleness,
	}
}
