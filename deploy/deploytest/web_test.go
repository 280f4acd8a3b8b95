package deploytest

import (
	"crypto/tls"
	"net/http"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// webConfig names its files as entries of the same Secret. The password is "open sesame".
const webConfig = `
tls_server_config: {cert_file: tls.crt, key_file: tls.key}
basic_auth_users:
  prometheus: $2a$04$KtRuVjbdf0SXBPOm08kwTOZZdyY13KfnK5AqQa2dT6fQ..JBc8tXW
`

// TestChartWebRun runs the exporter with the Secret of the web configuration, and
// scrapes it as the ServiceMonitor says.
func TestChartWebRun(t *testing.T) {
	authority := testnet.MustAuthority(t, "ours")
	certificate := authority.MustIssue(t, "exporter")
	objects := render(t, chartValues("web"))
	pod := mountedPod{t.TempDir(), map[string]map[string]string{
		"empirical-keys": {"checkout": "checkout-key"},
		"empirical-web":  {"web.yml": webConfig, "tls.crt": certificate.CertificatePEM, "tls.key": certificate.KeyPEM},
	}}
	pod.mount(t, objects)
	_, address := launch(t, pod, one[*apps.Deployment](t, objects).Spec.Template.Spec.Containers[0].Args)
	endpoint := one[*monitoring.ServiceMonitor](t, objects).Spec.Endpoints[0]
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}}}
	t.Cleanup(client.CloseIdleConnections)
	status := func(password string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, string(*endpoint.Scheme)+"://"+address+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("prometheus", password)
		response, err := client.Do(request)
		if err != nil {
			return 0
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	testproc.Eventually(t, testproc.Timeout, "a scrape", func() bool { return status("open sesame") == http.StatusOK })
	if code := status("open"); code != http.StatusUnauthorized {
		t.Errorf("with another password: %d", code)
	}
	user, password := endpoint.BasicAuth.Username, endpoint.BasicAuth.Password
	if user.Name != "empirical-scrape" || user.Key != "username" || password.Name != user.Name || password.Key != "password" {
		t.Errorf("credentials from %v and %v", user, password)
	}
}

// TestChartWebProbes checks that probes reach an exporter with TLS, and one that
// wants a password, which the kubelet has not.
func TestChartWebProbes(t *testing.T) {
	secured := podOf(t, chartValues("web")).Containers[0]
	encrypted := podOf(t, "testdata/values/tls.yaml").Containers[0]
	for _, probe := range []*core.Probe{secured.LivenessProbe, secured.ReadinessProbe} {
		if probe.TCPSocket == nil || probe.TCPSocket.Port.StrVal != "metrics" || probe.HTTPGet != nil {
			t.Errorf("with a password the probe is %v", probe)
		}
	}
	for _, probe := range []*core.Probe{encrypted.LivenessProbe, encrypted.ReadinessProbe} {
		if probe.HTTPGet == nil || probe.HTTPGet.Scheme != core.URISchemeHTTPS {
			t.Errorf("with TLS the probe is %v", probe)
		}
	}
}
