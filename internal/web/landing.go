package web

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
)

// landing is the page for people. It is made anew at each request, because it
// shows how each key is doing now.
type landing struct {
	statuses      statuses
	telemetryPath string
	logger        log.Logger
}

// keysTable escapes what it shows; the toolkit's own template does not.
var keysTable = template.Must(template.New("keys").Funcs(template.FuncMap{"when": when}).Parse(`
<h2>API keys</h2>
<table>
<thead><tr><th>Key</th><th>Project</th><th>Runs last read</th><th>Runs in the lookback</th><th>Items are understood as</th><th>Last refresh</th></tr></thead>
<tbody>
{{- range .}}
<tr><td>{{.Key}}</td><td>{{with .Project.Slug}}{{.}}{{else}}not known yet{{end}}</td><td>{{when .ReadAt}}</td><td>{{.Runs}}</td><td>{{if .ReadAt.IsZero}}not known yet{{else}}{{.Format}}{{end}}</td><td>{{if .Err}}failed: {{.Err}}{{else if .Ended}}worked{{else}}under way{{end}}</td></tr>
{{- end}}
</tbody>
</table>
`))

// here is the prefix of the links. They lead to the same exporter behind a proxy
// that serves it under a path of its own, which nobody here knows.
const here = "./"

const keysTableCSS = `table { border-collapse: collapse; } th, td { text-align: left; padding: 0.3em 1em 0.3em 0; }`

// ServeHTTP implements http.Handler.
func (l *landing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, err := l.page()
	if err != nil {
		_ = level.Error(l.logger).Log("msg", "landing page not served", "err", err)
		http.Error(w, "the landing page cannot be made; see the exporter's log", http.StatusInternalServerError)
		return
	}
	// The toolkit's page answers for the prefix of its links only.
	r = r.Clone(r.Context())
	r.URL.Path = here
	page.ServeHTTP(w, r)
}

func (l *landing) page() (http.Handler, error) {
	var keys strings.Builder
	if err := keysTable.Execute(&keys, l.statuses.Status()); err != nil {
		return nil, fmt.Errorf("making the table of keys: %w", err)
	}
	return web.NewLandingPage(web.LandingConfig{
		Name:        "Empirical exporter",
		Description: "Test runs of Empirical projects as Prometheus metrics",
		Version:     template.HTMLEscapeString(version.Version + ", revision " + version.GetRevision()),
		Links: []web.LandingLinks{
			{Address: template.HTMLEscapeString(l.telemetryPath), Text: "Metrics"},
			{Address: healthyPath, Text: "Health", Description: "200 while the exporter serves"},
			{Address: readyPath, Text: "Readiness", Description: "200 once each key's first refresh has ended"},
		},
		RoutePrefix: here,
		ExtraHTML:   keys.String(),
		ExtraCSS:    keysTableCSS,
		Profiling:   "false",
	})
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
