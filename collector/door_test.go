package collector_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
)

// door stands before an API and lets requests through until it is shut, which
// refuses connections.
type door struct {
	t       *testing.T
	url     string
	address string
	proxy   *httputil.ReverseProxy
	server  *http.Server
}

func newDoor(t *testing.T, to string) *door {
	t.Helper()
	api, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	d := &door{t: t, address: "127.0.0.1:0", proxy: httputil.NewSingleHostReverseProxy(api)}
	d.proxy.Transport = transport
	d.proxy.FlushInterval = -1
	d.proxy.ErrorLog = log.New(io.Discard, "", 0)
	d.open()
	t.Cleanup(d.shut)
	return d
}

func (d *door) open() {
	d.t.Helper()
	listener, err := net.Listen("tcp", d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	d.address = listener.Addr().String()
	d.url = "http://" + d.address
	d.server = &http.Server{Handler: d.proxy, ErrorLog: d.proxy.ErrorLog}
	go func() { _ = d.server.Serve(listener) }()
}

func (d *door) shut() { _ = d.server.Close() }
