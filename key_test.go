package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
	"github.com/empirical-exporter/empirical_exporter/internal/testproc"
)

// The key is shown nowhere, neither when all is well nor when the API repeats it.
func TestKey_IsNeverShown(t *testing.T) {
	const key = "very-secret-key"
	api := apitest.NewServer()
	defer api.Close()
	api.AddProject("checkout", key)
	file := writeFile(t, "checkout.key", key)
	exporter := startExporter(t, nil, "--api.url="+api.URL, "--api.key-file="+file, "--scrape.min-interval=0", "--log.level=debug")
	url := listenURL(t, exporter)
	pages := func(when string) {
		for _, path := range []string{"/metrics", "/", "/-/healthy", "/-/ready"} {
			if _, body := testproc.Get(t, url+path); strings.Contains(body, key) {
				t.Errorf("%s: the key is on %s:\n%s", when, path, body)
			}
		}
	}
	pages("when all is well")
	api.Inject(apitest.Status(http.StatusUnauthorized, "Bearer "+key+" is no key."))
	pages("when the key is refused")
	testproc.Eventually(t, testproc.Timeout, "the failure is logged", func() bool { return strings.Contains(exporter.Output(), "reason=unauthorized") })
	if log := exporter.Output(); strings.Contains(log, key) {
		t.Errorf("the key is in the log:\n%s", log)
	}
}

func TestKey_RotatesWithoutARestart(t *testing.T) {
	api := apitest.NewServer()
	defer api.Close()
	project := api.AddProject("checkout", "old-key")
	file := writeFile(t, "checkout.key", "old-key")
	exporter := startExporter(t, nil, "--api.url="+api.URL, "--api.key-file="+file, "--scrape.min-interval=0")
	url := listenURL(t, exporter)
	expect := func(want string) {
		t.Helper()
		if _, body := testproc.Get(t, url+"/metrics"); !strings.Contains(body, want) {
			t.Errorf("no %s in:\n%s", want, body)
		}
	}
	expect(`empirical_up{key="checkout"} 1`)
	project.SetKey("new-key")
	expect(`empirical_up{key="checkout"} 0`)
	overwrite(t, file, "new-key")
	expect(`empirical_up{key="checkout"} 1`)
}
