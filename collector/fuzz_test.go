package collector_test

import (
	"math/rand/v2"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// FuzzHistory lets projects live lives that the fuzzer chooses, behind an API
// that makes mistakes, and compares each scrape with the naive view of the
// same runs, for both kinds of items.
func FuzzHistory(f *testing.F) {
	for _, seed := range []string{"", "a life", "\x00\x00\x00\x00", "\xff\xfe\xfd\xfc\xfb\xfa", "0123456789abcdefghijklmnopqrstuvwxyz"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		h := newRandomHistory(t, rand.New(&chosen{choices, rand.NewPCG(uint64(len(choices)), 0)}))
		h.faulty = true
		h.live()
	})
}

// chosen makes choices of bytes, so that a change of one byte changes one
// choice, and goes on at random when they are used up.
type chosen struct {
	bytes []byte
	after *rand.PCG
}

// Uint64 implements rand.Source. Of what it returns small choices take the high bits.
func (c *chosen) Uint64() uint64 {
	if len(c.bytes) < 2 {
		return c.after.Uint64()
	}
	n := uint64(c.bytes[0])<<56 | uint64(c.bytes[1])<<48
	c.bytes = c.bytes[2:]
	return n
}

// disturb lets the API make a mistake or two that an exporter must see through.
func (h *randomHistory) disturb() (mend func()) {
	once := []apitest.Fault{
		apitest.Status(500, "oops"), apitest.Status(502, ""), apitest.Status(429, "slow down"), apitest.Reset(),
	}
	all := []apitest.Fault{
		apitest.NoPagination(), apitest.TotalPages(0), apitest.TotalPages(1), apitest.TotalPages(3), apitest.TotalPages(100),
		apitest.Total(0), apitest.Duplicates(), apitest.Shuffled(), apitest.Reversed(),
	}
	first, second, unanswered := h.rnd.IntN(2*len(all)), h.rnd.IntN(2*len(all)), h.rnd.IntN(2*len(once))
	var mends []func()
	for _, s := range h.stages {
		for _, fault := range []int{first, second} {
			if fault < len(all) {
				mends = append(mends, s.server.Inject(all[fault]))
			}
		}
		if unanswered < len(once) {
			mends = append(mends, s.server.InjectN(1+h.rnd.IntN(2), once[unanswered]))
		}
	}
	return func() {
		for _, mend := range mends {
			mend()
		}
	}
}
