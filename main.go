// Command empirical_exporter exposes the test runs of Empirical projects as
// Prometheus metrics.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"
	toolkit "github.com/prometheus/exporter-toolkit/web"

	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/backfill"
	"github.com/empirical-exporter/empirical_exporter/internal/check"
	"github.com/empirical-exporter/empirical_exporter/internal/config"
	"github.com/empirical-exporter/empirical_exporter/internal/web"
)

// program is the exporter's name on the command line and in its build info.
const program = "empirical_exporter"

// gcPercent is how much the heap may grow over what is live before garbage is
// collected. Nearly all that is live is the history, which changes little and
// makes little garbage. So half of Go's default costs next to no CPU time and
// saves a quarter of the memory.
const gcPercent = 50

func main() {
	setVersion()
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(os.Args[1:]))
}

// run returns the exit code: 0 after a signal or a good check, 1 after an error or
// a check that found something to put right.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)

	line := newCommandLine()
	command, err := line.parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: error: %s\n", program, oneLine(err))
		return 1
	}
	return command(ctx)
}

// commandLine is the command line, and what it fills in when it is parsed.
type commandLine struct {
	app *kingpin.Application
	cfg *config.Config
	// commands prepare what a command does, by its name. An error is one of the
	// configuration.
	commands map[string]func() (command, error)

	checkFormat string
	backfill    *config.Backfill
}

// command does the work of a command and returns the exit code.
type command func(context.Context) int

// newCommandLine returns the command line. All flags of the configuration are
// known to each command, so that what starts the exporter also starts a check.
func newCommandLine() *commandLine {
	app := kingpin.New(program, "Exposes the test runs of Empirical projects as Prometheus metrics.")
	app.DefaultEnvars()
	app.HelpFlag.Short('h')
	app.Version(version.Print(program)).VersionFlag.NoEnvar()
	app.HelpFlag.NoEnvar()
	app.UsageWriter(os.Stdout)
	l := &commandLine{app: app, cfg: config.AddFlags(app, web.TakenPaths()), commands: map[string]func() (command, error){}}

	serveCommand := app.Command("serve", "Serve metrics until a signal comes. This happens where no command is given.").Default()
	l.commands[serveCommand.FullCommand()] = l.prepareServe

	checkCommand := app.Command("check", "Read the runs of each key once and report how the API and the configuration do. Ends with 0, or with 1 where something must be put right. Flags that concern serving (--web.*, --scrape.*) have no effect.")
	checkCommand.Flag("format", "Format of the report: text, or json for a bug report.").Default("text").EnumVar(&l.checkFormat, "text", "json")
	l.commands[checkCommand.FullCommand()] = l.prepareCheck

	backfillCommand := app.Command("backfill", "Write the past of the gauges of runs as OpenMetrics, as an exporter that ran then would have exposed them, for a storage that imports it; see deploy/BACKFILL.md. Ends with 0, or with 1 and without a file where something went wrong. Flags that concern serving (--web.*, --scrape.*) have no effect.")
	l.backfill = config.AddBackfillFlags(backfillCommand)
	l.commands[backfillCommand.FullCommand()] = l.prepareBackfill
	return l
}

// parse reads the command line and the environment, and checks all that can be
// checked before the command begins. After --help and --version it ends the
// process.
func (l *commandLine) parse(args []string) (command, error) {
	name, err := l.app.Parse(args)
	if err != nil {
		if _, ok := errors.AsType[*config.ValueError](err); !ok {
			err = fmt.Errorf("%w; see %s --help", err, program)
		}
		return nil, err
	}
	if err := l.cfg.Validate(); err != nil {
		return nil, err
	}
	return l.commands[name]()
}

func (l *commandLine) prepareServe() (command, error) {
	if err := l.cfg.ValidateServing(); err != nil {
		return nil, err
	}
	projects, err := l.cfg.Projects(os.Getenv(config.KeyVariable))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) int {
		loggers := l.cfg.Loggers(os.Stderr)
		if err := serve(ctx, l.cfg, projects, loggers); err != nil {
			_ = level.Error(loggers.Exporter).Log("msg", "cannot serve", "err", oneLine(err))
			return 1
		}
		return 0
	}, nil
}

func (l *commandLine) prepareCheck() (command, error) {
	keys, err := l.cfg.Keys(os.Getenv(config.KeyVariable))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) int {
		ok, err := check.Run(ctx, keys, l.cfg.Collector, check.ToStreams(os.Stdout, os.Stderr, os.Getenv, l.checkFormat == "json"))
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: error: %s\n", program, oneLine(err))
		}
		if err != nil || !ok {
			return 1
		}
		return 0
	}, nil
}

func (l *commandLine) prepareBackfill() (command, error) {
	keys, err := l.cfg.Keys(os.Getenv(config.KeyVariable))
	if err != nil {
		return nil, err
	}
	plan, err := l.backfill.Plan(keys)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) int {
		// A terminal that is closed must leave no half output.
		ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
		if err := backfill.Run(ctx, keys, l.cfg.Collector, plan, backfill.ToStreams(os.Stdout, os.Stderr, os.Getenv)); err != nil {
			fmt.Fprintf(os.Stderr, "%s: error: %s\n", program, oneLine(err))
			return 1
		}
		return 0
	}, nil
}

// serve serves metrics until ctx ends.
func serve(ctx context.Context, cfg *config.Config, projects *config.Projects, loggers *config.Loggers) error {
	logger := loggers.Exporter
	logStart(logger, cfg)
	exporter := &followingExporter{collector.New(projects.Keys(), cfg.Collector, collector.WithLogger(logger)), projects}
	defer exporter.Close()
	projects.Follow(exporter, logger)
	defer exporter.reloadOnHangup()()
	// The first scrape should find the runs read, or at least on their way.
	go exporter.Refresh(ctx)

	handler := web.NewHandler(exporter, web.Config{
		Program:       program,
		TelemetryPath: cfg.TelemetryPath,
		TimeoutOffset: cfg.TimeoutOffset,
		MaxRequests:   cfg.MaxRequests,
	}, logger)
	return web.Serve(ctx, handler, logger, func(server *http.Server) error {
		return toolkit.ListenAndServe(server, cfg.Listen, loggers.Toolkit)
	})
}

// followingExporter is an exporter whose keys follow the files that have them.
type followingExporter struct {
	*collector.Exporter

	projects *config.Projects
}

// Refresh looks for changes of the files, then refreshes.
func (e *followingExporter) Refresh(ctx context.Context) {
	e.projects.Check()
	e.Exporter.Refresh(ctx)
}

// Reload reads the configuration file again.
func (e *followingExporter) Reload() error { return e.projects.Reload() }

// reloadOnHangup reloads at each SIGHUP until stop is called. Without a
// configuration file the signal does nothing.
func (e *followingExporter) reloadOnHangup() (stop func()) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		for range hangups {
			_ = e.Reload() // it is logged
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
	}
}

func logStart(logger log.Logger, cfg *config.Config) {
	_ = level.Info(logger).Log("msg", "starting "+program, "version", version.Info(), "build_context", version.BuildContext())
	for _, name := range cfg.DroppedWindows {
		_ = level.Info(logger).Log("msg", "default window left out because it is longer than the lookback", "window", name, "lookback", cfg.Collector.Lookback)
	}
}

// oneLine joins the lines of an error: those of a YAML parser come in several.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// setVersion takes the version from the module where the build sets none, as
// with go install.
func setVersion() {
	if version.Version != "" {
		return
	}
	version.Version = "unknown"
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		version.Version = strings.TrimPrefix(build.Main.Version, "v")
	}
}
