package history

import (
	"maps"
	"slices"
	"sync"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// Refusals are the items that one refresh or resync left out because they could
// not be trusted, each once however often it was met. The zero value is empty
// and ready to use.
type Refusals struct {
	mu            sync.Mutex
	byFingerprint map[uint64]apiclient.Refusal
}

func (r *Refusals) add(refusal apiclient.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byFingerprint == nil {
		r.byFingerprint = map[uint64]apiclient.Refusal{}
	}
	r.byFingerprint[refusal.Fingerprint] = refusal
}

// All returns the refusals, in no order.
func (r *Refusals) All() []apiclient.Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.byFingerprint))
}

// NotIn returns a refusal that the others do not have, if there is one.
func (r *Refusals) NotIn(others *Refusals) (apiclient.Refusal, bool) {
	for fingerprint, refusal := range r.byFingerprint {
		if _, known := others.byFingerprint[fingerprint]; !known {
			return refusal, true
		}
	}
	return apiclient.Refusal{}, false
}
