package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

func TestServe_EndsWithASignal(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			api := newAPI(t)
			exporter := startExporter(t, []string{secretKey}, "--api.url="+api.URL, "--scrape.min-interval=0")
			url := listenURL(t, exporter)
			if code, body := testproc.Get(t, url+"/metrics"); code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 1`) {
				t.Fatalf("%d, or no empirical_up 1 in:\n%s", code, body)
			}

			// A scrape that waits for the API may still end.
			remove := api.Inject(apitest.HangBeforeHeaders())
			defer remove()
			api.ResetRequests()
			inFlight := make(chan int)
			go func() {
				code, _ := testproc.Get(t, url+"/metrics", "X-Prometheus-Scrape-Timeout-Seconds", "2")
				inFlight <- code
			}()
			testproc.Eventually(t, testproc.Timeout, "the scrape waits for the API", func() bool { return api.CountRequests() > 0 })
			if err := exporter.Signal(signal); err != nil {
				t.Fatal(err)
			}
			testproc.Eventually(t, testproc.Timeout, "the exporter no longer listens", func() bool {
				connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
				if err == nil {
					_ = connection.Close()
				}
				return err != nil
			})
			if code := <-inFlight; code != http.StatusOK {
				t.Errorf("the scrape in flight got %d, want 200", code)
			}
			wantCleanExit(t, exporter)
		})
	}
}

func TestServe_SurvivesSIGHUP(t *testing.T) {
	exporter := startExporter(t, []string{secretKey}, "--api.url="+newAPI(t).URL)
	url := listenURL(t, exporter)
	if err := exporter.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if code, _ := testproc.Get(t, url+"/metrics"); code != http.StatusOK {
		t.Errorf("%d after SIGHUP, want 200", code)
	}
	if err := exporter.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wantCleanExit(t, exporter) // -1 where SIGHUP has ended it
}

// What a client may hold up is bounded, whatever it sends.
func TestServe_BoundsItsClients(t *testing.T) {
	api := newAPI(t)
	exporter := startExporter(t, []string{secretKey}, "--api.url="+api.URL)
	url := listenURL(t, exporter)
	for what, test := range map[string]struct {
		request string
		want    string
	}{
		"headers of 100 KiB": {"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n", "HTTP/1.1 431 "},
		"no HTTP":            {"hello\r\n\r\n", "HTTP/1.1 400 "},
		"another method":     {"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 "},
		"a path upwards":     {"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 30"},
		"a profile":          {"GET /debug/pprof/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "},
	} {
		t.Run(what, func(t *testing.T) {
			connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			if err := connection.SetDeadline(time.Now().Add(testproc.Timeout)); err != nil {
				t.Fatal(err)
			}
			go func() { _, _ = fmt.Fprint(connection, test.request) }() // the server may not read it all
			status, err := bufio.NewReader(connection).ReadString('\n')
			if err != nil || !strings.HasPrefix(status, test.want) {
				t.Errorf("%q, %v, want %s", status, err, test.want)
			}
		})
	}
}

// nobody is the user that the container image runs as.
const nobody = 65534

// The exporter runs as nobody, with nothing in its environment but the key, in
// a directory that it cannot write to. A write to any file would end it.
func TestNeeds_NoRootNoHomeNoDisk(t *testing.T) {
	api := newAPI(t)
	directory := openDirectory(t)
	program := filepath.Join(directory, "empirical_exporter")
	copyFile(t, program, os.Args[0])
	command := exec.CommandContext(t.Context(), "prlimit", "--fsize=0", "--core=0", "--",
		program, "--api.url="+api.URL, "--web.listen-address=127.0.0.1:0", "--scrape.min-interval=0")
	command.Env = []string{asExporter, secretKey}
	command.Dir = directory
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	exporter := testproc.MustStart(t, command)
	url := listenURL(t, exporter)
	for range 3 {
		if code, body := testproc.Get(t, url+"/metrics"); code != http.StatusOK || !strings.Contains(body, `empirical_up{key="default"} 1`) {
			t.Errorf("%d, or no empirical_up 1 in:\n%s", code, body)
		}
	}
	if err := exporter.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wantCleanExit(t, exporter)
	if left, err := os.ReadDir(directory); err != nil || len(left) != 1 {
		t.Errorf("in its directory afterwards: %v, %v", left, err)
	}
}

// openDirectory makes a directory that other users may read.
func openDirectory(t *testing.T) string {
	t.Helper()
	directory, err := os.MkdirTemp("", "exporter") //nolint:usetesting // what t.TempDir makes lies where others may not look
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(directory); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return directory
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

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
