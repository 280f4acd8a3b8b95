package proof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

const (
	// job is the name of the scrape job.
	job = "empirical_exporter"
	// instance and cluster are labels of the exporter in every series, of the past and of now.
	instance = "exporter"
	cluster  = "eu"
)

// Stack is the fake API, the exporter that reads it, and a Prometheus that scrapes the exporter and has its past.
type Stack struct {
	API        *FakeAPI
	Exporter   *testproc.Process
	Prometheus *Prometheus

	VictoriaMetrics *Prometheus // nil without one; it answers the same API
}

// Config says what a Stack is started with.
type Config struct {
	Directory string // for files; it may be removed once the stack is stopped
	Address   string // where Prometheus listens
	Past      Past
	Interval  time.Duration // between scrapes from now on
	Projects  int           // how many there are

	VictoriaMetrics bool // whether to start one beside Prometheus
}

// Start goes through the past and then starts everything. The more scrapes the past has, the longer it takes. The
// processes run until Stop, or until ctx ends.
func Start(ctx context.Context, config Config) (*Stack, error) {
	if _, err := testproc.Tool("prometheus"); err != nil {
		return nil, err // now, and not after the work
	}
	stack := &Stack{API: NewFakeAPI(config.Past, config.Projects)}
	if err := stack.start(ctx, config); err != nil {
		return nil, errors.Join(err, stack.Stop())
	}
	return stack, nil
}

func (s *Stack) start(ctx context.Context, config Config) error {
	program, err := testproc.BuildExporter(ctx, config.Directory)
	if err != nil {
		return err
	}
	past, err := s.API.replay(ctx, config.Past)
	if err != nil {
		return err
	}
	if err := past.write(ctx, filepath.Join(config.Directory, dataDirectory)); err != nil {
		return err
	}
	if config.VictoriaMetrics {
		if s.VictoriaMetrics, err = startVictoriaMetrics(ctx, config, past); err != nil {
			return err
		}
	}
	target, err := testproc.FreeAddress()
	if err != nil {
		return err
	}
	if s.Exporter, err = startExporter(ctx, program, target, s.API, config.Directory); err != nil {
		return err
	}
	s.Prometheus, err = startPrometheus(ctx, config, s.settings(config, target))
	return err
}

// startExporter runs the exporter with all keys of an API.
func startExporter(ctx context.Context, program, address string, api *FakeAPI, directory string) (*testproc.Process, error) {
	arguments := []string{"--web.listen-address=" + address, "--api.url=" + api.Server.URL, "--scrape.min-interval=1s", "--api.max-rate=0"}
	for name, key := range api.Keys {
		file := filepath.Join(directory, name+".key")
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			return nil, err
		}
		arguments = append(arguments, "--api.key-file="+name+"="+file)
	}
	return testproc.Start(exec.CommandContext(ctx, program, arguments...))
}

// Stop ends everything. An exporter that did not end in good order is an error, with the end of its log.
func (s *Stack) Stop() error {
	defer s.API.Server.Close()
	for _, server := range []*Prometheus{s.Prometheus, s.VictoriaMetrics} {
		if server != nil {
			server.Stop()
		}
	}
	if s.Exporter == nil {
		return nil
	}
	s.Exporter.Stop()
	code, err := s.Exporter.ExitCode(context.Background()) // it has ended, so nothing is waited for
	if err == nil && code != 0 {
		err = fmt.Errorf("the exporter ended with exit code %d:\n%s", code, s.Exporter.Tail())
	}
	return err
}
