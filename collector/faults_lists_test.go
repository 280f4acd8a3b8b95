package collector_test

import (
	"sync/atomic"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// listFaults are about lists that are not what they say, or move while they are read.
func listFaults() []fault {
	return []fault{
		{what: "leaves pagination out", inject: answers(apitest.NoPagination())},
		{what: "says total_pages 0", inject: answers(apitest.TotalPages(0))},
		{what: "says total_pages 1", inject: answers(apitest.TotalPages(1))},
		{what: "says total_pages -1", inject: answers(apitest.TotalPages(-1))},
		{what: "says total_pages 100000", inject: answers(apitest.TotalPages(100000))},
		{what: "says total 0", inject: answers(apitest.Total(0))},
		{what: "says total 1000000", inject: answers(apitest.Total(1000000))},
		{what: "sends text for pagination", inject: answers(apitest.EditBody(func(doc map[string]any) { doc["pagination"] = "none" }))},
		{
			what: "sends the first page for ever", inject: answers(apitest.SamePage()),
			reason: "response", says: "the same items", survivedWarm: true,
		},
		{what: "lists each run twice", inject: answers(apitest.Duplicates())},
		{what: "lists the runs of a page in no order", inject: answers(apitest.Shuffled())},
		{what: "lists the oldest run first", inject: answers(apitest.Reversed())},
		{what: "lists ids that go backwards", inject: backwards},
		{what: "creates runs between two pages", inject: between(1, createMany), settles: true},
		{what: "creates a run before every page", inject: between(1000, createOne), settles: true},
		{what: "deletes new runs between two pages", inject: between(1, deleteNewest), settles: true},
		{what: "deletes old runs between two pages", inject: between(1, deleteOldest), settles: true},
		{what: "ends runs between two requests", inject: between(1, endActive), settles: true},
		{what: "deletes an active run", inject: func(tr *trial) func() {
			deleteActive(tr)
			return func() {}
		}},
		{what: "answers a look-up of a deleted run with an empty list", inject: func(tr *trial) func() {
			tr.api.SetUnknownID(apitest.EmptyList)
			deleteActive(tr)
			return func() { tr.api.SetUnknownID(apitest.NotFound) }
		}},
		{what: "ends all active runs at once, some of them long ago created", inject: func(tr *trial) func() {
			endActive(tr)
			return func() {}
		}},
	}
}

// between lets something happen when the first n answers of the key are computed
// and not yet sent.
func between(n int64, happens func(*trial)) func(*trial) func() {
	return func(tr *trial) func() {
		var answers atomic.Int64
		mine := tr.mine()
		tr.api.OnResponse(func(r apitest.Request) {
			if mine(r) && answers.Add(1) <= n {
				happens(tr)
			}
		})
		return func() { tr.api.OnResponse(nil) }
	}
}

func createOne(tr *trial) {
	tr.project().Add(apitest.Run{State: "queued", Branch: new("main"), EnvironmentSlug: new("production")})
}

func createMany(tr *trial) {
	for range 130 {
		createOne(tr)
	}
}

func deleteNewest(tr *trial) {
	for _, r := range tr.project().Runs()[:40] {
		tr.project().Delete(r.ID)
	}
}

func deleteOldest(tr *trial) {
	runs := tr.project().Runs()
	for _, r := range runs[len(runs)-40:] {
		tr.project().Delete(r.ID)
	}
}

func endActive(tr *trial) {
	for _, r := range tr.project().Runs() {
		if outcomeOf(r) == "" {
			tr.project().Update(r.ID, endFailed)
		}
	}
}

func deleteActive(tr *trial) {
	for _, r := range tr.project().Runs() {
		if r.State == "queued" || r.State == "started" {
			tr.project().Delete(r.ID)
		}
	}
}

// backwards gives newer runs lower ids.
func backwards(tr *trial) func() {
	for i := range 5 {
		tr.project().Add(apitest.Run{
			ID: int64(3000 - i), State: "ended", Branch: new("main"),
			CreatedAt: tr.apiClock.Now().Add(time.Duration(i-10) * time.Second),
		})
	}
	return func() {}
}
