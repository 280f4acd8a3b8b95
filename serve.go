package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// shutdownGrace is how long scrapes in flight may take to end.
const shutdownGrace = 10 * time.Second

// serve listens until stop ends, then gives scrapes in flight some grace.
func serve(stop context.Context, server *http.Server, grace time.Duration, logger log.Logger, listen func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- listen() }()
	select {
	case err := <-ended:
		return err
	case <-stop.Done():
	}
	_ = level.Info(logger).Log("msg", "stopping; scrapes in flight may end", "within", grace)
	shutDown(server, grace, logger)
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func shutDown(server *http.Server, grace time.Duration, logger log.Logger) {
	within, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		_ = level.Warn(logger).Log("msg", "scrapes in flight are cut off", "err", err)
		_ = server.Close() // what it could not close, the end of the process does
	}
}
