package prometheus_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"
)

// server is the address of a Prometheus or an Alertmanager.
type server string

// series is one result of a query: labels, and points of time and value.
type series struct {
	Metric map[string]string
	Value  point
	Values []point
}

type point struct{ at, value float64 }

// UnmarshalJSON reads a point, which is a pair in Prometheus' API.
func (p *point) UnmarshalJSON(text []byte) error {
	var value string
	if err := json.Unmarshal(text, &[2]any{&p.at, &value}); err != nil {
		return err
	}
	var err error
	p.value, err = strconv.ParseFloat(value, 64)
	return err
}

func (s server) query(t *testing.T, expr string) []series {
	t.Helper()
	var answer struct {
		Data struct{ Result []series }
	}
	s.get(t, "/api/v1/query?query="+url.QueryEscape(expr), &answer)
	return answer.Data.Result
}

// holds reports whether an expression has a result.
func (s server) holds(t *testing.T, expr string) bool {
	t.Helper()
	return len(s.query(t, expr)) > 0
}

func (s server) get(t *testing.T, path string, into any) {
	t.Helper()
	response, err := http.Get("http://" + string(s) + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s%s: %s", s, path, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("%s%s: %v", s, path, err)
	}
}
