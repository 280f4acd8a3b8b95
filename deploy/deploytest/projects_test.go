package deploytest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// TestChartConfig checks the configuration file that the chart makes: the key of a
// project is a file of the Secret, all else is as in the values.
func TestChartConfig(t *testing.T) {
	const want = `
defaults: {branches: main|release/.*, team: platform}
projects:
  - {name: checkout, key_file: /etc/empirical_exporter/keys/checkout, project_id: 12345678901, team: payments,
     branches: ".*", keep_branches: main, max_groups: 100}
  - {name: Shop (web), key_file: /etc/empirical_exporter/keys/shop.web, team: ""}
  - {key_file: /etc/empirical_exporter/keys/search.key}
  - {key_dir: /etc/empirical_exporter/team-qa, team: qa, max_groups: 50}
`
	config := one[*core.ConfigMap](t, render(t, chartValues("projects")))
	if diff := cmp.Diff(parsed(t, want), parsed(t, config.Data["empirical.yml"])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func parsed(t *testing.T, text string) (document any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return document
}

// TestChartConfigVolumes checks that all entries of the Secret are mounted, also
// those that do not exist yet, and that a change of the file starts no new pod.
func TestChartConfigVolumes(t *testing.T) {
	for _, values := range []string{"projects", "directory"} {
		pod := one[*apps.Deployment](t, render(t, chartValues(values))).Spec.Template
		if secret := pod.Spec.Volumes[0].Secret; secret.SecretName != "empirical-keys" || secret.Items != nil {
			t.Errorf("%s: secret %+v, want all of empirical-keys", values, secret)
		}
		if len(pod.Annotations) != 0 {
			t.Errorf("%s: annotations %v: one that follows the configuration would start a new pod", values, pod.Annotations)
		}
	}
}

// TestChartProjectsRun runs the exporter on what the chart makes, and adds a project
// to the values and to the Secret. The same process must read it.
func TestChartProjectsRun(t *testing.T) {
	const less, more = "testdata/values/two-projects.yaml", "testdata/values/three-projects.yaml"
	two, three := render(t, less), render(t, more)
	if diff := cmp.Diff(one[*apps.Deployment](t, two).Spec, one[*apps.Deployment](t, three).Spec); diff != "" {
		t.Fatalf("a project more changes the pods:\n%s", diff)
	}
	pod := mountedPod{folder: t.TempDir()}
	pod.mount(t, two)
	url := startExporter(t, pod, one[*apps.Deployment](t, two).Spec.Template.Spec.Containers[0].Args)
	awaitSamples(t, url, `empirical_up{key="checkout",team="payments"} 1`, `empirical_up{key="shop",team="web"} 1`)
	pod.mount(t, three)
	awaitSamples(t, url, `empirical_up{key="search",team="web"} 1`, `empirical_exporter_config_last_reload_successful 1`)
}

// TestChartDirectoryRun does the same with the keys of a Secret alone.
func TestChartDirectoryRun(t *testing.T) {
	objects := render(t, chartValues("directory"))
	keys := map[string]string{"checkout": "checkout-key"}
	pod := mountedPod{t.TempDir(), map[string]map[string]string{"empirical-keys": keys}}
	pod.mount(t, objects)
	url := startExporter(t, pod, one[*apps.Deployment](t, objects).Spec.Template.Spec.Containers[0].Args)
	awaitSamples(t, url, `empirical_up{key="checkout"} 1`)
	keys["shop.key"] = "shop-key"
	pod.mount(t, objects)
	awaitSamples(t, url, `empirical_up{key="shop"} 1`)
}

// startExporter starts the exporter as launch does, and returns its URL when it answers.
func startExporter(t *testing.T, pod mountedPod, args []string) string {
	t.Helper()
	exporter, address := launch(t, pod, args)
	url := "http://" + address + "/metrics"
	if err := exporter.AwaitURL(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return url
}

// launch starts the exporter with the arguments of a pod, against an API that has the
// keys of the tests unless they name another, and returns its address.
func launch(t *testing.T, pod mountedPod, args []string) (exporter *testproc.Process, address string) {
	t.Helper()
	api := apitest.NewServer()
	t.Cleanup(api.Close)
	for _, slug := range []string{"checkout", "shop", "search"} {
		api.AddProject(slug, slug+"-key")
	}
	address = testproc.MustFreeAddress(t)
	arguments := []string{"--web.listen-address=" + address, "--scrape.min-interval=0s"}
	if !slices.ContainsFunc(args, func(argument string) bool { return strings.HasPrefix(argument, "--api.url=") }) {
		arguments = append(arguments, "--api.url="+api.URL)
	}
	for _, argument := range args {
		arguments = append(arguments, pod.path(argument))
	}
	program, err := testproc.BuildExporter(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return testproc.MustStart(t, exec.Command(program, arguments...)), address
}

// awaitSamples waits until a scrape has all of some samples.
func awaitSamples(t *testing.T, url string, samples ...string) {
	t.Helper()
	testproc.Eventually(t, testproc.Timeout, strings.Join(samples, " and "), func() bool {
		_, body := testproc.Get(t, url)
		lines := strings.Split(body, "\n")
		return !slices.ContainsFunc(samples, func(sample string) bool { return !slices.Contains(lines, sample) })
	})
}
