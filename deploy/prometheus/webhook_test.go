package prometheus_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// webhook receives what Alertmanager sends, and remembers the firing alerts of
// each receiver.
type webhook struct {
	server *httptest.Server
	t      *testing.T

	mu     sync.Mutex
	firing map[string]map[string]notice // by receiver and labels
	ever   map[string]bool              // labels of every alert that has fired
}

// notice is an alert as a receiver gets it.
type notice struct {
	Status              string
	Labels, Annotations map[string]string
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	w := &webhook{t: t, firing: map[string]map[string]notice{}, ever: map[string]bool{}}
	w.server = httptest.NewServer(w)
	t.Cleanup(w.server.Close)
	return w
}

// ServeHTTP takes a message. The path is the name of the receiver.
func (w *webhook) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var message struct{ Alerts []notice }
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		w.t.Errorf("message of Alertmanager: %v", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	receiver := strings.TrimPrefix(r.URL.Path, "/")
	if w.firing[receiver] == nil {
		w.firing[receiver] = map[string]notice{}
	}
	for _, alert := range message.Alerts {
		key := text(alert.Labels)
		if alert.Status == "resolved" {
			delete(w.firing[receiver], key)
			continue
		}
		w.firing[receiver][key] = alert
		w.ever[key] = true
	}
}

// at returns the firing alerts of a receiver.
func (w *webhook) at(receiver string) map[string]notice {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.firing[receiver])
}

// everFired returns the labels of every alert that has fired at any receiver.
func (w *webhook) everFired() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.ever))
}

// text returns labels as one text, sorted by name.
func text(labels map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, name+"="+labels[name])
	}
	return strings.Join(parts, " ")
}
