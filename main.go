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

// run returns the exit code: 0 after a signal, 1 after an error.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)

	cfg, keys, err := configure(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: error: %s\n", program, oneLine(err))
		return 1
	}
	loggers := cfg.Loggers(os.Stderr)
	if err := serve(ctx, cfg, keys, loggers); err != nil {
		_ = level.Error(loggers.Exporter).Log("msg", "cannot serve", "err", oneLine(err))
		return 1
	}
	return 0
}

// newApp returns the command line and what it fills in when it is parsed.
func newApp() (*kingpin.Application, *config.Config) {
	app := kingpin.New(program, "Exposes the test runs of Empirical projects as Prometheus metrics.")
	app.DefaultEnvars()
	app.HelpFlag.Short('h')
	app.Version(version.Print(program)).VersionFlag.NoEnvar()
	app.HelpFlag.NoEnvar()
	app.UsageWriter(os.Stdout)
	return app, config.AddFlags(app, web.TakenPaths())
}

// configure reads the command line and the environment, and checks all that can
// be checked before the exporter listens. After --help and --version it ends the
// process.
func configure(args []string) (*config.Config, []collector.Key, error) {
	app, cfg := newApp()
	if _, err := app.Parse(args); err != nil {
		if _, ok := errors.AsType[*config.ValueError](err); !ok {
			err = fmt.Errorf("%w; see %s --help", err, program)
		}
		return nil, nil, err
	}
	if err := cfg.Validate(); err != nil {
		return nil, nil, err
	}
	keys, err := cfg.Keys(os.Getenv(config.KeyVariable))
	return cfg, keys, err
}

// serve serves metrics until ctx ends.
func serve(ctx context.Context, cfg *config.Config, keys []collector.Key, loggers *config.Loggers) error {
	logger := loggers.Exporter
	logStart(logger, cfg)
	exporter := collector.New(keys, cfg.Collector, collector.WithLogger(logger))
	defer exporter.Close()
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
