package deploytest

import (
	"slices"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/empirical-exporter/empirical_exporter/deploy/deploytest/manifest"
)

// one returns the only object of its type.
func one[T runtime.Object](t *testing.T, objects []runtime.Object) T {
	t.Helper()
	found := manifest.Of[T](objects)
	if len(found) != 1 {
		t.Fatalf("%d objects of type %T, want 1", len(found), *new(T))
	}
	return found[0]
}

func podOf(t *testing.T, values string) core.PodSpec {
	t.Helper()
	return one[*apps.Deployment](t, render(t, values)).Spec.Template.Spec
}

// TestPodIsRestricted checks that the pod meets the level "restricted" of
// Kubernetes' pod security standards, and a little more.
func TestPodIsRestricted(t *testing.T) {
	for _, values := range []string{"minimal", "operator", "everything", "projects", "directory"} {
		t.Run(values, func(t *testing.T) {
			pod := podOf(t, chartValues(values))
			container := pod.Containers[0]
			level, security := pod.SecurityContext, container.SecurityContext
			for property, holds := range map[string]bool{
				"runs as no root":               *level.RunAsNonRoot && *level.RunAsUser != 0,
				"default seccomp profile":       level.SeccompProfile.Type == core.SeccompProfileTypeRuntimeDefault,
				"no further privileges":         !*security.AllowPrivilegeEscalation,
				"read-only root file system":    *security.ReadOnlyRootFilesystem,
				"no capabilities":               slices.Equal(security.Capabilities.Drop, []core.Capability{"ALL"}),
				"no token of the cluster":       !*pod.AutomountServiceAccountToken,
				"time for scrapes in flight":    *pod.TerminationGracePeriodSeconds > 10,
				"a request for memory":          !container.Resources.Requests.Memory().IsZero(),
				"a request for CPU":             !container.Resources.Requests.Cpu().IsZero(),
				"no limit of CPU, it throttles": container.Resources.Limits.Cpu().IsZero(),
			} {
				if !holds {
					t.Errorf("the pod lacks: %s", property)
				}
			}
		})
	}
}

// TestPodOpenShift checks that nothing stands against the user and the groups that
// OpenShift gives to a pod.
func TestPodOpenShift(t *testing.T) {
	security := podOf(t, chartValues("openshift")).SecurityContext
	if security.RunAsUser != nil || security.RunAsGroup != nil || security.FSGroup != nil || !*security.RunAsNonRoot {
		t.Errorf("security context %+v, want runAsNonRoot without a user and groups", security)
	}
}

func TestPodProbes(t *testing.T) {
	container := podOf(t, chartValues("minimal")).Containers[0]
	port := container.Ports[0]
	if port.Name != "metrics" || port.ContainerPort != 10071 {
		t.Errorf("port %v, want metrics 10071", port)
	}
	for path, probe := range map[string]*core.Probe{
		"/-/healthy": container.LivenessProbe,
		"/-/ready":   container.ReadinessProbe,
	} {
		if probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != port.Name {
			t.Errorf("probe %v, want %s at port %s", probe.HTTPGet, path, port.Name)
		}
	}
}

func TestPodArguments(t *testing.T) {
	for values, want := range map[string][]string{
		"minimal":   {"--api.key-file=checkout=/etc/empirical_exporter/keys/checkout"},
		"directory": {"--api.key-dir=/etc/empirical_exporter/keys"},
		"projects":  {"--config.file=/etc/empirical_exporter/config/empirical.yml", "--runs.lookback=15d"},
		"operator": {
			"--api.key-file=checkout=/etc/empirical_exporter/keys/checkout",
			"--api.key-file=shop=/etc/empirical_exporter/keys/shop",
		},
		"everything": {
			"--api.key-file=checkout=/etc/empirical_exporter/keys/checkout",
			"--api.key-file=shop.web=/etc/empirical_exporter/keys/shop.web",
			"--api.concurrency=4", "--api.duration-unit=seconds", "--api.max-rate=0", "--api.timeout=20s", "--api.url=http://fakeapi.demo.svc:10072",
			"--log.format=json", "--log.level=debug",
			"--runs.branch=main|release-.*", "--runs.lookback=15d", "--runs.max-groups=50",
			"--runs.resync-interval=30m", "--runs.window=1d", "--runs.window=7d", "--runs.window=14d", "--runs.zero-hold=5m",
			"--scrape.max-staleness=10m", "--scrape.min-interval=15s", "--scrape.timeout-offset=1s",
			"--web.max-requests=20",
		},
	} {
		t.Run(values, func(t *testing.T) {
			if got := podOf(t, chartValues(values)).Containers[0].Args; !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// TestPodKeys checks that each key of the command line is a file of the Secret,
// readable by the user that the pod runs as.
func TestPodKeys(t *testing.T) {
	for values, secret := range map[string]string{
		"minimal": "empirical-exporter-keys", "operator": "empirical-keys", "everything": "empirical-keys",
	} {
		t.Run(values, func(t *testing.T) {
			pod := podOf(t, chartValues(values))
			volume, mount := pod.Volumes[0], pod.Containers[0].VolumeMounts[0]
			if volume.Secret.SecretName != secret || *volume.Secret.DefaultMode != 0o440 || *pod.SecurityContext.FSGroup == 0 {
				t.Errorf("secret %+v", volume.Secret)
			}
			if mount.Name != volume.Name || !mount.ReadOnly {
				t.Errorf("mount %+v of volume %s", mount, volume.Name)
			}
			for _, item := range volume.Secret.Items {
				argument := "--api.key-file=" + item.Key + "=" + mount.MountPath + "/" + item.Path
				if !slices.Contains(pod.Containers[0].Args, argument) {
					t.Errorf("no argument %s", argument)
				}
			}
		})
	}
}

func TestSecretOfTheChart(t *testing.T) {
	secret := one[*core.Secret](t, render(t, chartValues("everything")))
	if secret.StringData["shop.web"] != "0123456789" || len(secret.StringData) != 2 {
		t.Errorf("secret holds %v", secret.StringData)
	}
}
