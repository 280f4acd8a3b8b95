package collector_test

import (
	"os"
	"sync/atomic"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// changeFaults are about what does not stay as it was: keys, clocks, items, projects.
func changeFaults() []fault {
	return []fault{
		{what: "is given a new key beside the old one, in mid-flight", inject: func(tr *trial) func() {
			tr.secrets = append(tr.secrets, "s3cret-new")
			tr.project().AddKey("s3cret-new")
			restore := after(tr, 1, func() { tr.writeKey(tr.keyFile, "s3cret-new") })
			return func() { restore(); tr.project().SetKey("s3cret-new"); tr.writeKey(tr.keyFile, "s3cret-new") }
		}},
		{what: "revokes the key before the new one is in its file", inject: func(tr *trial) func() {
			tr.secrets = append(tr.secrets, "s3cret-new")
			tr.project().SetKey("s3cret-new")
			return func() { tr.writeKey(tr.keyFile, "s3cret-new") }
		}, reason: "unauthorized", says: "401 Unauthorized.*read again at the next refresh"},
		{what: "revokes the key in mid-flight", coldOnly: true, inject: func(tr *trial) func() {
			tr.secrets = append(tr.secrets, "s3cret-new")
			restore := after(tr, 1, func() { tr.project().SetKey("s3cret-new") })
			return func() { restore(); tr.writeKey(tr.keyFile, "s3cret-new") }
		}, reason: "unauthorized", says: "401 Unauthorized"},
		{
			what: "(the key file is gone)", inject: keyFile(os.Remove),
			reason: "unauthorized", says: "key: no such file or directory; name a file",
		},
		{
			what: "(the key file is empty)", inject: keyFile(func(path string) error { return os.WriteFile(path, nil, 0o600) }),
			reason: "unauthorized", says: "key: empty; put the key",
		},
		{what: "(the key file has two lines)", inject: keyFile(func(path string) error {
			return os.WriteFile(path, []byte("s3cret-of-0\ns3cret-of-1\n"), 0o600)
		}), reason: "unauthorized", says: "key: white space"},
		{what: "(the exporter's clock jumps an hour back)", inject: jumps(-time.Hour)},
		{what: "(the exporter's clock jumps two hours ahead)", inject: jumps(2 * time.Hour)},
		{what: "(the exporter's clock jumps a month ahead)", inject: jumps(30 * day)},
		{what: "carries state where it did not, or no longer", inject: func(tr *trial) func() {
			turn(tr)
			return func() { turn(tr) }
		}},
		{what: "begins or ceases to carry state in mid-flight", coldOnly: true, inject: func(tr *trial) func() {
			restore := after(tr, 1, func() { tr.api.SetState(tr.kind.stateless) })
			return func() { restore(); tr.api.SetState(!tr.kind.stateless) }
		}},
		{what: "renames the project", inject: func(tr *trial) func() {
			tr.project().SetSlug("renamed")
			return func() {}
		}},
		{what: "renames the project in mid-flight", coldOnly: true, inject: func(tr *trial) func() {
			answers := int64(1)
			if tr.kind.stateless {
				answers = 2 // the first only shows that items carry no state
			}
			return after(tr, answers, func() { tr.project().SetSlug("renamed") })
		}, reason: "response", says: `data.project.slug: became`},
	}
}

// after lets something happen once the n-th answer to the key is computed,
// before it is sent.
func after(tr *trial, n int64, happens func()) (restore func()) {
	var answers atomic.Int64
	mine := tr.mine()
	tr.api.OnResponse(func(r apitest.Request) {
		if mine(r) && answers.Add(1) == n {
			happens()
		}
	})
	return func() { tr.api.OnResponse(nil) }
}

// keyFile spoils the key's file.
func keyFile(spoil func(path string) error) func(*trial) func() {
	return func(tr *trial) func() {
		if err := spoil(tr.keyFile); err != nil {
			tr.Fatal(err)
		}
		return func() { tr.writeKey(tr.keyFile, tr.secrets[tr.faulty]) }
	}
}

// jumps sets the exporter's clock, not the API's, and sets it back.
func jumps(d time.Duration) func(*trial) func() {
	return func(tr *trial) func() {
		tr.clock.advance(d)
		return func() { tr.clock.advance(-d) }
	}
}

// turn makes items carry state, or not, from now on.
func turn(tr *trial) {
	tr.api.SetState(tr.kind.stateless)
	tr.kind.stateless = !tr.kind.stateless
}
