// Package collector turns the runs of Empirical projects into Prometheus metrics.
//
// The way of one run: a refresh reads it page by page (stateful.go, stateless.go)
// into a reading; when all has been read the reading is taken into the history of
// its API key (history.go) at once. A scrape folds the history into groups
// (fold.go), computes each group's figures (figures.go), lets the ledger count
// what has newly finished (ledger.go), and emits it all as const metrics (emit.go).
//
// The way of one scrape: [Exporter.Refresh] asks every history for a refresh and
// waits for them as long as the scraper does; [Exporter.Collect] then serves what
// the histories hold. A refresh is not bound to the scrape that began it.
package collector
