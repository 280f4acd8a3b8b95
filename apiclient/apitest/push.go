package apitest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// branch is one that pushes go to.
type branch struct {
	name   string
	closes time.Time
	// failures counts the runs that will still fail in an environment before
	// somebody mends what is broken.
	failures map[*environment]int
}

// build is what a push makes and runs test; a nightly run tests none.
type build struct {
	url, branch, commit string
}

// onMain is the share of pushes that go to the main branch; of the others,
// onBrowsers are tested in all browsers too.
const (
	onMain      = 0.3
	onBrowsers  = 0.25
	runsPerPush = onMain*2 + (1-onMain)*(1+onBrowsers)
)

// nextPush draws when the next push comes: a Poisson process whose rate
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

func (l *Life) ended() bool { return !l.lastPush.IsZero() && !l.now.Before(l.lastPush) }

// push makes a build and runs it where its branch is tested.
func (l *Life) push() {
	if l.ended() {
		return
	}
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

// night runs the main branch everywhere.
func (l *Life) night() {
	if l.ended() {
		return
	}
	for _, e := range []*environment{production, staging, preview, browsers} {
		l.create(l.main, e, nil)
	}
	l.at(nextNight(l.now), l.night)
}

// openBranch chooses a pull request, a new one where the chosen one is merged.
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
