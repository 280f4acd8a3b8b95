// Package bench measures what a refresh and a scrape cost. It holds benchmarks
// only; `make bench` runs them.
//
// The API runs in a process of its own, so that the CPU time and the memory of
// the benchmark's process are the exporter's.
package bench
