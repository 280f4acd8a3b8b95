// Package shipped makes the files of deploy/ that follow from others: the
// chart's copies of the rules and dashboards, because Helm reads no file outside
// its chart, and the plain manifests, which are what the chart renders.
package shipped
