package victoria

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/datasource"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/notifier"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert/templates"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vminsert/common"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmselect"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmselect/promql"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmselect/searchutil"
	"github.com/VictoriaMetrics/VictoriaMetrics/app/vmstorage"
	"github.com/VictoriaMetrics/VictoriaMetrics/lib/prompb"
)

// queryStep is vmalert's -datasource.queryStep: for so long a sample is current.
const queryStep = 5 * time.Minute

// patience is how long a query may take where other tests go first.
const patience = 10 * time.Minute

// storage is VictoriaMetrics' own. There is one in a process.
type storage struct {
	mu      sync.Mutex
	pending []prompb.TimeSeries // what has been written since the last flush
}

// startStorage starts an empty storage, which ends with the test.
func startStorage(t *testing.T) *storage {
	t.Helper()
	directory := t.TempDir()
	if err := flag.Set("storageDataPath", directory); err != nil {
		t.Fatal(err)
	}
	vmstorage.Init(4, time.Minute, promql.ResetRollupResultCacheIfNeeded)
	t.Cleanup(vmstorage.Stop)
	return &storage{}
}

// Push keeps what a rule has made, until the next flush.
func (s *storage) Push(series prompb.TimeSeries) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, series)
	return nil
}

// Close does nothing: the test ends the storage.
func (*storage) Close() error { return nil }

// flush makes what was pushed visible to queries.
func (s *storage) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	rows := common.GetInsertCtx()
	defer common.PutInsertCtx(rows)
	rows.Reset(len(s.pending))
	for _, series := range s.pending {
		rows.Labels = rows.Labels[:0]
		for _, label := range series.Labels {
			rows.AddLabel(label.Name, label.Value)
		}
		rows.TryPrepareLabels(false)
		var name []byte
		for _, sample := range series.Samples {
			var err error
			if name, err = rows.WriteDataPointExt(name, rows.Labels, sample.Timestamp, sample.Value); err != nil {
				return err
			}
		}
	}
	s.pending = s.pending[:0]
	if err := rows.FlushBufs(); err != nil {
		return err
	}
	vmstorage.DebugFlush()
	return nil
}

// BuildWithParams returns the storage itself: all rules ask it in the same way.
func (s *storage) BuildWithParams(datasource.QuerierParams) datasource.Querier { return s }

// Query answers a query as the API of VictoriaMetrics answers vmalert's.
func (*storage) Query(_ context.Context, query string, at time.Time) (datasource.Result, *http.Request, error) {
	results, err := promql.Exec(nil, &promql.EvalConfig{
		Start: at.UnixMilli(), End: at.UnixMilli(), Step: queryStep.Milliseconds(), MaxPointsPerSeries: 1000, RoundDigits: 100,
		Deadline: searchutil.NewDeadline(time.Now(), patience, ""), GetRequestURI: func() string { return query },
	}, query, true)
	if err != nil {
		return datasource.Result{}, nil, fmt.Errorf("%s: %w", query, err)
	}
	var answer datasource.Result
	for _, result := range results {
		if math.IsNaN(result.Values[0]) {
			continue
		}
		metric := datasource.Metric{Timestamps: []int64{at.Unix()}, Values: result.Values}
		if name := string(result.MetricName.MetricGroup); name != "" {
			metric.AddLabel("__name__", name)
		}
		for _, tag := range result.MetricName.Tags {
			metric.AddLabel(string(tag.Key), string(tag.Value))
		}
		answer.Data = append(answer.Data, metric)
	}
	return answer, nil, nil
}

// QueryRange is not needed: rules are not replayed.
func (*storage) QueryRange(context.Context, string, time.Time, time.Time) (datasource.Result, error) {
	return datasource.Result{}, errors.New("no range queries")
}

// TestMain starts what VictoriaMetrics' packages need once.
func TestMain(m *testing.M) {
	// Each flush needs a buffer of 8 MB: with Go's default it is collected each time.
	debug.SetGCPercent(400)
	os.Exit(runMain(m))
}

func runMain(m *testing.M) int {
	flag.Parse()
	directory, err := os.MkdirTemp("", "victoria")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	for name, value := range map[string]string{
		"storageDataPath": directory, "retentionPeriod": "100y", "futureRetention": "100y", "loggerLevel": "ERROR",
		"notifier.blackhole": "true", "disableAlertgroupLabel": "true",
	} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	if err := errors.Join(templates.Load(nil, url.URL{}), notifier.Init(nil, "")); err != nil {
		panic(err)
	}
	vmselect.Init(4, time.Minute)
	defer vmselect.Stop()
	return m.Run()
}
