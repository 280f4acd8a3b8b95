package deploytest

import (
	"os/exec"
	"regexp"
	"testing"
)

func TestWorkflow(t *testing.T) {
	workflow := inRepository(".github", "workflows", "ci.yml")
	if out, err := exec.Command(built(t, "actionlint"), "-no-color", workflow).CombinedOutput(); err != nil {
		t.Errorf("actionlint: %v\n%s", err, out)
	}
	text := read(t, workflow)
	if !regexp.MustCompile(`bash \.ci/run\n`).MatchString(text) {
		t.Error("the workflow does not run .ci/run, which calls make test and make check")
	}
	uses := regexp.MustCompile(`uses: \S+`).FindAllString(text, -1)
	if len(uses) == 0 {
		t.Fatal("no actions in the workflow")
	}
	for _, action := range uses {
		if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(action) {
			t.Errorf("%s is not pinned to a commit", action)
		}
	}
}

// TestCI_Run checks that .ci/run, which the workflow runs, leaves nothing out.
func TestCI_Run(t *testing.T) {
	script := read(t, inRepository(".ci", "run"))
	for _, command := range []string{"make test", "make check"} {
		if !regexp.MustCompile(`(?m)^` + command + `$`).MatchString(script) {
			t.Errorf(".ci/run does not call %s", command)
		}
	}
}
