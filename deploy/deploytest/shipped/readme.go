package shipped

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	// described matches a row of the table of values, and undescribed one without a text.
	described   = regexp.MustCompile("(?m)^\\| (\\S+) \\| \\w+ \\| `.*` \\| .+ \\|$")
	undescribed = regexp.MustCompile("(?m)^\\| (\\S+) \\| \\w+ \\| `.*` \\|  \\|$")
)

// readme returns the chart's README.md, which helm-docs makes of README.md.gotmpl and
// the comments in values.yaml. A value that they do not describe is an error.
func readme(root, helmDocs string) ([]byte, error) {
	docs := exec.Command(helmDocs, "--dry-run", "--sort-values-order=file", "--log-level=warning",
		"--chart-search-root", filepath.Join(root, chart))
	var out, messages bytes.Buffer
	docs.Stdout, docs.Stderr = &out, &messages
	// It leaves out a chart that it cannot read, and ends well.
	if err := docs.Run(); err != nil || messages.Len() > 0 {
		return nil, fmt.Errorf("helm-docs: %w", errors.Join(err, errors.New(strings.TrimSpace(messages.String()))))
	}
	if row := undescribed.FindSubmatch(out.Bytes()); row != nil {
		return nil, fmt.Errorf("%s/values.yaml: %s has no comment that begins with `# -- `", chart, row[1])
	}
	if !described.Match(out.Bytes()) {
		return nil, fmt.Errorf("%s/README.md has no table of values", chart)
	}
	return out.Bytes(), nil
}
