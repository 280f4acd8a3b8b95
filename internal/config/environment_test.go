package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/internal/testnet"
)

func TestEnvironment_Proxy(t *testing.T) {
	for _, value := range []string{
		"http://proxy:3128", "https://proxy", "socks5://proxy:1080", "socks5h://proxy", "proxy:3128", "proxy", "10.0.0.1:3128", "[::1]:3128", "http://[::1]:3128/",
		"http://user:secret@proxy:3128", "user:secret@proxy:3128", "http://user:s%25cret%2F@proxy:3128", "http://user:s@cret@proxy:3128",
	} {
		if err := checkProxy(value); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	for _, value := range []string{
		"http://user:secret%@proxy:3128", "user:secret%@proxy:3128", "http://user:secret%zz@proxy:3128", "http://user:1/secret@proxy:3128",
		"http://user:1#secret@proxy:3128", "http://user:1?secret@proxy:3128", "http://user:sec/ret@proxy:3128", "ftp://secret@proxy", "secret://proxy",
		"http://:3128", "http://", "http://proxy:", "http://proxy:secret", "http://proxy:99999", "http://proxy:0", "http://pro xy:3128", "http:/secret", "http:secret:3128", "://secret", "\x00secret",
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
			err := checkEnvironment(variables{name: value}.get)
			wantError(t, err, "$"+name+": ", "write it as http://proxy.example:3128", "%25 for %")
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("a secret is shown: %v", err)
			}
		}
	}
}

// The capital spelling counts where both are there, as in Go.
func TestEnvironment_ProxyTwice(t *testing.T) {
	if err := checkEnvironment(variables{"HTTPS_PROXY": "http://proxy", "https_proxy": "http://%"}.get); err != nil {
		t.Error(err)
	}
	wantError(t, checkEnvironment(variables{"HTTPS_PROXY": "http://%", "https_proxy": "http://proxy"}.get), "$HTTPS_PROXY: ")
}

func TestEnvironment_Certificates(t *testing.T) {
	good := writeFile(t, testnet.MustAuthority(t, "a").PEM())
	text, missing := writeFile(t, "no certificate"), filepath.Join(t.TempDir(), "missing")
	here, list := t.TempDir(), string(filepath.ListSeparator)
	for _, v := range []variables{
		{}, {"SSL_CERT_FILE": good}, {"SSL_CERT_DIR": here}, {"SSL_CERT_DIR": here + list + filepath.Dir(good) + list},
	} {
		if err := checkEnvironment(v.get); err != nil {
			t.Errorf("%v: %v", v, err)
		}
	}
	for _, test := range []struct {
		variables variables
		want      []string
	}{
		{variables{"SSL_CERT_FILE": missing}, []string{"$SSL_CERT_FILE", missing, "no such file", "in PEM"}},
		{variables{"SSL_CERT_FILE": here}, []string{"$SSL_CERT_FILE", here, "is a directory", "in PEM"}},
		{variables{"SSL_CERT_FILE": text}, []string{"$SSL_CERT_FILE", text, "no certificate", "in PEM"}},
		{variables{"SSL_CERT_DIR": here + list + missing}, []string{"$SSL_CERT_DIR", missing, "no such file", "directories"}},
		{variables{"SSL_CERT_DIR": good}, []string{"$SSL_CERT_DIR", good, "not a directory"}},
	} {
		wantError(t, checkEnvironment(test.variables.get), test.want...)
	}
}

// variables are an environment.
type variables map[string]string

func (v variables) get(name string) string { return v[name] }

func TestValidate_Environment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://user:100%@proxy:3128")
	_, err := parse()
	wantError(t, err, "$HTTPS_PROXY", "not a URL")
}
