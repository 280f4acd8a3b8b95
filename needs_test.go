package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is the user that the container image runs as.
const nobody = 65534

// The exporter runs as nobody, with nothing in its environment but the key, in
// a directory that it cannot write to; a write to any file would be its end.
func TestNeedsNoRootNoHomeNoDisk(t *testing.T) {
	api := newAPI(t)
	directory := openDirectory(t)
	program := filepath.Join(directory, "empirical_exporter")
	copyFile(t, program, os.Args[0])
	command := exec.CommandContext(t.Context(), "prlimit", "--fsize=0", "--core=0", "--",
		program, "--api.url="+api.URL, "--web.listen-address=127.0.0.1:0", "--scrape.min-interval=0")
	command.Env = []string{asExporter + "=1", keyVariable + "=secret-key"}
	command.Dir = directory
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	exporter := start(t, command)
	url := exporter.url()
	for range 3 {
		if code, body := get(t, url+"/metrics"); code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 1`) {
			t.Errorf("%d, or no empirical_up 1 in:\n%s", code, body)
		}
	}
	exporter.signal(syscall.SIGTERM)
	if code := exporter.exitCode(); code != 0 {
		t.Errorf("exit code %d; its log:\n%s", code, exporter.stderr)
	}
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

// The address is taken: were it listened on before the configuration is known
// to be good, that is what the exporter would complain of.
func TestListensOnlyWithAGoodConfiguration(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	key := []string{keyVariable + "=secret-key"}
	noCertificate := writeFile(t, "tls.yml", "tls_server_config:\n  cert_file: none.pem\n  key_file: none.pem\n")
	for what, test := range map[string]struct {
		environment []string
		arg, want   string
	}{
		"no key":                {nil, "--api.url=http://127.0.0.1:1", "no API key"},
		"a missing key file":    {key, "--api.key-file=/nowhere/key", "/nowhere/key"},
		"a bad flag":            {key, "--runs.lookback=long", "--runs.lookback"},
		"a missing web config":  {key, "--web.config.file=/nowhere/web.yml", "/nowhere/web.yml"},
		"a missing certificate": {key, "--web.config.file=" + noCertificate, "none.pem"},
	} {
		code, _, stderr := runExporter(t, test.environment, "--web.listen-address="+taken.Addr().String(), test.arg)
		if code != 1 || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "in use") {
			t.Errorf("%s: exit code %d, want 1 for %q:\n%s", what, code, test.want, stderr)
		}
	}
}
