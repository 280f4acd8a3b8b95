package deploytest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
)

const etc = "/etc/empirical_exporter"

// mountedPod is a folder with the volumes of the exporter's pod, in place of /etc/empirical_exporter.
type mountedPod struct {
	folder  string
	secrets map[string]map[string]string // made elsewhere, by name
}

// mount lays out the volumes that the pod mounts, or changes them, as Kubernetes
// does: files are links through ..data, which is replaced at once. A file mounted
// with subPath would be laid out once only; the chart has none.
func (m mountedPod) mount(t *testing.T, objects []runtime.Object) {
	t.Helper()
	pod := one[*apps.Deployment](t, objects).Spec.Template.Spec
	volumes := map[string]map[string]string{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = m.content(t, objects, volume)
	}
	for _, mount := range pod.Containers[0].VolumeMounts {
		if mount.SubPath != "" {
			t.Fatalf("%s is mounted with subPath: Kubernetes does not update it", mount.MountPath)
		}
		update(t, m.path(mount.MountPath), volumes[mount.Name])
	}
}

// path returns the path in the folder for a path of the pod, or of a text with such paths.
func (m mountedPod) path(text string) string { return strings.ReplaceAll(text, etc, m.folder) }

func (m mountedPod) content(t *testing.T, objects []runtime.Object, volume core.Volume) map[string]string {
	t.Helper()
	files := map[string]string{}
	if volume.ConfigMap != nil {
		for _, c := range manifest.Of[*core.ConfigMap](objects) {
			if c.Name == volume.ConfigMap.Name {
				for name, text := range c.Data {
					files[name] = m.path(text)
				}
			}
		}
		return files
	}
	files = m.secrets[volume.Secret.SecretName]
	for _, secret := range manifest.Of[*core.Secret](objects) {
		if secret.Name == volume.Secret.SecretName {
			files = secret.StringData
		}
	}
	if volume.Secret.Items == nil {
		return files
	}
	selected := map[string]string{}
	for _, item := range volume.Secret.Items {
		text, exists := files[item.Key]
		if !exists {
			t.Fatalf("secret %s has no entry %s", volume.Secret.SecretName, item.Key)
		}
		selected[item.Path] = text
	}
	return selected
}

// update lays out the files of a volume in a folder.
func update(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(folder, 0o755))
	before, err := os.ReadDir(folder)
	must(err)
	data := filepath.Join(folder, fmt.Sprintf("..%d", len(before))) // there are more each time
	must(os.Mkdir(data, 0o755))
	for name, text := range files {
		must(os.WriteFile(filepath.Join(data, name), []byte(text), 0o600))
	}
	link := filepath.Join(folder, "..data_tmp")
	must(os.Symlink(filepath.Base(data), link))
	must(os.Rename(link, filepath.Join(folder, "..data")))
	for name := range files {
		if _, err := os.Lstat(filepath.Join(folder, name)); err != nil {
			must(os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name)))
		}
	}
}
