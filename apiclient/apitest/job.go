package apitest

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// job is a run while it lives. What becomes of it is drawn from its own source
// of chance, so that it does not hang on what else happens.
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

// create adds a run: queued where the concurrency limit allows, else pending,
// in place of an older pending run of the same branch and environment.
func (l *Life) create(b *branch, e *environment, made *build) {
	l.jobs++
	j := &job{
		life: l, random: rand.New(rand.NewPCG(l.generator.Seed, l.jobs)),
		branch: b, environment: e, build: made,
	}
	run := Run{
		State: queued, CreatedAt: l.stamp(l.now),
		Branch: &b.name, EnvironmentSlug: &e.slug, EnvironmentName: &e.name,
	}
	if made != nil {
		run.BuildURL, run.BuildBranch, run.Commit = &made.url, &made.branch, &made.commit
	}
	if l.busy >= l.generator.Concurrency {
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

// queue takes the place of a running job and starts soon, or breaks before.
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

// start runs the tests; two reports of progress come before the end.
func (j *job) start() {
	j.length = j.drawLength()
	j.total = j.environment.tests + int64(j.life.branchesOpened/4) // suites grow
	j.update(func(run *Run) {
		run.State = started
		run.TotalCount = new(j.total)
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

// drawLength draws mostly 5 to 40 minutes, seldom up to some hours.
func (j *job) drawLength() time.Duration {
	length := float64(j.environment.length) * math.Exp(0.35*j.random.NormFloat64())
	length = min(max(length, float64(5*time.Minute)), float64(40*time.Minute))
	if j.random.IntN(60) == 0 {
		length *= 2 + 3*j.random.Float64()
	}
	return time.Duration(length).Truncate(time.Millisecond)
}

func (j *job) progress(done, of int64) {
	j.update(func(run *Run) { run.SuccessCount = new(j.total * done / of) })
}

// cancel is somebody's wish; the workers need a while to stop.
func (j *job) cancel() {
	j.set(cancelling)
	j.life.after(time.Duration(3+j.random.IntN(60))*time.Second, func() {
		j.set(cancelled)
		j.leave()
	})
}

// fail ends a run that broke. Not every one says why.
func (j *job) fail(code string) {
	j.update(func(run *Run) {
		run.State = errored
		if j.random.IntN(15) > 0 {
			run.ErrorCode = &code
		}
		if j.length > 0 && code != "report_not_generated" {
			run.Duration = new(j.length.Milliseconds())
		}
	})
	j.leave()
}

// leave frees the job's place for the one that has waited longest.
func (j *job) leave() {
	l := j.life
	l.busy--
	if len(l.waiting) == 0 || l.busy >= l.generator.Concurrency {
		return
	}
	next := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	next.set(queued)
	next.queue()
}

func (j *job) set(state string) { j.update(func(run *Run) { run.State = state }) }

// update changes the run, unless somebody has deleted it.
func (j *job) update(change func(*Run)) { j.life.project.Update(j.id, change) }

func pick(random *rand.Rand, codes ...string) string { return codes[random.IntN(len(codes))] }
