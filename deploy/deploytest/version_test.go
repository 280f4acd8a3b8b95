package deploytest

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/shipped"
	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/tools"
)

// version returns what the file VERSION names.
func version(t *testing.T) string {
	t.Helper()
	named, err := shipped.Version(tools.Root())
	if err != nil {
		t.Fatal(err)
	}
	return named
}

// TestVersion checks that no file of the repository names another version of the
// exporter than VERSION does.
func TestVersion(t *testing.T) {
	list := exec.Command("git", "ls-files")
	list.Dir = inRepository()
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	want, found := version(t), 0
	for file := range strings.Lines(string(files)) {
		file = strings.TrimSpace(file)
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(inRepository(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range shipped.Versions(content) {
			found++
			if got != want {
				t.Errorf("%s names version %s, and VERSION %s: run `make manifests`", file, got, want)
			}
		}
	}
	if found < 10 {
		t.Errorf("the version is found in %d places: the pattern misses some", found)
	}
}

// chartMeta is what Chart.yaml has for registries of charts.
type chartMeta struct{ Annotations map[string]string }

// TestArtifactHub checks the annotations that Artifact Hub reads, which ignores those
// that it cannot read.
func TestArtifactHub(t *testing.T) {
	var meta chartMeta
	if err := yaml.Unmarshal([]byte(read(t, inRepository("deploy", "helm", "empirical-exporter", "Chart.yaml"))), &meta); err != nil {
		t.Fatal(err)
	}
	annotation := func(name string) string {
		text := meta.Annotations["artifacthub.io/"+name]
		delete(meta.Annotations, "artifacthub.io/"+name)
		return text
	}
	if got := annotation("category"); got != "monitoring-logging" {
		t.Errorf("category %q", got)
	}
	if got := annotation("license"); got != "Apache-2.0" || !strings.Contains(read(t, inRepository("LICENSE")), "Apache License") {
		t.Errorf("license %q", got)
	}
	if got := annotation("prerelease"); got != "false" && got != "true" {
		t.Errorf("prerelease %q", got)
	}
	var links []shipped.Link
	strictly(t, annotation("links"), &links)
	checkLinks(t, links)
	var changes []shipped.Change
	strictly(t, annotation("changes"), &changes)
	for _, change := range changes {
		kinds := []string{"added", "changed", "deprecated", "removed", "fixed", "security"}
		if !slices.Contains(kinds, change.Kind) || change.Description == "" {
			t.Errorf("change %+v", change)
		}
		checkLinks(t, change.Links)
	}
	var images []struct {
		Name, Image string
		Platforms   []string
	}
	strictly(t, annotation("images"), &images)
	if len(images) != 1 || images[0].Image != publishedImage(t)+":"+version(t) {
		t.Fatalf("images %v", images)
	}
	if diff := cmp.Diff(strings.Split(makeVariable(t, "IMAGE_PLATFORMS"), ","), images[0].Platforms); diff != "" {
		t.Errorf("platforms (-Makefile +Chart.yaml):\n%s", diff)
	}
	if len(meta.Annotations) > 0 {
		t.Errorf("nothing checks %v", meta.Annotations)
	}
}

func strictly(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Errorf("%v in:\n%s", err, text)
	}
}

func checkLinks(t *testing.T, links []shipped.Link) {
	t.Helper()
	for _, link := range links {
		if link.Name == "" || !strings.HasPrefix(link.URL, "https://github.com/empirical-exporter/empirical_exporter") {
			t.Errorf("link %+v", link)
		}
		path, ofFile := strings.CutPrefix(link.URL, "https://github.com/empirical-exporter/empirical_exporter/blob/main/")
		if _, err := os.Stat(inRepository(path)); ofFile && err != nil {
			t.Errorf("link to no file: %v", err)
		}
	}
}

// publishedImage returns the name of the image that the chart installs.
func publishedImage(t *testing.T) string {
	t.Helper()
	var values struct{ Image struct{ Repository string } }
	if err := yaml.Unmarshal([]byte(read(t, inRepository("deploy", "helm", "empirical-exporter", "values.yaml"))), &values); err != nil {
		t.Fatal(err)
	}
	return values.Image.Repository
}

// makeVariable returns the default of a variable of the Makefile.
func makeVariable(t *testing.T, name string) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^` + name + ` +\?= (\S+)$`).FindStringSubmatch(read(t, inRepository("Makefile")))
	if match == nil {
		t.Fatalf("the Makefile has no %s", name)
	}
	return match[1]
}
