// Command empirical_exporter exposes the test runs of Empirical projects as
// Prometheus metrics.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/empirical-exporter/empirical_exporter/collector"
)

// program is the exporter's name on the command line and in its build info.
const program = "empirical_exporter"

func main() {
	settleVersion()
	saveMemory()
	os.Exit(run(os.Args[1:]))
}

// run returns the exit code: 0 after a signal, 1 where something must be put
// right first.
func run(args []string) int {
	stop, ignore := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer ignore()
	// A second signal ends the process at once.
	context.AfterFunc(stop, ignore)

	flags, keys, err := configure(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: error: %s\n", program, oneLine(err))
		return 1
	}
	logs := newLogs(os.Stderr, flags.logLevel, flags.logFormat)
	if err := export(stop, flags, keys, logs); err != nil {
		_ = level.Error(logs.own).Log("msg", "cannot serve", "err", oneLine(err))
		return 1
	}
	return 0
}

// configure reads the command line and the environment and checks all that can
// be checked before anything is listened on.
func configure(args []string) (*flags, []collector.Key, error) {
	flags, err := parseFlags(args)
	if err != nil {
		return nil, nil, err
	}
	if err := flags.check(); err != nil {
		return nil, nil, err
	}
	sources, err := keySources(flags.keyFiles, os.Getenv(keyVariable))
	if err != nil {
		return nil, nil, err
	}
	keys, err := openKeys(sources, flags)
	if err != nil {
		return nil, nil, err
	}
	return flags, keys, nil
}

// export serves metrics until stop ends.
func export(stop context.Context, flags *flags, keys []collector.Key, logs *logs) error {
	logStart(logs.own, flags)
	exporter := collector.New(keys, flags.config(), collector.WithLogger(logs.own))
	defer exporter.Close()
	// The first scrape should find the runs read, or at least on their way.
	go exporter.Refresh(stop)

	server := newServer(newHandler(exporter, flags, logs.own), logs.own)
	return serve(stop, server, shutdownGrace, logs.own, func() error {
		return withAdvice(web.ListenAndServe(server, flags.web, logs.toolkit))
	})
}

// withAdvice says what to do about an address that cannot be listened on.
func withAdvice(err error) error {
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "listen" {
		return fmt.Errorf("%w; free the address or name another with --web.listen-address", err)
	}
	return err
}

func logStart(logger log.Logger, flags *flags) {
	_ = level.Info(logger).Log("msg", "starting "+program, "version", version.Info(), "build_context", version.BuildContext())
	for _, name := range flags.dropped {
		_ = level.Info(logger).Log("msg", "default window left out because it is longer than the lookback", "window", name, "lookback", flags.lookback)
	}
}

// oneLine joins the lines of an error: those of a YAML parser come in several.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
