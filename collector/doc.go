// Package collector turns the runs of Empirical projects into Prometheus metrics.
//
// The way of a run: a tracker lets the history of its API key read what is new
// (package history); the history takes it over at once and returns what it has
// seen to finish; the tracker's counters count that.
//
// The way of a scrape: [Exporter.Refresh] asks every tracker for a refresh and
// waits for them as long as the scraper does. [Exporter.Gather] then shows what is
// held. The runs of a history are in groups (groups.go), each with its statistics
// (statistics.go); those groups are computed anew whose runs have changed or left a
// window since the last scrape (folding.go). The counters of the groups are brought
// up to date (counters.go). Then the groups that have changed are emitted (emit.go)
// into the series that are kept between scrapes (series.go, exposition.go).
// [Exporter.Collect] emits all groups as const metrics, for a registry. A refresh is
// not bound to the scrape that began it.
package collector
