module github.com/empirical-exporter/empirical_exporter

go 1.26.0
