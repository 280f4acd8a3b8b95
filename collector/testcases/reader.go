package testcases

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-kit/log"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// Reader reads the tests of one key's project and keeps the last good reading. It
// is safe for concurrent use.
type Reader struct {
	config Config
	logger log.Logger

	mu      sync.Mutex
	reading bool      // one is under way
	began   time.Time // when the last one began
	asked   string    // the project that it is of
	failed  bool      // the last one that ended did
	refused bool      // the last good one left something out
	good    reading   // the last good one
}

// reading is what was read of the tests of a project.
type reading struct {
	project string
	at      time.Time // when it began
	tests   []Test
	total   apiclient.Count
}

// View is what may be shown at one moment.
type View struct {
	// Up reports whether the last reading worked, and is fresh enough to be shown.
	Up bool
	// Fresh reports whether Tests and Total may be shown.
	Fresh bool
	// ReadAt is when the last good reading began; zero where there was none.
	ReadAt time.Time
	// Window is the name of the window that the executions are of.
	Window string
	Tests  []Test
	// Total is how many tests the project has.
	Total apiclient.Count
}

// New returns a reader that has read nothing. The logger is expected to name the key.
func New(config Config, logger log.Logger) *Reader {
	return &Reader{config: config, logger: logger}
}

// Begin reports whether a reading of a project is due, and notes that it begins.
// Read must follow.
func (r *Reader) Begin(now time.Time, project string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.config.Top == 0 || r.reading || (project == r.asked && !due(r.began, now, r.config.Interval)) {
		return false
	}
	r.reading, r.began, r.asked = true, now, project
	return true
}

// due reports whether an interval has passed since then. A clock that was set
// back must not put it off.
func due(then, now time.Time, interval time.Duration) bool {
	return then.IsZero() || now.Before(then) || now.Sub(then) >= interval
}

// Read reads the tests of the project that Begin was called for. A reading that
// fails leaves the last good one as it was. One that ends because ctx does counts
// nowhere.
func (r *Reader) Read(ctx context.Context, session *apiclient.Session) {
	tests, total, refused, err := r.read(ctx, session)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reading = false
	if ctx.Err() != nil {
		return
	}
	r.log(err, refused)
	r.failed = err != nil
	if err == nil {
		r.good = reading{project: r.asked, at: r.began, tests: tests, total: total}
		r.refused = len(refused) > 0
	}
}

// read asks for the two lists.
func (r *Reader) read(ctx context.Context, session *apiclient.Session) (tests []Test, total apiclient.Count, refused []apiclient.RefusedEntry, err error) {
	var lists [][]Test
	for _, by := range []apiclient.TestCaseOrder{apiclient.ByFailRate, apiclient.ByFlakyRate} {
		answer, err := session.TestCases(ctx, apiclient.TestCaseQuery{Days: r.config.Window.Days, OrderBy: by, Limit: r.config.Top})
		if err == nil {
			err = checkRefused(answer)
		}
		if err != nil {
			return nil, apiclient.Count{}, nil, err
		}
		lists = append(lists, top(answer.Cases, by, r.config.Top))
		refused = append(refused, answer.Refused...)
		total = answer.Total
	}
	return union(lists...), total, refused, nil
}

// checkRefused returns an error where more entries were refused than taken: then
// the answer is wrong, not the entries.
func checkRefused(answer *apiclient.TestCases) error {
	refused, all := len(answer.Refused), len(answer.Refused)+len(answer.Cases)
	if refused <= len(answer.Cases) {
		return nil
	}
	first := answer.Refused[0]
	return &apiclient.ResponseError{Where: first.Where, Err: fmt.Errorf("%s; %d of %d entries cannot be trusted", first.Detail, refused, all)}
}

// View returns what may be shown of a project at a moment; nil where no tests are
// read at all.
func (r *Reader) View(now time.Time, project string) *View {
	if r.config.Top == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// What was read in the future was read before the clock was set back, nobody
	// knows how long ago.
	fresh := !r.good.at.IsZero() && r.good.project == project && now.Sub(r.good.at).Abs() <= r.config.maxAge()
	return &View{
		Up: fresh && !r.failed, Fresh: fresh, ReadAt: r.good.at,
		Window: r.config.Window.Name, Tests: r.good.tests, Total: r.good.total,
	}
}
