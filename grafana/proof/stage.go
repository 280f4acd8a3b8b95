package proof

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Stage is all of it, running: the fake Empirical, the exporter as people run it, and a Prometheus that has seen the
// past and scrapes on.
type Stage struct {
	World      *World
	Exporter   *Process
	Prometheus *Prometheus
}

// Place says where all of it is.
type Place struct {
	Root      string // of the repository
	Directory string // for files, which may be removed when it has ended
	Address   string // where Prometheus listens
}

// Raise goes through the past, which takes the longer the more scrapes it has, and then starts everything.
func Raise(ctx context.Context, place Place, past Past, interval time.Duration) (*Stage, error) {
	for _, name := range []string{"prometheus", "promtool"} {
		if _, err := binary(place.Root, name); err != nil {
			return nil, err // now, and not after the work
		}
	}
	exporter, err := buildExporter(ctx, place)
	if err != nil {
		return nil, err
	}
	stage := &Stage{World: NewWorld(past)}
	if err := stage.World.Watch(ctx, past, place); err != nil {
		return nil, errors.Join(err, stage.Strike())
	}
	target, err := FreeAddress(ctx)
	if err != nil {
		return nil, errors.Join(err, stage.Strike())
	}
	stage.Exporter, err = startExporter(ctx, exporter, target, stage.World.API.URL, stage.World.Keys, place.Directory)
	if err != nil {
		return nil, errors.Join(err, stage.Strike())
	}
	stage.Prometheus, err = startPrometheus(ctx, place, target, interval, past.Step)
	if err != nil {
		return nil, errors.Join(err, stage.Strike())
	}
	return stage, nil
}

// Strike ends everything, and says what the exporter had to say when it ended too early.
func (s *Stage) Strike() error {
	var early error
	if s.Prometheus != nil {
		s.Prometheus.Stop()
	}
	if s.Exporter != nil {
		select {
		case <-s.Exporter.ended:
			early = fmt.Errorf("the exporter ended by itself:\n%s", s.Exporter.Log())
		default:
			s.Exporter.Stop()
		}
	}
	s.World.API.Close()
	return early
}
