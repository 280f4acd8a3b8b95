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
		{what: "is given a new key beside the old one, in mid-flight", inject: func(tb *testbed) func() {
			tb.project.secrets = append(tb.project.secrets, "s3cret-new")
			tb.project.AddKey("s3cret-new")
			restore := after(tb, 1, func() { tb.writeKey(tb.project, "s3cret-new") })
			return func() { restore(); tb.project.SetKey("s3cret-new"); tb.writeKey(tb.project, "s3cret-new") }
		}},
		{what: "revokes the key before the new one is in its file", inject: func(tb *testbed) func() {
			tb.project.secrets = append(tb.project.secrets, "s3cret-new")
			tb.project.SetKey("s3cret-new")
			return func() { tb.writeKey(tb.project, "s3cret-new") }
		}, reason: "unauthorized", says: "401 Unauthorized.*read again at the next refresh"},
		{what: "revokes the key in mid-flight", coldOnly: true, inject: func(tb *testbed) func() {
			tb.project.secrets = append(tb.project.secrets, "s3cret-new")
			restore := after(tb, 1, func() { tb.project.SetKey("s3cret-new") })
			return func() { restore(); tb.writeKey(tb.project, "s3cret-new") }
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
		{what: "(scrapers hang up while the runs are read)", inject: func(tb *testbed) func() {
			tb.api.SetLatency(20 * time.Millisecond)
			for range 3 {
				tb.scrapeWithin(time.Millisecond)
			}
			return func() { tb.api.SetLatency(0) }
		}},
		{what: "carries state where it did not, or no longer", inject: func(tb *testbed) func() {
			turn(tb)
			return func() { turn(tb) }
		}},
		{what: "begins or ceases to carry state in mid-flight", coldOnly: true, inject: func(tb *testbed) func() {
			restore := after(tb, 1, func() { tb.api.SetState(tb.byList) })
			return func() { restore(); tb.api.SetState(!tb.byList) }
		}},
		{what: "renames the project", inject: func(tb *testbed) func() {
			tb.project.SetSlug("renamed")
			return func() {}
		}},
		{what: "renames the project in mid-flight", coldOnly: true, inject: func(tb *testbed) func() {
			answers := int64(1)
			if tb.byList {
				answers = 2 // the first only shows that items carry no state
			}
			return after(tb, answers, func() { tb.project.SetSlug("renamed") })
		}, reason: "response", says: `data.project.slug: became`},
	}
}

// after lets something happen once the n-th answer to the key is computed,
// before it is sent.
func after(tb *testbed, n int64, happens func()) (restore func()) {
	var answers atomic.Int64
	mine := tb.mine()
	tb.api.OnResponse(func(r apitest.Request) {
		if mine(r) && answers.Add(1) == n {
			happens()
		}
	})
	return func() { tb.api.OnResponse(nil) }
}

// keyFile spoils the key's file.
func keyFile(spoil func(path string) error) func(*testbed) func() {
	return func(tb *testbed) func() {
		if err := spoil(tb.project.file); err != nil {
			tb.Fatal(err)
		}
		return func() { tb.writeKey(tb.project, tb.project.secrets[0]) }
	}
}

// jumps sets the exporter's clock, not the API's, and sets it back.
func jumps(d time.Duration) func(*testbed) func() {
	return func(tb *testbed) func() {
		tb.skew.Add(int64(d))
		return func() { tb.skew.Add(int64(-d)) }
	}
}

// turn makes items carry state, or not, from now on.
func turn(tb *testbed) {
	tb.api.SetState(tb.byList)
	tb.byList = !tb.byList
}
