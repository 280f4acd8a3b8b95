package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Some variables of the environment are read by Go itself, which says nothing of
// a bad one: it then goes without the proxy, or trusts other certificates. So they
// are checked like flags.
const (
	certFileVariable = "SSL_CERT_FILE"
	certDirVariable  = "SSL_CERT_DIR"
)

// proxyVariables are tried in this order for each of the two schemes.
var proxyVariables = [][]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}}

// checkEnvironment checks the variables of the proxy and of the certificates. Its
// errors show no value of a proxy's variable, which may have credentials.
func checkEnvironment(getenv func(string) string) error {
	for _, names := range proxyVariables {
		for _, name := range names {
			value := getenv(name)
			if value == "" {
				continue
			}
			if err := checkProxy(value); err != nil {
				return fmt.Errorf("$%s: %w; write it as http://proxy.example:3128, with credentials as http://user:password@proxy.example:3128 "+
					"and special characters in them escaped, such as %%25 for %% and %%40 for @", name, err)
			}
			break // the other spelling is not used
		}
	}
	if file := getenv(certFileVariable); file != "" {
		if err := checkCertFile(file); err != nil {
			return fmt.Errorf("$%s %q: %w; name a file with certificates in PEM", certFileVariable, file, err)
		}
	}
	for _, directory := range filepath.SplitList(getenv(certDirVariable)) {
		if _, err := os.ReadDir(directory); err != nil && directory != "" {
			return fmt.Errorf("$%s %q: %w; name directories with certificates in PEM, with %q between them", certDirVariable, directory, withoutPath(err), filepath.ListSeparator)
		}
	}
	return nil
}

// checkProxy finds what is not the URL of a proxy, whatever Go would make of it.
// The scheme may be missing. A path, a query or a fragment is a password with
// a / ? or # that is not escaped.
func checkProxy(text string) error {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil {
		return errors.New("not a URL")
	}
	if !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme) {
		return errors.New("the scheme is none of http, https, socks5 and socks5h")
	}
	if port, err := strconv.Atoi(proxy.Port()); proxy.Port() != "" && (err != nil || port < 1 || port > 65535) {
		return errors.New("the port is not one from 1 to 65535")
	}
	if proxy.Hostname() == "" || strings.HasSuffix(proxy.Host, ":") || strings.Trim(proxy.Path, "/") != "" || proxy.RawQuery != "" || proxy.ForceQuery || proxy.Fragment != "" {
		return errors.New("not a scheme, a host and a port alone")
	}
	return nil
}

func checkCertFile(path string) error {
	text, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil {
		return withoutPath(err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return errors.New("no certificate in it")
	}
	return nil
}

// withoutPath removes the path from an error whose message has it already.
func withoutPath(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
