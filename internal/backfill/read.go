package backfill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"golang.org/x/sync/errgroup"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
	"github.com/empirical-exporter/empirical_exporter/internal/terminal"
)

// project is a project whose past is written.
type project struct {
	key     collector.Key
	slug    string // as a label value
	past    *collector.Past
	runs    int    // that have been read
	refused string // what has been left out; empty where nothing was
	series  map[history.GroupKey]*groupSeries

	oldest     time.Time     // creation of the oldest run that was read; zero without runs
	longestGap time.Duration // between the creations of two runs, one after the other
}

// longestWait is how long a reading waits where the API asks for it and gives no
// runs in between: far longer than a scrape could, but not until somebody wonders.
const longestWait = time.Hour

// read reads the runs of all keys, all at once. The first that fails ends it.
func (b *backfill) read(ctx context.Context, keys []collector.Key) error {
	progress := &reading{}
	defer terminal.Show(b.streams.Progress, progress.text)()
	b.projects = make([]*project, len(keys))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, key := range keys {
		group.Go(func() (err error) {
			defer key.Client.CloseIdle()
			if b.projects[i], err = b.readProject(groupCtx, key, progress); err != nil {
				return failed(key, err)
			}
			return nil
		})
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return errors.New("interrupted before the runs were read")
	}
	if err != nil {
		return err
	}
	return b.checkProjects()
}

// failed says why a key could not be read, and what to do.
func failed(key collector.Key, err error) error {
	_, advice := collector.Explain(err)
	if _, ok := errors.AsType[*apiclient.RateLimitError](err); ok {
		err = fmt.Errorf("%w, and %s is the longest wait; start again then", err, model.Duration(longestWait))
	}
	return fmt.Errorf("key %q: %w; %s", key.Name, err, advice)
}

// readProject reads the runs of one key as an exporter does at its start.
func (b *backfill) readProject(ctx context.Context, key collector.Key, progress *reading) (*project, error) {
	held := history.New(history.Config{Lookback: b.now.Sub(b.first) + b.config.Lookback, Unit: b.config.DurationUnit})
	source := history.Source{
		Session: progress.session(key, b.streams), Now: b.now,
		CheckProject: func(string) error { return nil }, Refused: &history.Refusals{},
	}
	batch, err := held.Refresh(ctx, source)
	if err != nil {
		return nil, err
	}
	held.Apply(batch)
	past := held.Past(b.config.Lookback)
	p := &project{
		key: key, slug: history.LabelValue(held.Info().Project.Slug), runs: held.Count(b.now),
		past:   collector.NewPast(past, key.Settings, b.config),
		series: map[history.GroupKey]*groupSeries{},
	}
	p.oldest, p.longestGap = past.Created()
	if example, some := source.Refused.NotIn(&history.Refusals{}); some {
		p.refused = fmt.Sprintf("%s runs left out because they cannot be trusted; of run %d %s",
			terminal.Number(len(source.Refused.All())), example.ID, example.Detail)
	}
	return p, nil
}

// checkProjects refuses two keys of one project: both would write the same series.
func (b *backfill) checkProjects() error {
	owners := map[string]string{}
	for _, p := range b.projects {
		if first, taken := owners[p.slug]; taken {
			return fmt.Errorf("the keys %q and %q are both of the project %q; take one of them away, or put a key of another project there", first, p.key.Name, p.slug)
		}
		owners[p.slug] = p.key.Name
	}
	return nil
}

// session starts a session that says how far the reading is.
func (r *reading) session(key collector.Key, streams Streams) *apiclient.Session {
	options := []apiclient.SessionOption{
		apiclient.OnRetry(func(again apiclient.Retrying) {
			_, advice := collector.Explain(again.Err)
			streams.say(fmt.Sprintf("key %q: requests fail and are sent again until %s UTC: %v; %s", key.Name, again.Until.UTC().Format(time.TimeOnly), again.Err, advice))
		}),
		apiclient.LongWaits(longestWait, func(wait apiclient.Waiting) {
			streams.say(fmt.Sprintf("key %q: %v; it asks to wait, and the reading goes on at %s UTC", key.Name, wait.Err, wait.Until.UTC().Format(time.TimeOnly)))
		}),
	}
	if streams.Progress == nil {
		return key.Client.Session(nil, options...)
	}
	lists := r.addKey()
	return key.Client.Session(nil, append(options, apiclient.ObservePages(func(page apiclient.ObservedPage) { r.add(lists, page) }))...)
}
