package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// passwordHash is bcrypt of "open sesame", of the least cost.
const passwordHash = "$2a$04$KtRuVjbdf0SXBPOm08kwTOZZdyY13KfnK5AqQa2dT6fQ..JBc8tXW"

// startWithWebConfig runs the exporter behind a web configuration, and returns
// its address with https.
func startWithWebConfig(t *testing.T, config string) (url string) {
	t.Helper()
	api := newAPI(t)
	exporter := startExporter(t, []string{secretKey}, "--api.url="+api.URL,
		"--web.config.file="+writeFile(t, "web.yml", config))
	return strings.Replace(listenURL(t, exporter), "http:", "https:", 1)
}

// tlsConfig writes a certificate of an authority and the configuration that serves it.
func tlsConfig(t *testing.T, issuer *testnet.Authority) string {
	t.Helper()
	certificate := issuer.MustIssue(t, "exporter")
	return fmt.Sprintf("tls_server_config:\n  cert_file: %s\n  key_file: %s\n",
		writeFile(t, "cert.pem", certificate.CertificatePEM), writeFile(t, "key.pem", certificate.KeyPEM))
}

// ask asks for the metrics over TLS as a client of its own.
func ask(t *testing.T, url string, config *tls.Config, user, password string) (code int, err error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		request.SetBasicAuth(user, password)
	}
	response, err := (&http.Client{Transport: transport, Timeout: testproc.Timeout}).Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode == http.StatusOK && !strings.Contains(string(body), "empirical_up") {
		t.Errorf("200 without metrics:\n%s", body)
	}
	if response.StatusCode != http.StatusOK && strings.Contains(string(body), "empirical_up") {
		t.Errorf("%d with metrics", response.StatusCode)
	}
	return response.StatusCode, err
}

func TestWebConfig_TLS(t *testing.T) {
	ours, theirs := testnet.MustAuthority(t, "ours"), testnet.MustAuthority(t, "theirs")
	url := startWithWebConfig(t, tlsConfig(t, ours))
	if code, err := ask(t, url, clientConfig(t, ours, nil), "", ""); err != nil || code != http.StatusOK {
		t.Errorf("a client that trusts it: %d, %v", code, err)
	}
	if _, err := ask(t, url, clientConfig(t, theirs, nil), "", ""); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a client that does not trust it: %v", err)
	}
	if code, _ := testproc.Get(t, strings.Replace(url, "https:", "http:", 1)+"/metrics"); code != http.StatusBadRequest {
		t.Errorf("without TLS: %d, want 400", code)
	}
	old := clientConfig(t, ours, nil)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := ask(t, url, old, "", ""); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("with TLS 1.1: %v", err)
	}
}

func TestWebConfig_MutualTLS(t *testing.T) {
	server, clients, others := testnet.MustAuthority(t, "server"), testnet.MustAuthority(t, "clients"), testnet.MustAuthority(t, "others")
	url := startWithWebConfig(t, tlsConfig(t, server)+
		fmt.Sprintf("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: %s\n", writeFile(t, "ca.pem", clients.PEM())))
	if code, err := ask(t, url, clientConfig(t, server, clients), "", ""); err != nil || code != http.StatusOK {
		t.Errorf("with a certificate: %d, %v", code, err)
	}
	if _, err := ask(t, url, clientConfig(t, server, nil), "", ""); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("without a certificate: %v", err)
	}
	if _, err := ask(t, url, clientConfig(t, server, others), "", ""); err == nil || !strings.Contains(err.Error(), "tls: ") {
		t.Errorf("with a certificate of others: %v", err)
	}
}

func TestWebConfig_BasicAuth(t *testing.T) {
	ours := testnet.MustAuthority(t, "ours")
	url := startWithWebConfig(t, tlsConfig(t, ours)+"basic_auth_users:\n  prometheus: "+passwordHash+"\n")
	for _, test := range []struct {
		user, password string
		want           int
	}{
		{"prometheus", "open sesame", http.StatusOK},
		{"prometheus", "open", http.StatusUnauthorized},
		{"prometheus", "", http.StatusUnauthorized},
		{"somebody", "open sesame", http.StatusUnauthorized},
		{"", "", http.StatusUnauthorized},
	} {
		if code, err := ask(t, url, clientConfig(t, ours, nil), test.user, test.password); err != nil || code != test.want {
			t.Errorf("%q with %q: %d, %v, want %d", test.user, test.password, code, err, test.want)
		}
	}
}

// clientConfig is that of a client that trusts one authority, with a certificate
// of another; nil is none.
func clientConfig(t *testing.T, trusts, issuer *testnet.Authority) *tls.Config {
	t.Helper()
	config := &tls.Config{RootCAs: trusts.Pool(), MinVersion: tls.VersionTLS12}
	if issuer != nil {
		config.Certificates = []tls.Certificate{issuer.MustIssue(t, "prometheus").Pair}
	}
	return config
}
