// Package manifest decodes what the chart and kustomize render, strictly, into
// the Go types of Kubernetes and of the Prometheus Operator: a field that the
// type does not have, or has twice, is an error.
package manifest
