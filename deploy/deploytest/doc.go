// Package deploytest has the tests of deploy/. The chart and the plain manifests must
// decode strictly into the types of Kubernetes and of the Prometheus Operator, be valid
// by the schemas of the oldest and the newest Kubernetes, and ship the repository's own
// rules and dashboards. The Compose project, the systemd unit, the Dockerfile and the CI
// workflow must be valid, all files must name one version, and what a release publishes
// must be what the pages install. It is a module of its own, so that the exporter's module
// does not depend on what these tests need.
package deploytest
