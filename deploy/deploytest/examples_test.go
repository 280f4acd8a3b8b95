package deploytest

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// TestComposeConfigFile runs the exporter as the profile file does, on the example
// and a key.
func TestComposeConfigFile(t *testing.T) {
	service := project(t, "file").Services["exporter-file"]
	folder, sources := t.TempDir(), map[string]string{}
	for _, volume := range service.Volumes {
		sources[volume.Target] = volume.Source
	}
	if want := inRepository("deploy", "compose", "secrets"); sources["/run/secrets"] != want {
		t.Errorf("/run/secrets is %s, want %s", sources["/run/secrets"], want)
	}
	example := read(t, filepath.Join(sources[etc], "empirical.yml"))
	update(t, filepath.Join(folder, "keys"), map[string]string{"shop.key": "shop-key"})
	update(t, folder, map[string]string{"empirical.yml": strings.ReplaceAll(example, "/run/secrets", filepath.Join(folder, "keys"))})
	url := startExporter(t, mountedPod{folder: folder}, service.Command)
	awaitSamples(t, url, `empirical_up{key="shop"} 1`)
}

// TestComposeProjects runs the API and the exporter of the profile projects, with
// fewer runs.
func TestComposeProjects(t *testing.T) {
	services := project(t, "projects").Services
	folder, address := t.TempDir(), testproc.MustFreeAddress(t)
	replace := strings.NewReplacer("/run/empirical", folder, "http://fakeapi-projects:10072", "http://"+address,
		"--listen-address=:10072", "--listen-address="+address, "--runs-per-day=200", "--runs-per-day=5").Replace
	arguments := func(command []string) (replaced []string) {
		for _, argument := range command {
			replaced = append(replaced, replace(argument))
		}
		return replaced
	}
	fakeapi := filepath.Join(t.TempDir(), "fakeapi")
	build := exec.Command("go", "build", "-o", fakeapi, "./apiclient/apitest/fakeapi")
	build.Dir = inRepository()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	api := testproc.MustStart(t, exec.Command(fakeapi, arguments(services["fakeapi-projects"].Command)...))
	if _, err := api.AwaitOutput(t.Context(), regexp.MustCompile("listening on ")); err != nil {
		t.Fatal(err)
	}
	url := startExporter(t, mountedPod{}, arguments(services["exporter-projects"].Command))
	testproc.Eventually(t, testproc.Timeout, "50 projects", func() bool {
		_, body := testproc.Get(t, url)
		return len(regexp.MustCompile(`(?m)^empirical_up{.+} 1$`).FindAllString(body, -1)) == 50
	})
	awaitSamples(t, url, `empirical_up{key="checkout",team="payments"} 1`)
}

// TestSystemdConfigFile runs the exporter as the drop-in does, on the example and a key.
func TestSystemdConfigFile(t *testing.T) {
	folder := t.TempDir()
	update(t, filepath.Join(folder, "keys"), map[string]string{"checkout.key": "checkout-key"})
	update(t, folder, map[string]string{"empirical.yml": read(t, inRepository("deploy", "systemd", "empirical.yml"))})
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/empirical_exporter (.+) \$ARGS$`).
		FindStringSubmatch(read(t, inRepository("deploy", "systemd", "config-file.conf")))
	if start == nil {
		t.Fatal("config-file.conf does not start the exporter")
	}
	url := startExporter(t, mountedPod{folder: folder}, strings.Fields(start[1]))
	awaitSamples(t, url, `empirical_up{key="checkout"} 1`)
}

// TestSystemdReload checks that a reload sends the signal upon which the exporter
// reads its configuration file again.
func TestSystemdReload(t *testing.T) {
	if unit := read(t, inRepository("deploy", "systemd", serviceFile)); !strings.Contains(unit, "\nExecReload=/bin/kill -HUP $MAINPID\n") {
		t.Error("the unit has no ExecReload that sends SIGHUP")
	}
}
