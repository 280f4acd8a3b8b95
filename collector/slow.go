package collector

import (
	"fmt"
	"time"
)

// slowError says that a refresh took longer than its snapshot may be old: what it
// read is kept for the next one to build on, but not shown.
type slowError struct {
	took, most time.Duration // by the clock that staleness goes by
}

func (e *slowError) Error() string {
	return fmt.Sprintf("by this machine's clock it took %s; that is longer than a snapshot may be old (--scrape.max-staleness=%s), so what it read is not shown",
		e.took.Round(time.Millisecond), e.most)
}

const slowAdvice = "[the next refresh has less to read; if it is too slow as well, ]raise --scrape.max-staleness or --api.max-rate, or shorten --runs.lookback"

// checkFresh returns a *slowError where what a refresh read is too old to be
// shown by the time it has been read. A clock that was set meanwhile does that too.
func (t *tracker) checkFresh(readAt time.Time) error {
	if now := t.now(); !t.fresh(readAt, now) {
		return &slowError{took: now.Sub(readAt), most: t.config.MaxStaleness}
	}
	return nil
}
