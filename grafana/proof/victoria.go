package proof

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// startVictoriaMetrics starts a server with the storage of the past, which gets from Prometheus what that scrapes and
// makes of its rules. A sample counts as current for a step of the past, as in startPrometheus.
func startVictoriaMetrics(ctx context.Context, config Config, past *backfill) (*Prometheus, error) {
	program, err := testproc.Tool("victoria-metrics")
	if err != nil {
		return nil, err
	}
	address, err := testproc.FreeAddress()
	if err != nil {
		return nil, err
	}
	process, err := testproc.Start(exec.CommandContext(ctx, program,
		"-httpListenAddr="+address, "-storageDataPath="+filepath.Join(config.Directory, "victoria"), "-retentionPeriod=100d",
		"-search.latencyOffset=1s", "-search.minStalenessInterval="+config.Past.Step.String(), "-search.maxStalenessInterval="+config.Past.Step.String()))
	if err != nil {
		return nil, err
	}
	server := &Prometheus{Process: process, URL: "http://" + address}
	if err := process.AwaitURL(ctx, server.URL+"/health"); err != nil {
		return server, err
	}
	return server, past.send(ctx, server.URL+"/api/v1/import")
}

// send sends all that was kept to VictoriaMetrics, a line of JSON for each series.
func (b *backfill) send(ctx context.Context, url string) error {
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(b.writeLines(writer)) }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, reader)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("send the past: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("send the past: VictoriaMetrics answers %s", response.Status)
	}
	return nil
}

// line is a series as VictoriaMetrics imports it.
type line struct {
	Metric     map[string]string `json:"metric"`
	Values     []float64         `json:"values"`
	Timestamps []int64           `json:"timestamps"`
}

func (b *backfill) writeLines(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	for _, series := range b.series {
		one := line{Metric: map[string]string{}}
		series.labels.Range(func(label labels.Label) { one.Metric[label.Name] = label.Value })
		for _, chunk := range series.chunks {
			samples := chunk.Chunk.Iterator(nil)
			for samples.Next() != chunkenc.ValNone {
				at, value := samples.At()
				one.Timestamps, one.Values = append(one.Timestamps, at), append(one.Values, value)
			}
		}
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
