package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// newProjects serves some projects with a run each. Their keys are in a directory.
func newProjects(t *testing.T, slugs ...string) (api *apitest.Server, keys string) {
	t.Helper()
	api, keys = apitest.NewServer(), t.TempDir()
	t.Cleanup(api.Close)
	for _, slug := range slugs {
		api.AddProject(slug, "s3cret-of-"+slug).Add(apitest.Run{State: "ended", Branch: new("main")})
		overwrite(t, filepath.Join(keys, slug+".key"), "s3cret-of-"+slug+"\n")
	}
	return api, keys
}

// following is an exporter whose projects come and go.
type following struct {
	*testing.T
	*testproc.Process

	url string
}

func follow(t *testing.T, api *apitest.Server, args ...string) *following {
	t.Helper()
	exporter := startExporter(t, nil, append(args, "--api.url="+api.URL, "--scrape.min-interval=0", "--api.max-rate=0")...)
	return &following{t, exporter, listenURL(t, exporter)}
}

// wantScrape scrapes, and wants these lines and none of these texts.
func (f *following) wantScrape(when string, want []string, not ...string) {
	f.Helper()
	code, body := testproc.Get(f.T, f.url+"/metrics")
	if code != http.StatusOK {
		f.Fatalf("%s: %d: %s", when, code, body)
	}
	for _, line := range want {
		if !strings.Contains(body, "\n"+line+"\n") {
			f.Errorf("%s: no %s in:\n%s", when, line, body)
		}
	}
	for _, text := range not {
		if strings.Contains(body, text) {
			f.Errorf("%s: there is %s in:\n%s", when, text, body)
		}
	}
	if strings.Contains(body+f.Output(), "s3cret") {
		f.Errorf("%s: a key is shown in:\n%s\n%s", when, body, f.Output())
	}
}

// wantLogged wants so many lines with these words in the log.
func (f *following) wantLogged(lines int, words string) {
	f.Helper()
	if n := strings.Count(f.Output(), words); n != lines {
		f.Errorf("%d lines with %q are logged, want %d:\n%s", n, words, lines, f.Output())
	}
}

func TestProjects_Fifty(t *testing.T) {
	slugs := make([]string, 50)
	for i := range slugs {
		slugs[i] = fmt.Sprintf("project-%02d", i)
	}
	api, keys := newProjects(t, slugs...)
	f := follow(t, api, "--api.key-dir="+keys)
	var want []string
	for _, slug := range slugs {
		want = append(want, fmt.Sprintf("empirical_up{key=%q} 1", slug),
			fmt.Sprintf(`empirical_runs{branch="main",environment="",project=%q,state="ended"} 1`, slug))
	}
	f.wantScrape("with fifty keys", want, "team=")
}

