package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

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

// tlsConfig writes a certificate of the authority and the configuration that serves it.
func (a *authority) tlsConfig() string {
	certificate, key := a.issue("exporter")
	return fmt.Sprintf("tls_server_config:\n  cert_file: %s\n  key_file: %s\n",
		writeFile(a.t, "cert.pem", certificate), writeFile(a.t, "key.pem", key))
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
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	url := startWithWebConfig(t, ours.tlsConfig())
	if code, err := ask(t, url, ours.client(nil), "", ""); err != nil || code != http.StatusOK {
		t.Errorf("a client that trusts it: %d, %v", code, err)
	}
	if _, err := ask(t, url, theirs.client(nil), "", ""); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("a client that does not trust it: %v", err)
	}
	if code, _ := testproc.Get(t, strings.Replace(url, "https:", "http:", 1)+"/metrics"); code != http.StatusBadRequest {
		t.Errorf("without TLS: %d, want 400", code)
	}
	old := ours.client(nil)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := ask(t, url, old, "", ""); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("with TLS 1.1: %v", err)
	}
}

func TestWebConfig_MutualTLS(t *testing.T) {
	server, clients, others := newAuthority(t, "server"), newAuthority(t, "clients"), newAuthority(t, "others")
	url := startWithWebConfig(t, server.tlsConfig()+
		fmt.Sprintf("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: %s\n", writeFile(t, "ca.pem", clients.pem())))
	if code, err := ask(t, url, server.client(clients), "", ""); err != nil || code != http.StatusOK {
		t.Errorf("with a certificate: %d, %v", code, err)
	}
	if _, err := ask(t, url, server.client(nil), "", ""); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("without a certificate: %v", err)
	}
	if _, err := ask(t, url, server.client(others), "", ""); err == nil || !strings.Contains(err.Error(), "tls: ") {
		t.Errorf("with a certificate of others: %v", err)
	}
}

func TestWebConfig_BasicAuth(t *testing.T) {
	ours := newAuthority(t, "ours")
	url := startWithWebConfig(t, ours.tlsConfig()+"basic_auth_users:\n  prometheus: "+passwordHash+"\n")
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
		if code, err := ask(t, url, ours.client(nil), test.user, test.password); err != nil || code != test.want {
			t.Errorf("%q with %q: %d, %v, want %d", test.user, test.password, code, err, test.want)
		}
	}
}

// authority issues certificates for the test.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	template := certificateOf(name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	a := &authority{t: t, certificate: template}
	der, key := a.sign(template, nil)
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, a.key = certificate, key
	return a
}

func certificateOf(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

// sign signs with the authority's key, or with the new one where it is nil.
func (a *authority) sign(template *x509.Certificate, by *ecdsa.PrivateKey) (der []byte, key *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if by == nil {
		by = key
	}
	der, err = x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// issue returns a certificate and its key as PEM.
func (a *authority) issue(name string) (certificate, key string) {
	a.t.Helper()
	der, private := a.sign(certificateOf(name), a.key)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	return inPEM("CERTIFICATE", der), inPEM("PRIVATE KEY", raw)
}

func (a *authority) pem() string { return inPEM("CERTIFICATE", a.certificate.Raw) }

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// client makes what a client needs that trusts the authority; by issues its
// certificate, nil is none.
func (a *authority) client(by *authority) *tls.Config {
	a.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	if by != nil {
		certificate, key := by.issue("prometheus")
		pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
		if err != nil {
			a.t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}
