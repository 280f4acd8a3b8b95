package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// nobody is the user that the container image runs as.
const nobody = 65534

// The exporter runs as nobody, with nothing in its environment but the key, in
// a directory that it cannot write to. A write to any file would end it.
func TestNeeds_NoRootNoHomeNoDisk(t *testing.T) {
	api := newAPI(t)
	directory := openDirectory(t)
	program := filepath.Join(directory, "empirical_exporter")
	copyFile(t, program, os.Args[0])
	command := exec.CommandContext(t.Context(), "prlimit", "--fsize=0", "--core=0", "--",
		program, "--api.url="+api.URL, "--web.listen-address=127.0.0.1:0", "--scrape.min-interval=0")
	command.Env = []string{asExporter, secretKey}
	command.Dir = directory
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	exporter := testproc.MustStart(t, command)
	url := listenURL(t, exporter)
	for range 3 {
		if code, body := testproc.Get(t, url+"/metrics"); code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 1`) {
			t.Errorf("%d, or no empirical_up 1 in:\n%s", code, body)
		}
	}
	if err := exporter.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wantCleanExit(t, exporter)
	if left, err := os.ReadDir(directory); err != nil || len(left) != 1 {
		t.Errorf("in its directory afterwards: %v, %v", left, err)
	}
}

// openDirectory makes a directory that other users may read.
func openDirectory(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "exporter") //nolint:usetesting // what t.TempDir makes lies where others may not look
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(directory); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return directory
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
