package synth

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// branch is a branch of the project.
type branch struct {
	name   string
	closes time.Time // when the pull request is merged; zero for main
	// failures is how many more runs fail in an environment until somebody repairs
	// the branch.
	failures map[*environment]int
}

// build is made by a push and tested by runs. A nightly run tests no build.
type build struct {
	url, branch, commit string
}

// onMain is the share of pushes that go to the main branch. Of the others,
// onBrowsers is the share that is also tested in all browsers.
const (
	onMain      = 0.3
	onBrowsers  = 0.25
	runsPerPush = onMain*2 + (1-onMain)*(1+onBrowsers)
)

// nextPush draws the time of the next push from a Poisson process whose rate
// follows the calendar.
func (l *Life) nextPush() time.Time {
	for t := l.now; ; {
		gap := l.pushes.ExpFloat64() / l.pushesPerSec
		t = t.Add(time.Duration(gap * float64(time.Second))).Truncate(time.Millisecond)
		if l.pushes.Float64() < activity(t) {
			return t
		}
	}
}

// The rate of pushes at night and at the weekend, and on average, as a share of
// the rate in working hours: 8:00 to 18:00 UTC from Monday to Friday.
const (
	nightActivity   = 0.15
	weekendActivity = 0.1
	averageActivity = (5*(10+14*nightActivity) + 2*24*weekendActivity) / (7 * 24)
)

func activity(t time.Time) float64 {
	switch {
	case t.Weekday() == time.Saturday || t.Weekday() == time.Sunday:
		return weekendActivity
	case t.Hour() >= 8 && t.Hour() < 18:
		return 1
	default:
		return nightActivity
	}
}

// nextNight returns when the next nightly runs begin, at 2:00 UTC.
func nextNight(after time.Time) time.Time {
	night := time.Date(after.Year(), after.Month(), after.Day(), 2, 0, 0, 0, time.UTC)
	if !night.After(after) {
		night = night.AddDate(0, 0, 1)
	}
	return night
}

// push makes a build and a run in each environment where its branch is tested.
func (l *Life) push() {
	to, environments := l.main, []*environment{staging, production}
	if l.pushes.Float64() >= onMain {
		to, environments = l.openBranch(), []*environment{preview}
		if l.pushes.Float64() < onBrowsers {
			environments = append(environments, browsers)
		}
	}
	commit := fmt.Sprintf("%016x%016x%08x", l.pushes.Uint64(), l.pushes.Uint64(), l.pushes.Uint32())
	made := &build{url: "https://ci.example.com/builds/" + commit[:12], branch: to.name, commit: commit}
	for _, e := range environments {
		l.create(to, e, made)
	}
	l.at(l.nextPush(), l.push)
}

// night makes a run of the main branch in every environment.
func (l *Life) night() {
	for _, e := range []*environment{production, staging, preview, browsers} {
		l.create(l.main, e, nil)
	}
	l.at(nextNight(l.now), l.night)
}

// openBranch draws an open pull request. One that is merged by now is replaced by
// a new one.
func (l *Life) openBranch() *branch {
	i := l.pushes.IntN(len(l.branches))
	if b := l.branches[i]; b != nil && l.now.Before(b.closes) {
		return b
	}
	l.branchesOpened++
	open := 6*time.Hour + time.Duration(l.pushes.ExpFloat64()*36*float64(time.Hour))
	l.branches[i] = &branch{
		name:     branchName(l.pushes, l.branchesOpened),
		closes:   l.now.Add(open),
		failures: map[*environment]int{},
	}
	return l.branches[i]
}

func branchName(random *rand.Rand, number int) string {
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	return fmt.Sprintf("%s/%s-%s-%d",
		pick("feat", "feat", "feat", "fix", "fix", "chore"),
		pick("basket", "login", "search", "invoice", "profile", "address", "voucher", "delivery"),
		pick("page", "form", "limits", "totals", "retry", "labels", "export", "cache"),
		100+number)
}
