package deploytest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

// TestChartTest checks that `helm test` runs the check with all that the exporter
// has, in a pod that no Service takes for the exporter.
func TestChartTest(t *testing.T) {
	for _, values := range []string{"everything", "projects", "proxy", "openshift"} {
		t.Run(values, func(t *testing.T) {
			objects := render(t, chartValues(values))
			check, exporter := one[*core.Pod](t, objects), one[*apps.Deployment](t, objects).Spec.Template.Spec
			if check.Annotations["helm.sh/hook"] != "test" || check.Spec.RestartPolicy != core.RestartPolicyNever {
				t.Errorf("annotations %v, restart policy %s", check.Annotations, check.Spec.RestartPolicy)
			}
			if contains(check.Labels, one[*core.Service](t, objects).Spec.Selector) {
				t.Errorf("the Service selects the labels %v", check.Labels)
			}
			got, want := check.Spec.Containers[0], exporter.Containers[0]
			if args := append([]string{"check"}, want.Args...); !slices.Equal(got.Args, args) {
				t.Errorf("arguments %q, want %q", got.Args, args)
			}
			type same struct{ image, env, mounts, volumes, security, pod any }
			if diff := cmp.Diff(
				same{want.Image, want.Env, want.VolumeMounts, exporter.Volumes, want.SecurityContext, exporter.SecurityContext},
				same{got.Image, got.Env, got.VolumeMounts, check.Spec.Volumes, got.SecurityContext, check.Spec.SecurityContext},
				cmp.AllowUnexported(same{}),
			); diff != "" {
				t.Errorf("-exporter +check:\n%s", diff)
			}
		})
	}
}

func TestChartProxy(t *testing.T) {
	objects := render(t, chartValues("proxy"))
	deployment := one[*apps.Deployment](t, objects)
	pod := deployment.Spec.Template
	environment := map[string]string{}
	for _, variable := range pod.Spec.Containers[0].Env {
		environment[variable.Name] = variable.Value
		if from := variable.ValueFrom; from != nil {
			environment[variable.Name] = from.SecretKeyRef.Name + "/" + from.SecretKeyRef.Key
		}
	}
	mounts := pod.Spec.Containers[0].VolumeMounts
	ca := mounts[len(mounts)-1]
	want := map[string]string{
		"HTTPS_PROXY": "proxy/url", "HTTP_PROXY": "proxy/url", "NO_PROXY": "localhost,.svc", "SSL_CERT_FILE": ca.MountPath + "/ca.crt",
	}
	if diff := cmp.Diff(want, environment); diff != "" {
		t.Errorf("environment, -want +got:\n%s", diff)
	}
	if volume := pod.Spec.Volumes[len(pod.Spec.Volumes)-1]; volume.Name != ca.Name || volume.ConfigMap.Name != "private-ca" {
		t.Errorf("volume %v for the mount %v", volume, ca)
	}
	if port := one[*networking.NetworkPolicy](t, objects).Spec.Egress[1].Ports[0].Port.IntVal; port != 3128 {
		t.Errorf("egress to port %d", port)
	}
	const label = "example.org/team"
	if deployment.Labels[label] != "qa" || pod.Labels[label] != "platform" {
		t.Errorf("labels %v and %v: podLabels win over commonLabels", deployment.Labels, pod.Labels)
	}
	if more := one[*core.ConfigMap](t, objects); more.Name != "empirical-exporter-more" {
		t.Errorf("the object of one's own is called %s", more.Name)
	}
}
