package synth

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// job is a run until it has ended. It has a source of randomness of its own, so
// that its fate does not depend on what else happens.
type job struct {
	life        *Life
	id          int64
	random      *rand.Rand
	branch      *branch
	environment *environment
	build       *build
	length      time.Duration
	total       int64
}

// create adds a run. It is queued where the concurrency limit allows; else it is
// pending and replaces an older pending run of the same branch and environment.
func (l *Life) create(b *branch, e *environment, made *build) {
	l.jobs++
	j := &job{
		life: l, random: rand.New(rand.NewPCG(l.options.Seed, l.jobs)),
		branch: b, environment: e, build: made,
	}
	run := apitest.Run{
		State: queued, CreatedAt: l.createdAt(l.now),
		Branch: &b.name, EnvironmentSlug: &e.slug, EnvironmentName: &e.name,
	}
	if made != nil {
		run.BuildURL, run.BuildBranch, run.Commit = &made.url, &made.branch, &made.commit
	}
	if l.busy >= l.options.Concurrency {
		run.State = pending
		l.replacePending(j)
		l.waiting = append(l.waiting, j)
	}
	j.id = l.project.Add(run)
	if run.State == queued {
		j.queue()
	}
}

func (l *Life) replacePending(by *job) {
	i := slices.IndexFunc(l.waiting, func(w *job) bool {
		return w.branch == by.branch && w.environment == by.environment
	})
	if i >= 0 {
		l.waiting[i].set(cancelled)
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// queue occupies one of the concurrent runs. The run starts soon, or breaks before.
func (j *job) queue() {
	j.life.busy++
	wait := time.Duration(5+j.random.IntN(40)) * time.Second
	switch chance := j.random.Float64(); {
	case chance < j.environment.breaks/3:
		j.life.after(wait, func() { j.fail(pick(j.random, "merge_conflict", "dispatch_failed")) })
	case chance > 0.995:
		j.life.after(wait, j.cancel)
	default:
		j.life.after(wait, j.start)
	}
}

// start runs the tests. Progress is reported twice before the end.
func (j *job) start() {
	j.length = j.drawLength()
	j.total = j.environment.tests + int64(j.life.branchesOpened/4) // suites grow
	j.update(func(run *apitest.Run) {
		run.State = started
		run.TotalCount = new(j.total)
		if !j.life.options.NoStarts {
			run.StartedAt = j.life.createdAt(j.life.now)
		}
	})
	end := j.end
	switch chance := j.random.Float64(); {
	case chance < j.environment.breaks*2/3:
		j.length = time.Duration(float64(j.length) * j.random.Float64())
		code := pick(j.random, "report_not_generated", "run_failed_with_error", "worker_interrupted", "merge_reports_failed")
		end = func() { j.fail(code) }
	case chance > 0.98:
		j.length = time.Duration(float64(j.length) * j.random.Float64())
		end = j.cancel
	}
	j.life.after(j.length/3, func() { j.progress(1, 3) })
	j.life.after(j.length*2/3, func() { j.progress(2, 3) })
	j.life.after(j.length, end)
}

// drawLength draws mostly 5 to 40 minutes, and seldom up to some hours.
func (j *job) drawLength() time.Duration {
	length := float64(j.environment.length) * math.Exp(0.35*j.random.NormFloat64())
	length = min(max(length, float64(5*time.Minute)), float64(40*time.Minute))
	if j.random.IntN(60) == 0 {
		length *= 2 + 3*j.random.Float64()
	}
	return time.Duration(length).Truncate(time.Millisecond)
}

func (j *job) progress(done, of int64) {
	j.update(func(run *apitest.Run) { run.SuccessCount = new(j.total * done / of) })
}

// end ends a run with its counts.
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
	j.update(func(run *apitest.Run) {
		run.State = ended
		if !j.life.options.SkippedInTotal {
			run.TotalCount = new(passed + failed)
		}
		run.SuccessCount, run.FailedCount, run.SkippedCount, run.FlakyCount = &passed, &failed, &skipped, &flaky
		run.FailedCountAfterSnoozing = &counting
		run.Duration = j.life.options.duration(j.length)
	})
	if counting > 0 {
		j.followFailure(counting)
	}
	j.release()
}

// drawFailures draws how many tests fail. A branch that begins to fail in an
// environment fails there for some runs more.
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

// followFailure sometimes snoozes the failures after a while, or runs the same
// build once more.
func (j *job) followFailure(counting int64) {
	switch chance := j.random.Float64(); {
	case chance < 0.25:
		left := int64(0)
		if j.random.IntN(3) == 0 {
			left = j.random.Int64N(counting)
		}
		wait := 5*time.Minute + time.Duration(j.random.Float64()*float64(8*time.Hour))
		j.life.after(wait, func() {
			j.update(func(run *apitest.Run) { run.FailedCountAfterSnoozing = &left })
		})
	case chance < 0.5 && j.build != nil:
		wait := time.Duration(1+j.random.IntN(10)) * time.Minute
		j.life.after(wait, func() { j.life.create(j.branch, j.environment, j.build) })
	}
}

// cancel cancels a run; the workers need a while to stop.
func (j *job) cancel() {
	j.set(cancelling)
	j.life.after(time.Duration(3+j.random.IntN(60))*time.Second, func() {
		j.set(cancelled)
		j.release()
	})
}

// fail ends a run that broke. Some runs that broke have no error code.
func (j *job) fail(code string) {
	j.update(func(run *apitest.Run) {
		run.State = errored
		if j.random.IntN(15) > 0 {
			run.ErrorCode = &code
		}
		if j.length > 0 && code != "report_not_generated" {
			run.Duration = j.life.options.duration(j.length)
		}
	})
	j.release()
}

// release lets the run start that has been pending for longest.
func (j *job) release() {
	l := j.life
	l.busy--
	if len(l.waiting) == 0 || l.busy >= l.options.Concurrency {
		return
	}
	next := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	next.set(queued)
	next.queue()
}

func (j *job) set(state string) { j.update(func(run *apitest.Run) { run.State = state }) }

// update changes the run, unless somebody deleted it.
func (j *job) update(change func(*apitest.Run)) { j.life.project.Update(j.id, change) }

func pick(random *rand.Rand, codes ...string) string { return codes[random.IntN(len(codes))] }
