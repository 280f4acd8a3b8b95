package collector_test

import (
	"sync/atomic"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// listFaults are about lists that are not what they say, or move while they are read.
func listFaults() []fault {
	return []fault{
		{what: "leaves pagination out", inject: answersWithNews(apitest.NoPagination())},
		{what: "says total_pages 0", inject: answersWithNews(apitest.TotalPages(0))},
		{what: "says total_pages 1", inject: answersWithNews(apitest.TotalPages(1))},
		{what: "says total_pages -1", inject: answersWithNews(apitest.TotalPages(-1))},
		{what: "says total_pages 100000", inject: answersWithNews(apitest.TotalPages(100000))},
		{what: "says total 0", inject: answersWithNews(apitest.Total(0))},
		{what: "says total 1000000", inject: answersWithNews(apitest.Total(1000000))},
		{what: "sends text for pagination", inject: answersWithNews(apitest.EditBody(func(doc map[string]any) { doc["pagination"] = "none" }))},
		{
			what: "sends the first page for ever", inject: answers(apitest.SamePage()),
			reason: "response", says: "the same items", survivedWarm: true,
		},
		{what: "lists each run twice", inject: answersWithNews(apitest.Duplicates())},
		{what: "lists the runs of a page in no order", inject: answersWithNews(apitest.Shuffled())},
		{what: "lists the oldest run first", inject: answersWithNews(apitest.Reversed())},
		{what: "lists ids that go backwards", inject: backwards},
		{what: "creates runs between two pages", inject: between(1, createMany), late: true},
		{what: "creates a run before every page", inject: between(1000, createOne), late: true},
		{what: "deletes new runs between two pages", inject: between(1, deleteNewest), late: true},
		{what: "deletes old runs between two pages", inject: between(1, deleteOldest), late: true},
		{what: "ends runs between two requests", inject: between(1, endActive), late: true},
		{what: "gives no more than 50 runs on a page", inject: answersWithNews(apitest.CapPerPage(50))},
		{what: "gives no more than 7 runs on a page and deletes runs between two pages", inject: func(tb *testbed) func() {
			uncap, settle := tb.inject(apitest.CapPerPage(7)), between(1, deleteNewest)(tb)
			return func() { uncap(); settle() }
		}, late: true},
		{what: "deletes a run before every page", inject: between(1000, deleteOne), late: true},
		{what: "deletes a run and lists an older one before every page", inject: between(1000, func(tb *testbed) {
			deleteOne(tb)
			tb.project.Add(apitest.Run{State: "ended", Branch: new("main"), CreatedAt: newTestClock().Now().Add(-7 * day)})
		}), late: true},
		{what: "moves runs to other lists before every page, snoozed ones to and fro", inject: between(1000, changeLists), late: true},
		{what: "deletes an active run", inject: func(tb *testbed) func() {
			deleteActive(tb)
			return func() {}
		}},
		{what: "answers a look-up of a deleted run with an empty list", inject: func(tb *testbed) func() {
			tb.api.SetUnknownID(apitest.EmptyList)
			deleteActive(tb)
			return func() { tb.api.SetUnknownID(apitest.NotFound) }
		}},
		{what: "ends all active runs at once, some of them long ago created", inject: func(tb *testbed) func() {
			endActive(tb)
			return func() {}
		}},
	}
}

// answersWithNews also lets more happen than one page holds, so that a warm
// refresh has several pages to read.
func answersWithNews(f apitest.Fault) func(*testbed) func() {
	return func(tb *testbed) func() {
		tb.addNew(150)
		endActive(tb)
		return tb.inject(f)
	}
}

// between lets something happen when the first n answers of the key are computed
// and not yet sent.
func between(n int64, happens func(*testbed)) func(*testbed) func() {
	return func(tb *testbed) func() {
		var answers atomic.Int64
		mine := tb.mine()
		tb.api.OnResponse(func(r apitest.Request) {
			if mine(r) && answers.Add(1) <= n {
				happens(tb)
			}
		})
		return func() { tb.api.OnResponse(nil) }
	}
}

func createOne(tb *testbed) {
	tb.project.Add(apitest.Run{State: "queued", Branch: new("main"), EnvironmentSlug: new("production")})
}

func createMany(tb *testbed) {
	for range 130 {
		createOne(tb)
	}
}

func deleteNewest(tb *testbed) {
	for _, r := range tb.project.Runs()[:40] {
		tb.project.Delete(r.ID)
	}
}

// deleteOne deletes the newest run that has finished.
func deleteOne(tb *testbed) {
	for _, r := range tb.project.Runs() {
		if outcomeOf(r) != "" {
			tb.project.Delete(r.ID)
			return
		}
	}
}

// changeLists moves two runs on, snoozes the failures of a run, and ends the
// snooze of another.
func changeLists(tb *testbed) {
	createOne(tb)
	moved := map[string]bool{}
	for _, r := range tb.project.Runs() {
		from := r.State + outcomeOf(r)
		if moved[from] {
			continue
		}
		moved[from] = true
		tb.project.Update(r.ID, func(r *apitest.Run) {
			switch {
			case r.State == "queued":
				r.State = "started"
			case r.State == "started":
				endFailed(r)
			case outcomeOf(*r) == "failed":
				r.FailedCountAfterSnoozing = new(int64(0))
			case r.State == "ended":
				r.FailedCountAfterSnoozing, r.FailedCount = nil, new(int64(1))
			}
		})
	}
}

func deleteOldest(tb *testbed) {
	runs := tb.project.Runs()
	for _, r := range runs[len(runs)-40:] {
		tb.project.Delete(r.ID)
	}
}

func endActive(tb *testbed) {
	for _, r := range tb.project.Runs() {
		if outcomeOf(r) == "" {
			tb.project.Update(r.ID, endFailed)
		}
	}
}

func deleteActive(tb *testbed) {
	for _, r := range tb.project.Runs() {
		if r.State == "queued" || r.State == "started" {
			tb.project.Delete(r.ID)
		}
	}
}

// backwards gives newer runs lower ids.
func backwards(tb *testbed) func() {
	for i := range 5 {
		tb.project.Add(apitest.Run{
			ID: int64(3000 - i), State: "ended", Branch: new("main"),
			CreatedAt: tb.clock.Now().Add(time.Duration(i-10) * time.Second),
		})
	}
	return func() {}
}
