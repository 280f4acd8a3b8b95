package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// TestRelease_SameCommitSameFiles makes a release of the same commit on a branch, and
// detached in another folder, as a checkout of a tag is.
func TestRelease_SameCommitSameFiles(t *testing.T) {
	onBranch, detached := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	command(t, "git", "clone", "--quiet", "--no-local", filepath.Join("..", ".."), onBranch)
	command(t, "git", "-C", onBranch, "checkout", "--quiet", "-B", "some-branch")
	for name, content := range map[string]string{"VERSION": "1.2.3\n", "CHANGELOG.md": changes} {
		if err := os.WriteFile(filepath.Join(onBranch, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command(t, "git", "-C", onBranch, "add", "VERSION", "CHANGELOG.md")
	command(t, "git", "-C", onBranch, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message=1.2.3")
	command(t, "git", "-C", onBranch, "tag", "v1.2.3")
	command(t, "git", "clone", "--quiet", onBranch, detached)
	command(t, "git", "-C", detached, "checkout", "--quiet", "v1.2.3")
	gomod := testproc.MustTool(t, "cyclonedx-gomod")
	var sums []string
	for _, checkout := range []string{onBranch, detached} {
		command(t, "make", "-C", checkout, "release", "CYCLONEDX_GOMOD="+gomod,
			"RELEASE_FLAGS=-only="+runtime.GOOS+"-"+runtime.GOARCH)
		sums = append(sums, text(t, filepath.Join(checkout, "dist", sumsFile)))
	}
	if diff := cmp.Diff(sums[0], sums[1]); diff != "" {
		t.Errorf("the branch is in the files (-branch +detached):\n%s", diff)
	}
}

// command runs a command without the variables that a `make` around the test exports.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "MAKEFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}
