// Package apitest is Empirical's API in memory, for tests, benchmarks and demos.
// Like net/http/httptest, it uses real HTTP: a [Server] answers GET /api/test-runs
// and the two analytics endpoints on the loopback interface.
//
//	server := apitest.NewServer()
//	defer server.Close()
//	project := server.AddProject("checkout", "key-1")
//	id := project.Add(apitest.Run{State: "started", Branch: new("main")})
//	project.Update(id, func(run *apitest.Run) { run.State = "ended" })
//
// It follows the API's reference page ("List test runs"): all query parameters,
// the order, the pages, the keys of an item. Items have `state`, `error_code` and
// `failed_count_after_snoozing` as on the older reference page. [WithoutState] and
// [Server.SetState] remove them, as on the current one.
//
// The analytics, GET /api/v2/analytics/test-cases and …/test-runs, are made from
// the same runs, so that they agree with their counts: fate.go says what becomes of
// each test in a run. [Project.SetTests] names the tests.
//
// [Server.Inject] makes answers wrong on purpose, by one [Fault] at a time. The
// hooks [Server.OnRequest] and [Server.OnResponse] can change runs between two
// pages. Package synth fills projects with believable runs.
//
// The time for a page depends on its items and not on the length of the list. Only
// the filters branch and environment_ids go through all the runs that they filter,
// and the analytics through all runs.
// Everything is safe for concurrent use.
package apitest
