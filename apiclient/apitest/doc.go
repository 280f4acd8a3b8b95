// Package apitest is Empirical's API in memory, for tests, benchmarks and
// demos, in the manner of net/http/httptest: a [Server] answers
// GET /api/test-runs over real HTTP on the loopback interface.
//
//	server := apitest.NewServer()
//	defer server.Close()
//	project := server.AddProject("checkout", "key-1")
//	id := project.Add(apitest.Run{State: "started", Branch: new("main")})
//	project.Update(id, func(run *apitest.Run) { run.State = "ended" })
//
// It is faithful to the API's reference page ("List test runs"): all query
// parameters, the order, the pages, the keys of an item. Items carry `state`
// and what belongs to it unless [WithoutState] or [Server.SetState] says
// otherwise: the current reference page has none, the older one had it.
//
// [Server.Inject] makes it unfaithful on purpose, one [Fault] at a time, and
// the hooks [Server.OnRequest] and [Server.OnResponse] change runs between two
// pages. [Generator] and [Bulk] fill projects with believable runs.
//
// A page costs as much as it has items, however long the list is; only the
// filters branch and environment_ids walk through the runs they choose from.
// Everything is safe for concurrent use.
package apitest
