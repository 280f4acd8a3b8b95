package apitest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Test is one test of a project. The runs of a project decide how many tests it
// has, and which of them passed, failed, were flaky and were skipped in a run.
type Test struct {
	ID                string // test_case_id; made from the project and the test's number where it is empty
	Name              string
	FilePath          string
	PlaywrightProject string // project_name
	Tags              []string
	Deleted           bool // the test is not active any more; its past is still there
}

// SetTests sets the first tests of the project. The others, as many as its runs
// have, keep their made-up names.
func (p *Project) SetTests(tests ...Test) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tests = slices.Clone(tests)
}

// test returns the i-th test. The caller holds the lock.
func (p *Project) test(i int) Test {
	test := madeUpTest(i)
	if i < len(p.tests) {
		test = p.tests[i]
	}
	if test.ID == "" {
		test.ID = p.testID(i)
	}
	return test
}

// testID has 41 characters, two groups of 20 hexadecimal digits, as documented.
// What stands between them is an assumption.
func (p *Project) testID(i int) string {
	hash := sha256.Sum256(fmt.Appendf(nil, "%d %d", p.id, i))
	return hex.EncodeToString(hash[:10]) + "-" + hex.EncodeToString(hash[10:20])
}

func madeUpTest(i int) Test {
	subjects := []string{"basket", "search", "login", "payment", "delivery", "account", "returns"}
	actions := []string{
		"opens", "adds an article", "shows an empty state", "keeps its values after a reload",
		"refuses a bad value", "works with the keyboard", "shows the total", "sends a message",
	}
	names := len(subjects) * len(actions)
	name := i * 19 % names // neighbours, which fail together, are of several files
	subject := subjects[name%len(subjects)]
	test := Test{
		Name:              subject + " " + actions[name/len(subjects)],
		FilePath:          "tests/" + subject + ".spec.ts",
		PlaywrightProject: []string{"chromium", "firefox", "webkit"}[i%3],
		Tags:              []string{},
	}
	if i >= names {
		test.Name += fmt.Sprintf(", case %d", i/names+1)
	}
	if i%5 == 0 {
		test.Tags = append(test.Tags, "@smoke")
	}
	return test
}
