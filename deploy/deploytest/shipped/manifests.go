package shipped

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// folders has the folder of the plain manifests for each template. A cluster without
// the Prometheus Operator leaves that folder out.
var folders = map[string]string{
	"deployment":     "exporter",
	"networkpolicy":  "exporter",
	"service":        "exporter",
	"serviceaccount": "exporter",
	"servicemonitor": "prometheus-operator",
	"prometheusrule": "prometheus-operator",
	"dashboards":     "dashboards",
}

const made = "# Made from the chart by `make manifests`. Change it there, or patch it with kustomize.\n"

var (
	source = regexp.MustCompile(`^# Source: empirical-exporter/templates/([a-z]+)\.yaml$`)
	// helmLabel matches labels for objects that Helm installs.
	helmLabel = regexp.MustCompile(`^\s+(helm\.sh/chart|app\.kubernetes\.io/managed-by): `)
)

// Manifests returns the plain manifests: the output of the chart for
// deploy/kubernetes/values.yaml, a file for each template.
func Manifests(root, helm string) (map[string][]byte, error) {
	rendered, err := Render(helm, filepath.Join(root, chart), filepath.Join(root, manifests, "values.yaml"), "--skip-tests")
	if err != nil {
		return nil, err
	}
	files := map[string]*bytes.Buffer{}
	var file *bytes.Buffer
	for line := range strings.Lines(string(rendered)) {
		text := strings.TrimSuffix(line, "\n")
		if match := source.FindStringSubmatch(text); match != nil {
			folder, known := folders[match[1]]
			if !known {
				return nil, fmt.Errorf("template %s.yaml has no folder in %s: add it to folders", match[1], manifests)
			}
			file = start(files, manifests+"/"+folder+"/"+match[1]+".yaml")
			continue
		}
		if file == nil || text == "---" || text == "" || helmLabel.MatchString(text) {
			continue
		}
		file.WriteString(line)
	}
	contents := make(map[string][]byte, len(files))
	for path, buffer := range files {
		contents[path] = buffer.Bytes()
	}
	return contents, nil
}

// start begins a document in the file of that path.
func start(files map[string]*bytes.Buffer, path string) *bytes.Buffer {
	file, exists := files[path]
	if exists {
		file.WriteString("---\n")
		return file
	}
	file = bytes.NewBufferString(made)
	files[path] = file
	return file
}

// Render returns the output of `helm template` for a values file, with further flags.
// Where the chart refuses the values, the error has Helm's message.
func Render(helm, chart, values string, flags ...string) ([]byte, error) {
	command := exec.Command(helm, append([]string{"template", "empirical-exporter", chart, "--namespace", "monitoring", "--values", values}, flags...)...)
	var out, messages bytes.Buffer
	command.Stdout, command.Stderr = &out, &messages
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("helm template with %s: %s", values, strings.TrimSpace(messages.String()))
	}
	return out.Bytes(), nil
}
