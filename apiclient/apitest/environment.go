package apitest

import "time"

// environment is where a generated project's runs run.
type environment struct {
	slug, name string
	tests      int64
	length     time.Duration // median of its runs
	fails      float64       // probability that a sound branch begins to fail here
	flakes     float64       // probability that a run has flaky tests
	breaks     float64       // probability that a run ends in state error
}

var (
	production = &environment{"production", "Production", 180, 11 * time.Minute, 0.02, 0.1, 0.02}
	staging    = &environment{"staging", "Staging", 240, 17 * time.Minute, 0.06, 0.25, 0.04}
	preview    = &environment{"preview", "Preview", 240, 14 * time.Minute, 0.12, 0.3, 0.05}
	browsers   = &environment{"cross-browser", "Cross-browser", 420, 27 * time.Minute, 0.1, 0.45, 0.06}
)

// typicalLength is about the mean over all runs of a generated project.
const typicalLength = 18 * time.Minute
