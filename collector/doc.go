// Package collector turns the runs of Empirical projects into Prometheus metrics.
//
// The way of a run: a tracker lets the history of its API key read what is new
// (package history); the history takes it over at once and returns what it has
// seen to finish; the tracker's counters count that.
//
// The way of a scrape: [Exporter.Refresh] asks every tracker for a refresh and
// waits for them as long as the scraper does. [Exporter.Collect] then shows what
// is held: the runs of a history are in groups (groups.go), each with its
// statistics (statistics.go); those that have changed since the scrape before, or
// whose runs have left a window, are computed anew (folding.go). The counters of these groups are brought up to
// date (counters.go), and the snapshot of all that is emitted as const metrics
// (snapshot.go, emit.go). A refresh is not bound to the scrape that began it.
package collector
