package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWrite_Committed compares the committed JSON with what the code makes.
func TestWrite_Committed(t *testing.T) {
	made := t.TempDir()
	if err := write(made); err != nil {
		t.Fatal(err)
	}
	committed, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(committed) != len(boards) {
		t.Errorf("%s holds %v, and the code makes %d dashboards", directory, committed, len(boards))
	}
	for file := range boards {
		want, err := os.ReadFile(filepath.Join(made, file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(directory, file))
		if err != nil {
			t.Errorf("%v: run `make dashboards` and commit what it writes", err)
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the code makes: run `make dashboards` and commit it (-code +file):\n%s", file, diff)
		}
	}
}

// TestEncode_Stable checks that the order of maps does not change the JSON.
func TestEncode_Stable(t *testing.T) {
	for file, build := range boards {
		first, err := encode(build())
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			again, err := encode(build())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(first), string(again)); diff != "" {
				t.Fatalf("%s changes from one time to the next:\n%s", file, diff)
			}
		}
	}
}
