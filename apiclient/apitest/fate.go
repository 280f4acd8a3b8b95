package apitest

// The fate of each test in a run follows from the run's counts and id, so that
// the analytics agree with the runs and no run needs a list of tests:
//
//   - The run executed the first success_count + failed_count tests of the project;
//     the next skipped_count ones were skipped.
//   - The tests that failed stand side by side, as if one file were broken, and so
//     do the flaky ones. Where they stand follows from the run's id: the former
//     mostly near the first test, the latter mostly near the last one, so that some
//     tests are known to be bad.
//
// Only runs that have ended count, and a count without a value is 0.

// span is a part of the tests that a run executed. It goes on at the first test
// where it passes the last one.
type span struct{ from, length int }

// fate is what became of the tests of a run.
type fate struct {
	executed, skipped int // tests from the first on
	failed, flaky     span
}

// Places of counts in a record, see numberFields.
const (
	successNumber     = 1
	failedNumber      = 2
	skippedNumber     = 3
	flakyNumber       = 4
	afterSnoozeNumber = 5
)

// fate returns what became of the tests of an ended run. Counts that cannot be
// true are cut to what fits: more flaky tests than successful ones, for example.
func (c *record) fate() fate {
	failed := within(c.numbers[failedNumber], maxTests)
	success := within(c.numbers[successNumber], maxTests-failed)
	flaky := within(c.numbers[flakyNumber], success)
	f := fate{executed: success + failed, skipped: within(c.numbers[skippedNumber], maxTests)}
	if f.executed == 0 {
		return f
	}
	f.failed = span{from: min(f.place(c.id, 1), f.executed-failed), length: failed}
	// The flaky tests begin behind the failed ones where their place is not free.
	behind := f.failed.from + failed
	wanted := max(0, f.executed-flaky-f.place(c.id, 2))
	offset := (wanted - behind + 2*f.executed) % f.executed
	if offset+flaky > f.executed-failed {
		offset = 0
	}
	f.flaky = span{from: (behind + offset) % f.executed, length: flaky}
	return f
}

// maxTests bounds the memory that a run with absurd counts can take.
const maxTests = 100_000

func within(n int64, most int) int { return int(min(max(n, 0), int64(most))) }

// place returns the number of a test that a run executed, most often a low one.
func (f fate) place(id int64, salt uint64) int {
	const bits = 53
	chance := float64(mix(uint64(id)+salt<<bits)>>(64-bits)) / (1 << bits)
	return int(float64(f.executed) * chance * chance * chance * chance)
}

// mix makes numbers that look random of numbers that follow one another (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// tally counts the executions of each test over many runs. A run adds to a few
// differences between neighbours, so its cost does not depend on its tests.
type tally struct {
	executed, failed, flaky []int   // differences to the test before, until sum
	newest                  []int64 // creation of the newest run that executed this test as its last one, until sum
}

func newTally(tests int) *tally {
	return &tally{
		executed: make([]int, tests+1), failed: make([]int, tests+1), flaky: make([]int, tests+1),
		newest: make([]int64, tests+1),
	}
}

func (t *tally) add(c *record) {
	f := c.fate()
	if f.executed == 0 {
		return
	}
	addSpan(t.executed, span{0, f.executed}, f.executed)
	addSpan(t.failed, f.failed, f.executed)
	addSpan(t.flaky, f.flaky, f.executed)
	t.newest[f.executed-1] = max(t.newest[f.executed-1], c.created)
}

// addSpan adds one to the tests of a span, in a run that executed so many.
func addSpan(differences []int, s span, executed int) {
	end := s.from + s.length
	differences[s.from]++
	differences[min(end, executed)]--
	if end > executed {
		differences[0]++
		differences[end-executed]--
	}
}

// tests returns how many tests are counted.
func (t *tally) tests() int { return len(t.executed) - 1 }

// sum turns the differences into counts.
func (t *tally) sum() {
	for i := 1; i < len(t.executed); i++ {
		t.executed[i] += t.executed[i-1]
		t.failed[i] += t.failed[i-1]
		t.flaky[i] += t.flaky[i-1]
	}
	for i := len(t.newest) - 2; i >= 0; i-- {
		t.newest[i] = max(t.newest[i], t.newest[i+1])
	}
}
