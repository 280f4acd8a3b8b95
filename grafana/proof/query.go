package proof

import (
	"fmt"
	"regexp"
	"strings"
)

// Query is one question that a dashboard asks Prometheus.
type Query struct {
	Where      string // for messages: dashboard, panel and query
	Expr       string // as it stands in the dashboard
	Instant    bool
	Annotation bool
}

// Queries are all those of the panels and annotations of a dashboard. Those of its variables are in Lookups.
func (d Dashboard) Queries() []Query {
	var all []Query
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			where := fmt.Sprintf("%s, panel %q, query %s", d.File, panel.Title, target.RefID)
			all = append(all, Query{Where: where, Expr: target.Expr, Instant: target.Instant})
		}
	}
	for _, annotation := range d.Annotations.List {
		if annotation.BuiltIn == 0 {
			all = append(all, Query{Where: fmt.Sprintf("%s, annotation %q", d.File, annotation.Name), Expr: annotation.Target.Expr, Annotation: true})
		}
	}
	return all
}

// Lookup is what a variable takes its values from: a label of the series that a selector finds.
type Lookup struct {
	Where    string
	Variable string
	Selector string
	Label    string
}

var labelValues = regexp.MustCompile(`^label_values\((.+),\s*(\w+)\)$`)

// Lookups are the queries of a dashboard's variables.
func (d Dashboard) Lookups() ([]Lookup, error) {
	var all []Lookup
	for _, variable := range d.Templating.List {
		if variable.Type == "datasource" {
			continue
		}
		where := fmt.Sprintf("%s, variable %q", d.File, variable.Name)
		parts := labelValues.FindStringSubmatch(variable.Definition)
		if parts == nil {
			return nil, fmt.Errorf("%s: %q is not label_values(selector, label)", where, variable.Definition)
		}
		all = append(all, Lookup{where, variable.Name, parts[1], parts[2]})
	}
	return all, nil
}

// reference is $name or ${name}, and what Grafana fills in by itself.
var reference = regexp.MustCompile(`\$\{?(\w+)\}?`)

var digits = regexp.MustCompile(`^\d+$`)

// Fill puts values in the place of variables, as Grafana does. A variable without a value is an error.
func Fill(text string, values map[string]string) (string, error) {
	var missing []string
	filled := reference.ReplaceAllStringFunc(text, func(match string) string {
		name := reference.FindStringSubmatch(match)[1]
		if digits.MatchString(name) {
			return match // a group of a regular expression, as in label_replace()
		}
		value, known := values[name]
		if !known {
			missing = append(missing, name)
		}
		return value
	})
	if missing != nil {
		return "", fmt.Errorf("no such variable: %s", strings.Join(missing, ", "))
	}
	return filled, nil
}
