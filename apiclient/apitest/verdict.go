package apitest

import "time"

// end ends a run with its counts, and sees to what follows a failure.
func (j *job) end() {
	failed := j.drawFailures()
	skipped := j.random.Int64N(4)
	passed := j.total - failed - skipped
	var flaky int64
	if j.random.Float64() < j.environment.flakes {
		flaky = min(1+int64(j.random.ExpFloat64()*2), passed)
	}
	counting := failed
	if failed > 0 && j.random.IntN(8) == 0 {
		counting = j.random.Int64N(failed) // some failures were muted before
	}
	j.update(func(run *Run) {
		run.State = ended
		run.SuccessCount, run.FailedCount, run.SkippedCount, run.FlakyCount = &passed, &failed, &skipped, &flaky
		run.FailedCountAfterSnoozing = &counting
		run.Duration = new(j.length.Milliseconds())
	})
	if counting > 0 {
		j.followFailure(counting)
	}
	j.leave()
}

// drawFailures lets a branch that began to fail in an environment fail there
// for some runs more.
func (j *job) drawFailures() int64 {
	left := j.branch.failures[j.environment]
	switch {
	case left > 0:
		j.branch.failures[j.environment] = left - 1
	case j.random.Float64() < j.environment.fails:
		j.branch.failures[j.environment] = min(int(j.random.ExpFloat64()*1.5), 6)
	default:
		return 0
	}
	return min(1+int64(j.random.ExpFloat64()*3), j.total/2)
}

// followFailure may have the failures snoozed some time later, or the same
// build run once more.
func (j *job) followFailure(counting int64) {
	switch chance := j.random.Float64(); {
	case chance < 0.25:
		left := int64(0)
		if j.random.IntN(3) == 0 {
			left = j.random.Int64N(counting)
		}
		wait := 5*time.Minute + time.Duration(j.random.Float64()*float64(8*time.Hour))
		j.life.after(wait, func() {
			j.update(func(run *Run) { run.FailedCountAfterSnoozing = &left })
		})
	case chance < 0.5 && j.build != nil:
		wait := time.Duration(1+j.random.IntN(10)) * time.Minute
		j.life.after(wait, func() {
			if !j.life.ended() {
				j.life.create(j.branch, j.environment, j.build)
			}
		})
	}
}
