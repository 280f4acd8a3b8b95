package testproc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Await waits until holds returns true. It fails when ctx ends before, and when
// the process does; the error then has the end of the output.
func (p *Process) Await(ctx context.Context, what string, holds func() bool) error {
	if err := poll(ctx, p.ended, holds); err != nil {
		return fmt.Errorf("waiting for %s: %s: %w; end of its output:\n%s", what, p.name(), err, p.Tail())
	}
	return nil
}

// AwaitOutput waits until the output matches an expression and returns the
// match and its groups.
func (p *Process) AwaitOutput(ctx context.Context, expression *regexp.Regexp) (groups []string, err error) {
	err = p.Await(ctx, "output like "+expression.String(), func() bool {
		groups = expression.FindStringSubmatch(p.Output())
		return groups != nil
	})
	return groups, err
}

// AwaitURL waits until the process answers a GET request with status 200.
func (p *Process) AwaitURL(ctx context.Context, url string) error {
	return p.Await(ctx, "200 from "+url, func() bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

var errEnded = errors.New("the process has ended")

// poll calls holds until it returns true. The pauses grow, so that a short wait
// is short and a long one costs little.
func poll(ctx context.Context, ended <-chan struct{}, holds func() bool) error {
	for pause := 5 * time.Millisecond; !holds(); pause = min(2*pause, 100*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-ended:
			if holds() { // its last words may be what is waited for
				return nil
			}
			return errEnded
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// FreeAddress returns an address of the loopback interface that nobody listens
// on. Its port is below those that systems give to outgoing connections. So no
// connection takes it before the server does, or while the server restarts.
func FreeAddress() (string, error) {
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(12000)))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		return address, listener.Close()
	}
	return "", errors.New("no port from 20000 to 31999 is free")
}
