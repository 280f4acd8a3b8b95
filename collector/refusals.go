package collector

import (
	"sync"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// refusals are the items that one refresh had to leave out, each once however
// often it was met.
type refusals struct {
	mu   sync.Mutex
	seen map[uint64]apiclient.Refusal // by mark
}

func newRefusals() *refusals { return &refusals{seen: map[uint64]apiclient.Refusal{}} }

func (r *refusals) add(refusal apiclient.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[refusal.Fingerprint] = refusal
}

// unknownTo returns a refusal that the others do not have, if there is one.
func (r *refusals) unknownTo(others *refusals) (apiclient.Refusal, bool) {
	for mark, refusal := range r.seen {
		if _, known := others.seen[mark]; !known {
			return refusal, true
		}
	}
	return apiclient.Refusal{}, false
}
