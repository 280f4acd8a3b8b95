// Package config reads the command line, checks it, and makes of it what the
// other packages are configured with.
package config

import (
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// Config has the values of the command line, or of the environment where the
// command line is silent.
type Config struct {
	// Collector is complete once Validate has returned no error.
	Collector collector.Config
	// DroppedWindows are the default windows that are longer than the lookback.
	// Validate sets them.
	DroppedWindows []string

	// Listen says where to listen, and how to encrypt and authenticate.
	Listen        *web.FlagConfig
	TelemetryPath string
	// TimeoutOffset is how long before the scraper's timeout an answer is due.
	TimeoutOffset time.Duration
	// MaxRequests is the most scrapes at once; 0 is no limit.
	MaxRequests int

	file        string // the configuration file; empty is none
	api         apiFlags
	windowNames []string
	log         logFlags
}

// apiFlags say how the API is asked.
type apiFlags struct {
	url         string
	keyFiles    []string
	keyDirs     []string
	timeout     time.Duration
	concurrency int
	maxRate     float64
	userAgent   string
}

// logFlags say what is logged and how.
type logFlags struct{ level, format string }

// AddFlags adds all flags to an application. The Config has their values once
// the application has parsed its arguments. Each value is then right by itself;
// Validate looks at them together. The metrics may not be served at the taken
// paths.
func AddFlags(app *kingpin.Application, takenPaths []string) *Config {
	c := &Config{Collector: collector.DefaultConfig()}
	c.api.userAgent = version.ComponentUserAgent(app.Name)
	c.addAPI(app)
	c.addRuns(app)
	c.addTests(app)
	c.addScrape(app)
	c.addWeb(app, takenPaths)
	c.addLog(app)
	return c
}

func (c *Config) addAPI(app *kingpin.Application) {
	app.Flag("api.url", "Base URL of the API.").
		Default("https://api.empirical.run").StringVar(&c.api.url)
	app.Flag("api.key-file", "File with an API key, as [NAME=]PATH; NAME defaults to the file's name without extension. Repeatable. Read again when it changes. Without it the key is $"+KeyVariable+", named "+defaultKeyName+".").
		PlaceHolder("[NAME=]PATH").StringsVar(&c.api.keyFiles)
	app.Flag("api.key-dir", "Directory of key files, a project each, named like those of --api.key-file; names that begin with a dot are no keys. Repeatable. Files may appear and go.").
		PlaceHolder("PATH").StringsVar(&c.api.keyDirs)
	app.Flag("config.file", "File with projects and their settings, in place of --api.key-file and --api.key-dir; see deploy/CONFIG.md. Read again when it changes, on SIGHUP and on POST /-/reload.").
		PlaceHolder("PATH").StringVar(&c.file)
	set(app.Flag("api.timeout", "Timeout of one API request.").
		Default("30s"), &c.api.timeout, positiveDuration)
	set(app.Flag("api.concurrency", "API requests in flight at once, per key.").
		Default("8"), &c.api.concurrency, positiveInt)
	set(app.Flag("api.max-rate", "API requests a second, per key; 0 is no limit.").
		Default("20"), &c.api.maxRate, perSecond)
	set(app.Flag("api.duration-unit", "Unit of the API's durations: seconds, milliseconds, or auto, which finds out from the runs.").
		Default(collector.DefaultConfig().DurationUnit.String()), &c.Collector.DurationUnit, durationUnit)
}

func (c *Config) addRuns(app *kingpin.Application) {
	defaults := collector.DefaultConfig()
	set(app.Flag("runs.lookback", "How far back runs are read.").
		Default(durationText(defaults.Lookback)), &c.Collector.Lookback, positiveDuration)
	app.Flag("runs.window", "Window of the recent metrics, no longer than the lookback. Repeatable; naming any replaces the defaults, "+windowNames(defaults.Windows)+".").
		PlaceHolder(defaults.Windows[0].Name).StringsVar(&c.windowNames)
	set(app.Flag("runs.branch", "Anchored regular expression of the branches that keep their own series; all others are counted together under branch=\"other\".").
		Default(unanchored(defaults.Branches)), &c.Collector.Branches, anchoredRegexp)
	set(app.Flag("runs.max-groups", "Most groups (branch and environment) per project; past it the smallest are counted under branch=\"other\".").
		Default(strconv.Itoa(defaults.MaxGroups)), &c.Collector.MaxGroups, positiveInt)
	set(app.Flag("runs.keep-branch", "Anchored regular expression of the branches that --runs.max-groups folds last, whatever the number of their runs.").
		Default(unanchored(defaults.KeepBranches)), &c.Collector.KeepBranches, anchoredRegexp)
	set(app.Flag("runs.zero-hold", "How long a new group's counters are shown at 0 before their first increase; longer than a scrape interval or two.").
		Default(durationText(defaults.ZeroHold)), &c.Collector.ZeroHold, duration)
	set(app.Flag("runs.resync-interval", "How often the whole lookback is read again, for what changed late.").
		Default(durationText(defaults.ResyncInterval)), &c.Collector.ResyncInterval, positiveDuration)
}

func (c *Config) addTests(app *kingpin.Application) {
	defaults := collector.DefaultConfig().Tests
	set(app.Flag("tests.top", "How many tests with the highest fail rate, and with the highest flaky rate, are shown; 0 does not read them.").
		Default(strconv.Itoa(defaults.Top)), &c.Collector.Tests.Top, testCount)
	set(app.Flag("tests.window", "Window of the tests' metrics, whole days, 1 to 90.").
		Default(defaults.Window.Name), &c.Collector.Tests.Window, testWindow)
	set(app.Flag("tests.interval", "How often the tests are read, beside the runs.").
		Default(durationText(defaults.Interval)), &c.Collector.Tests.Interval, positiveDuration)
}

func (c *Config) addScrape(app *kingpin.Application) {
	defaults := collector.DefaultConfig()
	set(app.Flag("scrape.min-interval", "A scrape this soon after a refresh began is served from the snapshot.").
		Default(durationText(defaults.MinInterval)), &c.Collector.MinInterval, duration)
	set(app.Flag("scrape.max-staleness", "How old the last good snapshot may be and still be served; longer than --scrape.min-interval.").
		Default(durationText(defaults.MaxStaleness)), &c.Collector.MaxStaleness, positiveDuration)
	set(app.Flag("scrape.timeout-offset", "Taken off the scraper's own timeout.").
		Default("500ms"), &c.TimeoutOffset, duration)
}

func (c *Config) addWeb(app *kingpin.Application, takenPaths []string) {
	c.Listen = kingpinflag.AddFlags(app, ":10071")
	set(app.Flag("web.telemetry-path", "Path under which to expose metrics.").
		Default("/metrics"), &c.TelemetryPath, pathExcept(takenPaths))
	set(app.Flag("web.max-requests", "Most scrapes at once; 0 is no limit.").
		Default("40"), &c.MaxRequests, wholeNumber)
}

func (c *Config) addLog(app *kingpin.Application) {
	set(app.Flag("log.level", "Only log messages of this severity or above: debug, info, warn or error.").
		Default("info"), &c.log.level, oneOf("debug", "info", "warn", "error"))
	set(app.Flag("log.format", "Format of log messages: logfmt or json.").
		Default("logfmt"), &c.log.format, oneOf("logfmt", "json"))
}

// durationText writes a duration as flags take it.
func durationText(d time.Duration) string { return model.Duration(d).String() }

func windowNames(windows []collector.Window) string {
	names := make([]string, len(windows))
	for i, window := range windows {
		names[i] = window.Name
	}
	return strings.Join(names, " and ")
}
