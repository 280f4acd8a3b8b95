package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	serviceFile = "empirical_exporter.service"
	// worstExposure is the highest allowed score of `systemd-analyze security`.
	// The exporter needs the network, so it is not 0.
	worstExposure = 1.1
)

// installation returns a folder with the unit as installed and drop-ins. Its program
// is replaced by one that exists, the test itself.
func installation(t *testing.T, dropIns ...string) string {
	t.Helper()
	folder := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	install := func(from, to string) {
		content := strings.ReplaceAll(read(t, inRepository("deploy", "systemd", from)), "/usr/local/bin/empirical_exporter", program)
		if !strings.Contains(content, program) {
			t.Fatalf("%s does not start /usr/local/bin/empirical_exporter", from)
		}
		full := filepath.Join(folder, to)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install(serviceFile, serviceFile)
	for _, dropIn := range dropIns {
		install(dropIn, filepath.Join(serviceFile+".d", dropIn))
	}
	return folder
}

func TestSystemdVerify(t *testing.T) {
	for name, folder := range map[string]string{
		"one key":   installation(t),
		"more keys": installation(t, "more-keys.conf"),
		"a file":    installation(t, "config-file.conf"),
	} {
		t.Run(name, func(t *testing.T) {
			verify := exec.Command(installed(t, "systemd-analyze", "systemd"), "verify", "--man=no", filepath.Join(folder, serviceFile))
			verify.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+folder+":")
			if out, err := verify.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestSystemdSecurity(t *testing.T) {
	unit := filepath.Join(installation(t), serviceFile)
	out, err := exec.Command(installed(t, "systemd-analyze", "systemd"), "security", "--no-pager", "--offline=true", unit).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	score := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindSubmatch(out)
	if score == nil {
		t.Fatalf("no score in\n%s", out)
	}
	exposure, err := strconv.ParseFloat(string(score[1]), 64)
	if err != nil || exposure > worstExposure {
		t.Errorf("exposure %s, want %v at most\n%s", score[1], worstExposure, out)
	}
}

// TestSystemdCredentials checks that systemd loads each key of the command line.
func TestSystemdCredentials(t *testing.T) {
	for _, file := range []string{serviceFile, "more-keys.conf"} {
		unit := read(t, inRepository("deploy", "systemd", file))
		flags := regexp.MustCompile(`--api\.key-file=([a-z]+)=%d/([a-z]+)`).FindAllStringSubmatch(unit, -1)
		loads := regexp.MustCompile(`(?m)^LoadCredential=([a-z]+):/etc/empirical_exporter/([a-z]+)\.key$`).FindAllStringSubmatch(unit, -1)
		if len(flags) == 0 || len(flags) != len(loads) {
			t.Errorf("%s: flags %v, credentials %v", file, flags, loads)
			continue
		}
		for i, flag := range flags {
			if flag[1] != loads[i][1] || flag[2] != loads[i][1] {
				t.Errorf("%s: flag %s has no credential", file, flag[0])
			}
		}
	}
}
