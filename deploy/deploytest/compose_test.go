package deploytest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

// project returns the Compose project with one profile, read as `docker compose`
// reads it: checked against the schema, anchors resolved, paths made absolute.
// Only the given variables are in its environment.
func project(t *testing.T, profile string, environment ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions(
		[]string{inRepository("deploy", "compose", "compose.yaml")},
		cli.WithProfiles([]string{profile}), cli.WithResolvedPaths(true), cli.WithEnv(environment),
	)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestComposeProfiles(t *testing.T) {
	for profile, want := range map[string][]string{
		"demo":     {"alertmanager", "exporter-demo", "fakeapi", "grafana", "prometheus"},
		"projects": {"alertmanager", "exporter-projects", "fakeapi-projects", "grafana", "prometheus"},
		"real":     {"alertmanager", "exporter", "grafana", "prometheus"},
		"file":     {"alertmanager", "exporter-file", "grafana", "prometheus"},
	} {
		names := project(t, profile).ServiceNames()
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("profile %s starts %v, want %v", profile, names, want)
		}
	}
}

func TestComposeServices(t *testing.T) {
	for _, profile := range []string{"demo", "projects", "real", "file"} {
		for name, service := range project(t, profile).Services {
			if _, version, tagged := strings.Cut(service.Image, ":"); !tagged || version == "latest" || !strings.Contains(version, ".") {
				t.Errorf("%s: image %q is not pinned to a version", name, service.Image)
			}
			if !service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"}) || service.Privileged {
				t.Errorf("%s is not hardened", name)
			}
			for _, port := range service.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s: port %s is open to others", name, port.Published)
				}
			}
			for _, volume := range service.Volumes {
				checkReadOnly(t, name, volume)
			}
		}
	}
}

// checkReadOnly checks that a file or folder mounted from the repository exists and
// cannot be written.
func checkReadOnly(t *testing.T, service string, volume types.ServiceVolumeConfig) {
	t.Helper()
	if volume.Type != types.VolumeTypeBind {
		return
	}
	if _, err := os.Stat(volume.Source); err != nil || !volume.ReadOnly {
		t.Errorf("%s: mount of %s, read only %t, %v", service, volume.Source, volume.ReadOnly, err)
	}
}

// TestComposeKeys checks that the exporter gets its key in both profiles.
func TestComposeKeys(t *testing.T) {
	loaded := project(t, "real")
	exporter := loaded.Services["exporter"]
	if want := "--api.key-file=default=/run/secrets/" + exporter.Secrets[0].Source; !slices.Contains(exporter.Command, want) {
		t.Errorf("command %q has no %s", exporter.Command, want)
	}
	if got := loaded.Secrets[exporter.Secrets[0].Source].File; got != inRepository("deploy", "compose", "secrets", "empirical.key") {
		t.Errorf("the key is read from %s", got)
	}
	demo := project(t, "demo").Services
	key := demo["exporter-demo"].Environment["EMPIRICALRUN_KEY"]
	if key == nil || !slices.Contains(demo["fakeapi"].Command, "--key="+*key) {
		t.Errorf("the demo's key is not the one that its API takes: %q", demo["fakeapi"].Command)
	}
}

// TestComposeDemoFlags checks that the demo's API takes flags of the environment.
func TestComposeDemoFlags(t *testing.T) {
	const flags = "--listen-address=:10072 --project=checkout --key=demo-key"
	if got := strings.Join(project(t, "demo").Services["fakeapi"].Command, " "); got != flags {
		t.Errorf("command %q, want %q", got, flags)
	}
	loaded := project(t, "demo", "DEMO_FLAGS=--no-state --no-starts")
	if got := strings.Join(loaded.Services["fakeapi"].Command, " "); got != flags+" --no-state --no-starts" {
		t.Errorf("with DEMO_FLAGS the command is %q", got)
	}
}

// TestComposeBuilds checks that each image built here is a target of the Dockerfile.
func TestComposeBuilds(t *testing.T) {
	for name, service := range project(t, "demo").Services {
		if service.Build == nil {
			continue
		}
		dockerfile := read(t, filepath.Join(service.Build.Context, "Dockerfile"))
		if !strings.Contains(dockerfile, " AS "+service.Build.Target+"\n") {
			t.Errorf("%s: the Dockerfile has no target %s", name, service.Build.Target)
		}
	}
}

