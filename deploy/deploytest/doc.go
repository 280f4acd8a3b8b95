// Package deploytest holds the tests of deploy/: that the chart and the plain
// manifests decode strictly into the types of Kubernetes and of the Prometheus
// Operator, that they ship the repository's own rules and dashboards, and that
// the Compose project, the systemd unit, the Dockerfile and the CI workflow are
// sound. It is a module of its own so that none of this reaches the exporter's.
package deploytest
