package budget

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// patience is how long a refresh or a query may take where other tests go first.
const patience = 10 * time.Minute

// world is an API with projects in which runs come and end, an exporter that reads
// them, and a Prometheus that scrapes it. All go by one clock.
type world struct {
	api        *apitest.Server
	exporter   *collector.Exporter
	prometheus *prometheus
	now        atomic.Int64 // milliseconds since 1970
	agenda     []event      // what is to happen, in its order

	series map[string]*scraped // by their names and labels
	round  int                 // how many scrapes there were
}

// scraped is a series that the exporter shows.
type scraped struct {
	ref    storage.SeriesRef
	labels labels.Labels
	round  int // of the last scrape that had it
}

// event is something that happens in a world at a time.
type event struct {
	at time.Time
	do func()
}

// newWorld makes a world with these projects and starts its exporter.
func newWorld(t *testing.T, start time.Time, projects ...project) *world {
	t.Helper()
	w := &world{prometheus: newPrometheus(t), series: map[string]*scraped{}}
	w.now.Store(start.UnixMilli())
	w.api = apitest.NewServer(apitest.WithClock(w.clock))
	t.Cleanup(w.api.Close)
	var keys []collector.Key
	for _, p := range projects {
		secret := "key-of-" + p.name
		made := w.api.AddProject(p.name, secret)
		made.AddAll(p.past)
		for _, run := range p.runs() {
			w.agenda = append(w.agenda, run.events(made)...)
		}
		client, err := apiclient.New(w.api.URL, apiclient.KeyText(secret, "the noise budget"), apiclient.WithMaxRate(0), apiclient.WithClock(&apitest.SkippingClock{}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.CloseIdle)
		keys = append(keys, collector.Key{Name: p.name, Client: client})
	}
	w.sort()
	config := collector.DefaultConfig()
	config.Tests.Top = 0 // no alert is on a single test
	config.DurationUnit = history.Seconds
	config.ResyncInterval = 24 * time.Hour // nothing moves in these lists
	w.exporter = collector.New(keys, config, collector.WithClock(w.clock))
	t.Cleanup(w.exporter.Close)
	return w
}

func (w *world) clock() time.Time { return time.UnixMilli(w.now.Load()).UTC() }

// plan puts one more event on the agenda.
func (w *world) plan(e event) {
	w.agenda = append(w.agenda, e)
	w.sort()
}

func (w *world) sort() {
	slices.SortStableFunc(w.agenda, func(a, b event) int { return a.at.Compare(b.at) })
}

// advance lets happen what happens until a time.
func (w *world) advance(to time.Time) {
	for len(w.agenda) > 0 && !w.agenda[0].at.After(to) {
		w.now.Store(w.agenda[0].at.UnixMilli())
		w.agenda[0].do()
		w.agenda = w.agenda[1:]
	}
	w.now.Store(to.UnixMilli())
}

// scrape lets the exporter refresh, and stores what it then shows.
func (w *world) scrape(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	w.exporter.Refresh(ctx)
	if ctx.Err() != nil {
		t.Fatal("the refresh does not end")
	}
	families, done, err := w.exporter.Gather()
	defer done()
	if err != nil {
		t.Fatal(err)
	}
	w.round++
	appender := w.prometheus.db.Appender(t.Context())
	if err := w.store(appender, "up", nil, 1); err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if !w.prometheus.reads(family.GetName()) {
			continue
		}
		for _, metric := range family.Metric {
			value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
			if err := w.store(appender, family.GetName(), metric.Label, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.markStale(appender); err != nil {
		t.Fatal(err)
	}
	if err := appender.Commit(); err != nil {
		t.Fatal(err)
	}
}

// store stores a sample.
func (w *world) store(appender storage.Appender, name string, pairs []*dto.LabelPair, sample float64) (err error) {
	var key strings.Builder
	key.WriteString(name)
	for _, pair := range pairs {
		key.WriteByte(0)
		key.WriteString(pair.GetName())
		key.WriteByte(0)
		key.WriteString(pair.GetValue())
	}
	s := w.series[key.String()]
	if s == nil {
		builder := labels.NewBuilder(labels.FromStrings("__name__", name, "job", "empirical_exporter", "instance", "a:10071"))
		for _, pair := range pairs {
			builder.Set(pair.GetName(), pair.GetValue())
		}
		s = &scraped{labels: builder.Labels()}
		w.series[key.String()] = s
	}
	s.round = w.round
	s.ref, err = appender.Append(s.ref, s.labels, w.now.Load(), sample)
	return err
}

// markStale ends the series that the last scrape no longer had, as Prometheus does.
func (w *world) markStale(appender storage.Appender) error {
	for key, s := range w.series {
		if s.round == w.round {
			continue
		}
		delete(w.series, key)
		if _, err := appender.Append(s.ref, s.labels, w.now.Load(), math.Float64frombits(value.StaleNaN)); err != nil {
			return err
		}
	}
	return nil
}
