package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/config"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// pastArgs are those of a short past, which is written to a file.
func pastArgs(api *apitest.Server, output string, more ...string) []string {
	args := append([]string{"backfill", "--api.url=" + api.URL, "--until=0s", "--output=" + output}, more...)
	if !strings.Contains(strings.Join(more, " "), "--since=") {
		args = append(args, "--since=2h")
	}
	return args
}

// wantNoOutput wants that nothing is left of an output, whatever its name was meanwhile.
func wantNoOutput(t *testing.T, output string) {
	t.Helper()
	if left, err := filepath.Glob(output + "*"); err != nil || len(left) > 0 {
		t.Errorf("%q is left, %v", left, err)
	}
}

// What starts the exporter also starts a backfill, which listens nowhere. Keys,
// teams and settings are those of the configuration file.
func TestBackfill_TakesWhatTheExporterTakes(t *testing.T) {
	api := newAPI(t)
	key := writeFile(t, "checkout.key", "secret-key")
	file := writeFile(t, "empirical.yml", "projects:\n  - key_file: "+key+"\n    team: payments\n    branches: release\n")
	output := filepath.Join(t.TempDir(), "past.om")
	args := pastArgs(api, output, "--config.file="+file, "--label=job=exporter", "--label=instance=here", "--runs.window=3h", "--runs.lookback=12h",
		"--web.listen-address="+takenAddress(t), "--web.config.file=/nowhere/web.yml", "--scrape.max-staleness=1s")
	code, stdout, stderr := runExporter(t, nil, args...)
	if code != 0 || stdout != "" || !strings.HasPrefix(stderr, "wrote ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	want := `empirical_recent_runs{project="checkout",branch="other",environment="production",window="3h",outcome="passed",team="payments",job="exporter",instance="here"} 1 `
	if !strings.Contains(string(text), want) || !strings.HasSuffix(string(text), "\n# EOF\n") {
		t.Errorf("no %s, or no end in:\n%s", want, text)
	}
	if code, _, stderr = runExporter(t, nil, args...); code != 1 || stderr != "empirical_exporter: error: "+output+" is there already; remove it, or name another --output\n" {
		t.Errorf("once more: exit code %d, stderr %q", code, stderr)
	}
}

func TestBackfill_BadFlags(t *testing.T) {
	api := newAPI(t)
	for name, test := range map[string]struct {
		args []string
		want string // in the one line
	}{
		"no since":             {[]string{"--output=past.om"}, "'--since' not provided"},
		"no output":            {[]string{"--since=1d"}, "'--output' not provided"},
		"an empty output":      {[]string{"--since=1d", "--output="}, `--output "": write the name of a file`},
		"since nothing":        {[]string{"--since=0s", "--output=past.om"}, `--since "0s": must be longer than 0`},
		"since for ever":       {[]string{"--since=11y", "--output=past.om"}, `--since "11y": must be 10y or shorter`},
		"no duration":          {[]string{"--since=90", "--output=past.om"}, `--since "90": not a duration`},
		"since before until":   {[]string{"--since=3h", "--output=past.om"}, "--since (3h) must be longer than --until (3h) by at least a --step (5m)"},
		"no step":              {[]string{"--since=1d", "--step=0s", "--output=past.om"}, `--step "0s": must be whole seconds`},
		"a part of a second":   {[]string{"--since=1d", "--step=1500ms", "--output=past.om"}, `--step "1500ms": must be whole seconds`},
		"too long a step":      {[]string{"--since=1d", "--step=22h", "--output=past.om"}, "by at least a --step (22h)"},
		"a label of ours":      {[]string{"--since=1d", "--output=past.om", "--label=environment=prod"}, `--label "environment=prod": metrics have a label of that name`},
		"a label twice":        {[]string{"--since=1d", "--output=past.om", "--label=job=a", "--label=job=b"}, `--label "job=b": the label is given twice`},
		"no label":             {[]string{"--since=1d", "--output=past.om", "--label=job"}, `--label "job": write it as NAME=VALUE`},
		"a bad name":           {[]string{"--since=1d", "--output=past.om", "--label=a-b=c"}, `--label "a-b=c": the name must be`},
		"Prometheus' own name": {[]string{"--since=1d", "--output=past.om", "--label=__name__=c"}, `--label "__name__=c": the name must be`},
		"bad bytes":            {[]string{"--since=1d", "--output=past.om", "--label=job=\xff"}, "the value must be UTF-8"},
		"a bad window":         {[]string{"--since=1d", "--output=past.om", "--runs.window=9d"}, "longer than the lookback"},
		"no such directory":    {[]string{"--since=1d", "--output=nowhere/past.om"}, "nowhere/past.om cannot be written: no such file or directory"},
		"a wrong key":          {[]string{"--since=1d", "--output=past.om", "--api.key-file=other=" + writeFile(t, "key", "wrong-secret")}, `key "other"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, stdout, stderr := runExporter(t, []string{secretKey}, append([]string{"backfill", "--api.url=" + api.URL}, test.args...)...)
			if code != 1 || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, stdout %q, stderr %q, want %q", code, stdout, stderr, test.want)
			}
			if strings.Contains(stderr, "secret") {
				t.Errorf("the key is shown: %s", stderr)
			}
			wantNoOutput(t, "")
		})
	}
}

// A team of the configuration is a label, and nobody may give another one.
func TestBackfill_LabelTeam(t *testing.T) {
	api := newAPI(t)
	if code, _, stderr := runExporter(t, []string{secretKey}, pastArgs(api, filepath.Join(t.TempDir(), "past.om"), "--label=team=a", "--label=key=b")...); code != 0 {
		t.Errorf("without teams: exit code %d, stderr %q", code, stderr)
	}
	file := writeFile(t, "empirical.yml", "projects:\n  - key_file: "+writeFile(t, "key", "secret-key")+"\n    team: payments\n")
	code, _, stderr := runExporter(t, nil, pastArgs(api, filepath.Join(t.TempDir(), "past.om"), "--label=team=a", "--config.file="+file)...)
	if code != 1 || !strings.Contains(stderr, `--label "team=a": metrics have a label`) {
		t.Errorf("with a team: exit code %d, stderr %q", code, stderr)
	}
}

func TestBackfill_EndsWithASignal(t *testing.T) {
	api := newAPI(t)
	api.AddProject("long", "long-key").Add(apitest.Run{State: "ended", CreatedAt: time.Now().AddDate(0, 0, -20)})
	for name, test := range map[string]struct {
		signal os.Signal
		hang   bool
		begun  string // what is there once it is at it
		args   []string
		want   string
	}{
		"while it reads":  {os.Interrupt, true, "", nil, "interrupted before the runs were read"},
		"terminal closed": {syscall.SIGHUP, true, "", nil, "interrupted before the runs were read"},
		"while it writes": {syscall.SIGTERM, false, "/*.om", []string{"--since=20d", "--step=1s", "--runs.lookback=30d"}, "interrupted before all was written"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.hang {
				defer api.Inject(apitest.HangBeforeHeaders())()
			}
			api.ResetRequests()
			output := filepath.Join(t.TempDir(), "past") + "/"
			ctx := context.WithoutCancel(t.Context())
			backfill := testproc.MustStart(t, exporterCommand(ctx, t, []string{config.KeyVariable + "=long-key"}, pastArgs(api, output, test.args...)...))
			testproc.Eventually(t, testproc.Timeout, "it has begun", func() bool {
				partial, _ := filepath.Glob(filepath.Clean(output) + ".partial-*" + test.begun)
				return len(partial) > 0 && api.CountRequests() > 0
			})
			if err := backfill.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			waitCtx, stop := context.WithTimeout(t.Context(), testproc.Timeout)
			defer stop()
			if code, err := backfill.ExitCode(waitCtx); err != nil || code != 1 {
				t.Errorf("exit code %d, want 1; %v", code, err)
			}
			if got, want := backfill.Output(), "empirical_exporter: error: "+test.want+"\n"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
			wantNoOutput(t, filepath.Clean(output))
		})
	}
}

// No file may be larger than 16 KiB: the end of the disk comes while it writes.
func TestBackfill_FullDisk(t *testing.T) {
	api := newAPI(t)
	for _, name := range []string{"past.om", "past.om.gz", "past/"} {
		output := filepath.Join(t.TempDir(), name)
		if strings.HasSuffix(name, "/") {
			output += "/"
		}
		command := exporterCommand(t.Context(), t, []string{secretKey}, pastArgs(api, output, "--step=1s")...)
		command.Args = append([]string{"sh", "-c", `trap "" XFSZ; ulimit -f 16; exec "$0" "$@"`, command.Path}, command.Args[1:]...)
		shell, err := exec.LookPath("sh")
		if err != nil {
			t.Fatal(err)
		}
		command.Path = shell
		text, _ := command.CombinedOutput()
		if want := "empirical_exporter: error: " + filepath.Clean(output) + " cannot be written: file too large\n"; command.ProcessState.ExitCode() != 1 || string(text) != want {
			t.Errorf("exit code %d, %q, want %q", command.ProcessState.ExitCode(), text, want)
		}
		wantNoOutput(t, filepath.Clean(output))
	}
}
