module github.com/empirical-exporter/empirical_exporter/grafana

go 1.26.8

require github.com/grafana/grafana-foundation-sdk/go v0.0.12
