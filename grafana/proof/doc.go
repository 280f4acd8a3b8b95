// Package proof shows that the dashboards work: that each is complete and names only what the exporter exports, that its
// thresholds are those of the alert rules, and that every query of every panel, variable and annotation finds data in a
// real Prometheus that has watched a project for a while.
//
// It reads the JSON that people import, not the code that makes it.
package proof
