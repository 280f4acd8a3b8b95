package synth

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

// Bulk makes n runs fast, for benchmarks. They have no ids, are spread evenly
// from one moment to another, oldest first, and belong to so many groups, each a
// branch and an environment. Every group has a run where n allows. All runs are
// finished, except that above fifty the newest five are not. Runs share the
// values that their pointers point to.
func Bulk(seed uint64, n, groups int, from, to time.Time) []apitest.Run {
	b := newBulk(seed, groups)
	step := float64(to.Sub(from)) / float64(max(n, 1))
	runs := make([]apitest.Run, n)
	for i := range runs {
		if i%4 == 0 {
			b.newBuild()
		}
		group := i
		if i >= groups {
			group = b.random.IntN(groups)
		}
		b.fill(&runs[i], group)
		runs[i].CreatedAt = from.Add(time.Duration((float64(i) + b.random.Float64()) * step))
	}
	for i := range runs {
		runs[i].StartedAt = runs[i].CreatedAt.Add(time.Duration(5+b.random.IntN(40)) * time.Second)
	}
	if n > 50 {
		for i, state := range []string{started, cancelling, started, queued, pending} {
			run := &runs[n-5+i]
			*run = apitest.Run{
				State: state, CreatedAt: run.CreatedAt,
				Branch: run.Branch, EnvironmentSlug: run.EnvironmentSlug, EnvironmentName: run.EnvironmentName,
			}
		}
	}
	return runs
}

// bulk holds the values that runs share, so that a run needs little memory.
type bulk struct {
	random       *rand.Rand
	numbers      []*int64
	lengths      []*int64
	branches     []*string
	environments []*environment
	codes        []*string
	url, commit  *string
}

func newBulk(seed uint64, groups int) *bulk {
	b := &bulk{
		random:       rand.New(rand.NewPCG(seed, 0)),
		environments: []*environment{production, staging, preview, browsers},
	}
	for i := range int64(500) {
		b.numbers = append(b.numbers, new(i))
		b.lengths = append(b.lengths, new(300+b.random.Int64N(2_100)))
	}
	for i := range (groups + 3) / 4 {
		name := "main"
		if i > 0 {
			name = branchName(b.random, i)
		}
		b.branches = append(b.branches, &name)
	}
	for _, code := range []string{
		"merge_conflict", "dispatch_failed", "report_not_generated",
		"run_failed_with_error", "worker_interrupted", "merge_reports_failed",
	} {
		b.codes = append(b.codes, &code)
	}
	return b
}

func (b *bulk) newBuild() {
	commit := fmt.Sprintf("%016x", b.random.Uint64())
	b.commit = &commit
	b.url = new("https://ci.example.com/builds/" + commit)
}

func (b *bulk) fill(run *apitest.Run, group int) {
	e := b.environments[group%4]
	*run = apitest.Run{
		Branch: b.branches[group/4], EnvironmentSlug: &e.slug, EnvironmentName: &e.name,
		BuildURL: b.url, BuildBranch: b.branches[group/4], Commit: b.commit,
	}
	switch chance := b.random.Float64(); {
	case chance < 0.04:
		run.State, run.ErrorCode = errored, b.codes[b.random.IntN(len(b.codes))]
		return
	case chance < 0.09:
		run.State = cancelled
		return
	}
	failed, skipped, flaky := int64(0), b.random.Int64N(4), int64(0)
	if b.random.Float64() < e.fails {
		failed = 1 + b.random.Int64N(9)
	}
	if b.random.Float64() < e.flakes {
		flaky = 1 + b.random.Int64N(5)
	}
	run.State = ended
	run.TotalCount = b.numbers[e.tests-skipped]
	run.SuccessCount = b.numbers[e.tests-failed-skipped]
	run.FailedCount, run.SkippedCount, run.FlakyCount = b.numbers[failed], b.numbers[skipped], b.numbers[flaky]
	run.FailedCountAfterSnoozing = run.FailedCount
	if failed > 0 && b.random.IntN(5) == 0 {
		run.FailedCountAfterSnoozing = b.numbers[0]
	}
	run.Duration = b.lengths[b.random.IntN(len(b.lengths))]
}
