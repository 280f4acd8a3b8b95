package backfill

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is in a directory is what is in a file, in parts; compressed or not.
func TestRun_Outputs(t *testing.T) {
	tb := newTestbed(t)
	tb.addRuns()
	tb.goldenPlan()
	golden := tb.read("testdata/past.om")

	tb.plan.Output += ".gz"
	if err := tb.run(); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(tb.plan.Output)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(unpacked); err != nil || string(text) != golden {
		t.Errorf("compressed it differs from the plain file, %v", err)
	}

	tb.plan.Output = strings.TrimSuffix(tb.plan.Output, ".om.gz") + "/"
	if err := tb.run(); err != nil {
		t.Fatal(err)
	}
	var names []string
	var text string
	for _, path := range tb.files() {
		names = append(names, filepath.Base(path))
		text += strings.TrimSuffix(tb.read(path), "# EOF\n")
	}
	if want := "[2026-06-10T10.om 2026-06-10T12.om]"; fmt.Sprint(names) != want {
		t.Errorf("%s, want %s", names, want)
	}
	if text+"# EOF\n" != golden {
		t.Error("in parts it differs from the one file")
	}
}

func TestNewOutput_Refusals(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, want string }{
		{there, " is there already; remove it, or name another --output"},
		{dir, " is there already; remove it, or name another --output"},
		{dir + "/", " is there already; remove it, or name another --output"},
		{filepath.Join(dir, "nowhere", "past.om"), " cannot be written: no such file or directory"},
		{filepath.Join(dir, "nowhere", "past") + "/", " cannot be written: no such file or directory"},
		{filepath.Join(there, "past.om"), " cannot be written: not a directory"},
	} {
		_, err := newOutput(test.name, nil)
		if want := filepath.Clean(test.name) + test.want; fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// What appears under the name meanwhile is not overwritten.
func TestOutput_TakenMeanwhile(t *testing.T) {
	tb := newTestbed(t)
	tb.goldenPlan()
	out, err := newOutput(tb.plan.Output, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tb.plan.Output, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := out.commit(); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("%v", err)
	}
	out.discard()
	if left, err := filepath.Glob(tb.plan.Output + "*"); err != nil || len(left) != 1 || tb.read(left[0]) != "mine" {
		t.Errorf("%v is left, %v", left, err)
	}
}
