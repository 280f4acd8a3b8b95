package main

import (
	"fmt"
	"strings"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// errorLog takes what promhttp has to say.
type errorLog struct{ logger log.Logger }

var _ promhttp.Logger = errorLog{}

// gathering is how promhttp begins when a metric could not be gathered.
const gathering = "error gathering"

// Println implements promhttp.Logger. What goes wrong after gathering is that a
// scraper hung up, told once for each metric it did not take: worth a line only
// to those who debug.
func (l errorLog) Println(v ...any) {
	text := strings.TrimSpace(fmt.Sprintln(v...))
	if strings.HasPrefix(text, gathering) {
		_ = level.Error(l.logger).Log("msg", "some metrics are left out of this scrape", "err", strings.Join(strings.Fields(text), " "))
		return
	}
	_ = level.Debug(l.logger).Log("msg", "scrape not taken to its end", "err", text)
}
