package web

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
)

// shutdownTimeout is how long scrapes in flight may take to end.
const shutdownTimeout = 10 * time.Second

// Serve serves a handler until ctx ends, then lets scrapes in flight end.
// listen is called once. It is to serve with the given server and to return
// what that returns.
func Serve(ctx context.Context, handler http.Handler, logger log.Logger, listen func(*http.Server) error) error {
	server := newServer(handler, logger)
	return serve(ctx, server, shutdownTimeout, logger, func() error { return listen(server) })
}

// newServer bounds what a client can hold up. There is no ReadTimeout: it would
// end the context of a scrape that still waits for a refresh.
func newServer(handler http.Handler, logger log.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		// Longer than any sensible scrape interval, so that connections are reused.
		IdleTimeout:    5 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       stdlog.New(serverLog{logger}, "", 0),
	}
}

func serve(ctx context.Context, server *http.Server, timeout time.Duration, logger log.Logger, listen func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- listen() }()
	select {
	case err := <-ended:
		return withAdvice(err)
	case <-ctx.Done():
	}
	_ = level.Info(logger).Log("msg", "stopping; scrapes in flight may end", "within", timeout)
	shutDown(server, timeout, logger)
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return withAdvice(err)
	}
	return nil
}

// shutDown has a context of its own: that of serve has ended.
func shutDown(server *http.Server, timeout time.Duration, logger log.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = level.Warn(logger).Log("msg", "scrapes in flight are cut off", "err", err)
		_ = server.Close() // what it cannot close, the end of the process does
	}
}

// withAdvice says what to do where an address cannot be listened on.
func withAdvice(err error) error {
	if network, ok := errors.AsType[*net.OpError](err); ok && network.Op == "listen" {
		return fmt.Errorf("%w; free the address or name another with --web.listen-address", err)
	}
	return err
}