// TestComposeVersions checks that the stack runs the Prometheus and Alertmanager
// that the rules are tested with.
func TestComposeVersions(t *testing.T) {
	pinned := read(t, inRepository(".ci", "tools", "prometheus", "go.mod"))
	services := project(t, "real").Services
	for image, module := range map[string]string{
		services["prometheus"].Image:   "github.com/prometheus/prometheus v0.3",
		services["alertmanager"].Image: "github.com/prometheus/alertmanager v",
	} {
		_, version, _ := strings.Cut(image, ":v")
		// Prometheus 3.16.0 is the module's v0.316.0.
		version = strings.TrimPrefix(version, "3.")
		if !strings.Contains(pinned, module+version+" ") {
			t.Errorf("image %s is not the version of %s that the tests use", image, module)
		}
	}
}

// TestComposePrometheus runs promtool on the files, laid out as they are mounted.
func TestComposePrometheus(t *testing.T) {
	etc := mounted(t, "prometheus", "/etc/prometheus")
	out, err := exec.Command(built(t, "promtool"), "check", "config", filepath.Join(etc, "prometheus.yml")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rules, err := filepath.Glob(filepath.Join(etc, "rules", "*.yml"))
	if err != nil || len(rules) == 0 || strings.Count(string(out), "rules found") != len(rules) {
		t.Errorf("promtool read other rules than %v, %v:\n%s", rules, err, out)
	}
}

func TestComposeAlertmanager(t *testing.T) {
	etc := mounted(t, "alertmanager", "/etc/alertmanager")
	out, err := exec.Command(built(t, "amtool"), "check-config", filepath.Join(etc, "alertmanager.yml")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// mounted returns a folder laid out as the given one is in the service.
func mounted(t *testing.T, service, folder string) string {
	t.Helper()
	etc := t.TempDir()
	for _, volume := range project(t, "real").Services[service].Volumes {
		if name, below := strings.CutPrefix(volume.Target, folder+"/"); below {
			if err := os.Symlink(volume.Source, filepath.Join(etc, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return etc
}

// TestComposeTarget checks that the target of the scrape exists in all profiles.
func TestComposeTarget(t *testing.T) {
	prometheus := read(t, inRepository("deploy", "compose", "prometheus.yml"))
	if !strings.Contains(prometheus, "targets: [exporter:10071]") {
		t.Error("Prometheus does not scrape exporter:10071")
	}
	if _, there := project(t, "real").Services["exporter"]; !there {
		t.Error("no service exporter in the profile real")
	}
	for _, profile := range []string{"demo", "projects", "file"} {
		network := project(t, profile).Services["exporter-"+profile].Networks["default"]
		if network == nil {
			t.Fatalf("exporter-%s has no alias", profile)
		}
		if diff := cmp.Diff([]string{"exporter"}, network.Aliases); diff != "" {
			t.Errorf("%s: %s", profile, diff)
		}
	}
}

// TestComposeGrafana checks that the provisioning names the folder where the
// dashboards are mounted, and the service of Prometheus.
func TestComposeGrafana(t *testing.T) {
	targets := map[string]string{}
	for _, volume := range project(t, "demo").Services["grafana"].Volumes {
		targets[volume.Target] = volume.Source
	}
	provider := read(t, filepath.Join(targets["/etc/grafana/provisioning/dashboards"], "empirical.yml"))
	const path = "/var/lib/grafana/dashboards/empirical"
	if !strings.Contains(provider, "path: "+path+"\n") || targets[path] == "" {
		t.Errorf("dashboards are mounted at %v, and looked for where this says:\n%s", targets, provider)
	}
	source := read(t, filepath.Join(targets["/etc/grafana/provisioning/datasources"], "prometheus.yml"))
	if !strings.Contains(source, "url: http://prometheus:9090\n") {
		t.Errorf("the datasource is not the service prometheus:\n%s", source)
	}
}
