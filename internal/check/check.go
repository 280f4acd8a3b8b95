// Package check looks at the API once, as the exporter would, and reports what it
// finds: whether all is set up right, how the API's items are to be understood, and
// whether the exporter's count is the API's own.
package check

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/prometheus/common/version"
	"golang.org/x/sync/errgroup"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// Output says where a check writes, and how.
type Output struct {
	Report io.Writer
	JSON   bool  // else text
	Style  Style // of the text
	// Progress gets a bar; nil for none.
	Progress io.Writer
	// Now is the clock that runs are held against.
	Now func() time.Time
}

// Run checks every key and writes the report. ok is false where something must be
// put right. An error says why there is no report: ctx has ended, or it cannot be
// written.
func Run(ctx context.Context, keys []collector.Key, config collector.Config, out Output) (ok bool, err error) {
	c := newChecker(keys, config, out)
	defer c.exporter.Close()
	report, err := c.check(ctx)
	if err != nil {
		return false, err
	}
	if out.JSON {
		err = writeJSON(out.Report, report)
	} else {
		err = writeText(out.Report, report, out.Style)
	}
	return report.PutRight == 0, err
}

// checker is a check under way.
type checker struct {
	keys      []collector.Key
	config    collector.Config
	out       Output
	exporter  *collector.Exporter
	observers map[string]*observer
}

func newChecker(keys []collector.Key, config collector.Config, out Output) *checker {
	c := &checker{keys: keys, config: config, out: out, observers: map[string]*observer{}}
	for _, key := range keys {
		c.observers[key.Name] = newObserver(out.Now().Add(-config.Lookback))
	}
	// A second refresh may follow at once, and what is read is looked at however
	// long it took. The tests are tried apart, so that no request of theirs is taken
	// for one of the runs.
	config.MinInterval, config.MaxStaleness, config.Tests.Top = 0, math.MaxInt64, 0
	c.exporter = collector.New(keys, config, collector.WithClock(out.Now), collector.WithObserver(&collector.Observer{
		Attempt: func(key string, attempt apiclient.Attempt) { c.observers[key].attempt(attempt) },
		Page:    func(key string, page apiclient.ObservedPage) { c.observers[key].page(page) },
	}))
	return c
}

func (c *checker) check(ctx context.Context) (*Report, error) {
	stop := terminal.Show(c.out.Progress, c.bar)
	c.exporter.Refresh(ctx)
	stop()
	if ctx.Err() != nil {
		return nil, errors.New("interrupted before the runs were read")
	}
	facts := make([]*Facts, len(c.keys))
	for i, key := range c.keys {
		facts[i] = &Facts{}
		c.observers[key.Name].describe(facts[i])
	}
	c.describeHeld(facts)
	if err := c.count(facts); err != nil {
		return nil, err
	}
	c.refreshAgain(ctx, facts)
	c.readAnalytics(ctx, facts)
	if ctx.Err() != nil {
		return nil, errors.New("interrupted before all was read")
	}
	return c.report(facts), nil
}

// describeHeld adds what the exporter holds, or why it holds nothing.
func (c *checker) describeHeld(facts []*Facts) {
	i := 0
	c.exporter.Inspect(func(in *collector.Inspection) {
		f := facts[i]
		i++
		if in.Err != nil {
			f.Failure = newFailure(in.Err)
			return
		}
		f.describeHeld(in, &c.config)
		f.Project.Team = c.keys[i-1].Settings.Team
		f.Days.Days = ownDays(in, fullDays(c.out.Now(), c.config.Lookback))
	})
}

func newFailure(err error) *Failure {
	reason, advice := collector.Explain(err)
	return &Failure{Reason: reason, Error: printable(err.Error(), 400), Advice: advice}
}

// scrapeInterval is what requests a day are reckoned with.
const scrapeInterval = 30 * time.Second

// refreshAgain counts the requests of a refresh that finds the runs read.
func (c *checker) refreshAgain(ctx context.Context, facts []*Facts) {
	var readable []collector.Key
	for i, key := range c.keys {
		if facts[i].Failure == nil {
			readable = append(readable, key)
		}
	}
	c.exporter.SetKeys(readable) // another key would only fail once more
	before := make([]int, len(c.keys))
	for i, key := range c.keys {
		before[i] = c.observers[key.Name].requests()
	}
	c.exporter.Refresh(ctx)
	scrapes := int(day / max(scrapeInterval, c.config.MinInterval))
	resyncs := int(day / c.config.ResyncInterval)
	readings := 0
	if c.config.Tests.Top > 0 {
		readings = int(day / c.config.Tests.Interval)
	}
	failed := map[string]error{}
	for _, status := range c.exporter.Status() {
		failed[status.Key] = status.Err
	}
	for i, key := range c.keys {
		m := &facts[i].Metrics
		if err := failed[key.Name]; err != nil {
			m.RefreshError = printable(err.Error(), 400)
			continue
		}
		m.RequestsPerScrape = c.observers[key.Name].requests() - before[i]
		m.RequestsPerDay = scrapes*m.RequestsPerScrape + resyncs*facts[i].Runs.Pages + requestsForTests*readings
	}
}

// readAnalytics reads the API's own sums, and tries whether those of tests may be
// read. Their failures are none of the runs.
func (c *checker) readAnalytics(ctx context.Context, facts []*Facts) {
	var all errgroup.Group
	for i, key := range c.keys {
		if facts[i].Failure == nil {
			all.Go(func() error {
				c.readTests(ctx, key, &facts[i].Tests)
				c.readDays(ctx, key, &facts[i].Days)
				return nil
			})
		}
	}
	_ = all.Wait()
}

// What the tests cost: requests of one reading, and series at most.
const (
	requestsForTests = 2 // one for each of the two orders
	seriesOfTest     = 4 // by outcome, and when it ran last
	seriesForTests   = 3 // of the project and of the key
)

func (c *checker) readTests(ctx context.Context, key collector.Key, f *TestFacts) {
	if c.config.Tests.Top == 0 {
		return
	}
	f.Asked = true
	answer, err := key.Client.Session(c.observers[key.Name].attempt).TestCases(ctx, apiclient.TestCaseQuery{Days: c.config.Tests.Window.Days, Limit: 1})
	if err != nil {
		f.Error = printable(err.Error(), 400)
		return
	}
	f.Readable = true
	f.MostSeries = seriesForTests + seriesOfTest*2*c.config.Tests.Top
	if answer.Total.Known {
		f.Tests = &answer.Total.N
	}
}

func (c *checker) readDays(ctx context.Context, key collector.Key, f *DayFacts) {
	if len(f.Days) == 0 {
		return
	}
	// One more than the days of interest and today: nobody says where a day begins.
	answer, err := key.Client.Session(c.observers[key.Name].attempt).DailyRuns(ctx, apiclient.DailyRunsQuery{Days: maxDays + 2})
	if err != nil {
		f.Error = printable(err.Error(), 400)
		return
	}
	f.compare(answer)
}

func (c *checker) report(facts []*Facts) *Report {
	now := c.out.Now()
	r := &Report{
		Version: version.Version, Revision: version.GetRevision(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		CheckedAt: now.UTC().Truncate(time.Second), Lookback: spelled(c.config.Lookback),
	}
	for i, key := range c.keys {
		f := facts[i]
		f.API = c.observers[key.Name].apiFacts(key.Client)
		k := KeyReport{Key: key.Name, Facts: f, Findings: f.findings(now, &c.config)}
		r.PutRight += k.mustBePutRight()
		r.Keys = append(r.Keys, k)
	}
	return r
}