// A key that appears, one that goes and one that is half written need no restart
// and harm no other.
func TestProjects_KeysAppearAndGo(t *testing.T) {
	api, keys := newProjects(t, "checkout", "search", "web")
	at := func(name string) string { return filepath.Join(keys, name+".key") }
	for _, name := range []string{"search", "web"} {
		if err := os.Rename(at(name), at("."+name)); err != nil {
			t.Fatal(err)
		}
	}
	f := follow(t, api, "--api.key-dir="+keys)
	f.wantScrape("at the start", []string{`empirical_up{key="checkout"} 1`}, `key="search"`, `key="web"`, `key=".web"`)
	overwrite(t, at("search"), "")
	f.wantScrape("a key is half written", []string{`empirical_up{key="checkout"} 1`, `empirical_up{key="search"} 0`},
		`empirical_exporter_refresh_failures_total{key="search",reason="unauthorized"} 0`)
	overwrite(t, at("search"), "s3cret-of-search")
	f.wantScrape("the key is written", []string{`empirical_up{key="checkout"} 1`, `empirical_up{key="search"} 1`})
	if err := os.Rename(at(".web"), at("web")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(at("checkout")); err != nil {
		t.Fatal(err)
	}
	f.wantScrape("a key went, and another came", []string{`empirical_up{key="search"} 1`, `empirical_up{key="web"} 1`}, "checkout")
	if code, body := testproc.Get(t, f.url+"/-/ready"); code != http.StatusOK {
		t.Errorf("%d: %s", code, body)
	}
	if code, body, _ := testproc.Request(t, http.MethodPost, f.url+"/-/reload"); code != http.StatusOK {
		t.Errorf("a reload without a file: %d %s", code, body)
	}
	f.wantScrape("a reload without a file", nil, "config_last_reload")
}

func TestProjects_Reload(t *testing.T) {
	api, keys := newProjects(t, "checkout", "search")
	file := filepath.Join(keys, "empirical.yml")
	const first, both = "projects:\n- key_file: checkout.key\n", "projects:\n- key_file: checkout.key\n  team: payments\n- key_file: search.key\n"
	overwrite(t, file, first)
	f := follow(t, api, "--config.file="+file)
	good, bad := "empirical_exporter_config_last_reload_successful 1", "empirical_exporter_config_last_reload_successful 0"
	f.wantScrape("at the start", []string{`empirical_up{key="checkout"} 1`, good}, `key="search"`, "team=")

	overwrite(t, file, both)
	f.wantScrape("the file changed", []string{
		`empirical_up{key="checkout",team="payments"} 1`, `empirical_up{key="search"} 1`, good,
		`empirical_runs{branch="main",environment="",project="checkout",state="ended",team="payments"} 1`,
	}, `empirical_exporter_refreshes_total{key="checkout",team="payments"} 1`) // it goes on
	overwrite(t, file, "projects:\n- key_file: checkout.key\n  max_group: 7\n")
	for range 3 {
		f.wantScrape("a bad file", []string{`empirical_up{key="checkout",team="payments"} 1`, `empirical_up{key="search"} 1`, bad})
	}
	f.wantLogged(1, file+`:3: unknown key \"max_group\" in a project; write one of name`)
	if code, body, _ := testproc.Request(t, http.MethodPost, f.url+"/-/reload"); code != http.StatusInternalServerError || !strings.Contains(body, file+":3: unknown key") {
		t.Errorf("a reload of a bad file: %d %s", code, body)
	}

	overwrite(t, file, first)
	f.reloadBySignal(1 + strings.Count(f.Output(), "is taken over"))
	f.wantScrape("a good file", []string{`empirical_up{key="checkout"} 1`, good}, `key="search"`, "team=")
	overwrite(t, file, both)
	if code, body, _ := testproc.Request(t, http.MethodPost, f.url+"/-/reload"); code != http.StatusOK {
		t.Errorf("a reload of a good file: %d %s", code, body)
	}
	f.wantScrape("a good file", []string{`empirical_up{key="checkout",team="payments"} 1`, `empirical_up{key="search"} 1`, good})
}

// reloadBySignal sends SIGHUP and waits for the n-th reload that is logged.
func (f *following) reloadBySignal(n int) {
	f.Helper()
	if err := f.Signal(syscall.SIGHUP); err != nil {
		f.Fatal(err)
	}
	testproc.Eventually(f.T, testproc.Timeout, "the reload is logged", func() bool {
		return strings.Count(f.Output(), "is taken over") >= n
	})
}

// A key that opens nothing by itself works with the id of its project.
func TestProjects_ID(t *testing.T) {
	api, keys := newProjects(t)
	project := api.AddProject("checkout", "s3cret-of-checkout")
	project.RequireID()
	overwrite(t, filepath.Join(keys, "checkout.key"), "s3cret-of-checkout")
	file := filepath.Join(keys, "empirical.yml")
	const without = "projects:\n- key_file: checkout.key\n"
	overwrite(t, file, without)
	f := follow(t, api, "--config.file="+file)
	f.wantScrape("without the id", []string{`empirical_up{key="checkout"} 0`})
	overwrite(t, file, fmt.Sprintf("%s  project_id: %d\n", without, project.ID()))
	f.wantScrape("with the id", []string{`empirical_up{key="checkout"} 1`})
}

// A configuration file that cannot be used ends the exporter before it listens, and
// a check says the same.
func TestProjects_BadFileAtTheStart(t *testing.T) {
	file := writeFile(t, "empirical.yml", "projects:\n- name: checkout\n")
	line := regexp.MustCompile("^empirical_exporter: error: " + regexp.QuoteMeta(file) + ":2: no key; write key_file or key_dir\n$")
	for _, args := range [][]string{{}, {"check"}} {
		code, _, stderr := runExporter(t, []string{secretKey}, append(args, "--config.file="+file)...)
		if code != 1 || !line.MatchString(stderr) {
			t.Errorf("%v: exit code %d, want 1 and one line with the line number: %s", args, code, stderr)
		}
	}
}

// The key is shown nowhere, neither when all is well nor when the API repeats it.
func TestKey_IsNeverShown(t *testing.T) {
	const key = "very-secret-key"
	api := apitest.NewServer()
	defer api.Close()
	api.AddProject("checkout", key)
	file := writeFile(t, "checkout.key", key)
	exporter := startExporter(t, nil, "--api.url="+api.URL, "--api.key-file="+file, "--scrape.min-interval=0", "--log.level=debug")
	url := listenURL(t, exporter)
	pages := func(when string) {
		for _, path := range []string{"/metrics", "/", "/-/healthy", "/-/ready"} {
			if _, body := testproc.Get(t, url+path); strings.Contains(body, key) {
				t.Errorf("%s: the key is on %s:\n%s", when, path, body)
			}
		}
	}
	pages("when all is well")
	api.Inject(apitest.Status(http.StatusUnauthorized, "Bearer "+key+" is no key."))
	pages("when the key is refused")
	testproc.Eventually(t, testproc.Timeout, "the failure is logged", func() bool { return strings.Contains(exporter.Output(), "reason=unauthorized") })
	if log := exporter.Output(); strings.Contains(log, key) {
		t.Errorf("the key is in the log:\n%s", log)
	}
}

func TestKey_RotatesWithoutARestart(t *testing.T) {
	api := apitest.NewServer()
	defer api.Close()
	project := api.AddProject("checkout", "old-key")
	file := writeFile(t, "checkout.key", "old-key")
	exporter := startExporter(t, nil, "--api.url="+api.URL, "--api.key-file="+file, "--scrape.min-interval=0")
	url := listenURL(t, exporter)
	expect := func(want string) {
		t.Helper()
		if _, body := testproc.Get(t, url+"/metrics"); !strings.Contains(body, want) {
			t.Errorf("no %s in:\n%s", want, body)
		}
	}
	expect(`empirical_up{key="checkout"} 1`)
	project.SetKey("new-key")
	expect(`empirical_up{key="checkout"} 0`)
	overwrite(t, file, "new-key")
	expect(`empirical_up{key="checkout"} 1`)
}
