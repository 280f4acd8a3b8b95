// Package testnet is what tests need of a network: certificates, and connections
// that fail in ways in which those of the loopback interface never do.
package testnet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority issues certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority makes an authority that nobody trusts yet.
func NewAuthority(name string) (*Authority, error) {
	template := templateFor(name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &Authority{certificate, key}, err
}

// MustAuthority is like NewAuthority, for a test.
func MustAuthority(tb testing.TB, name string) *Authority {
	tb.Helper()
	a, err := NewAuthority(name)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// TrustedByProcess makes an authority that all TLS clients of the process trust, as
// it sets $SSL_CERT_FILE to a file in the directory. It must be called before the
// first TLS connection, as in TestMain.
func TrustedByProcess(directory string) (*Authority, error) {
	a, err := NewAuthority("trusted")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(directory, "authority.pem")
	if err := os.WriteFile(file, []byte(a.PEM()), 0o600); err != nil {
		return nil, err
	}
	return a, os.Setenv("SSL_CERT_FILE", file)
}

// Certificate is a certificate with its key.
type Certificate struct {
	CertificatePEM, KeyPEM string
	Pair                   tls.Certificate
}

// Issue issues a certificate for the address 127.0.0.1 and a name, valid for an
// hour before and after now, for servers and clients. edits change it before.
func (a *Authority) Issue(name string, edits ...func(*x509.Certificate)) (*Certificate, error) {
	template := templateFor(name)
	for _, edit := range edits {
		edit(template)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	c := &Certificate{CertificatePEM: inPEM("CERTIFICATE", der), KeyPEM: inPEM("PRIVATE KEY", private)}
	c.Pair, err = tls.X509KeyPair([]byte(c.CertificatePEM), []byte(c.KeyPEM))
	return c, err
}

// MustIssue is like Issue, for a test.
func (a *Authority) MustIssue(tb testing.TB, name string, edits ...func(*x509.Certificate)) *Certificate {
	tb.Helper()
	c, err := a.Issue(name, edits...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Expired makes a certificate one that is no longer valid.
func Expired(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }

// ForOthers makes a certificate one for another host than this machine.
func ForOthers(c *x509.Certificate) {
	c.IPAddresses, c.DNSNames = nil, []string{"elsewhere.test"}
}

// PEM returns the authority's own certificate.
func (a *Authority) PEM() string { return inPEM("CERTIFICATE", a.certificate.Raw) }

// Pool returns what a client needs that trusts this authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func templateFor(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// NoSuchHost is a name that no resolver is asked for: a part of it is longer than
// any name may have.
var NoSuchHost = fmt.Sprintf("%064d.test", 0)
