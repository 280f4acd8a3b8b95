package proof

import (
	"encoding/json"
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
	Panel      Panel // of which it is one
}

// Queries are all those of the panels and annotations of a dashboard. Those of its variables are in Lookups.
func (d Dashboard) Queries() []Query {
	var all []Query
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			where := fmt.Sprintf("%s, panel %q, query %s", d.File, panel.Title, target.RefID)
			all = append(all, Query{Where: where, Expr: target.Expr, Instant: target.Instant, Panel: panel})
		}
	}
	for _, annotation := range d.Annotations.List {
		if annotation.BuiltIn == 0 {
			all = append(all, Query{Where: fmt.Sprintf("%s, annotation %q", d.File, annotation.Name), Expr: annotation.Target.Expr, Annotation: true})
		}
	}
	return all
}

// Lookup is what a variable takes its values from: a label of the series that a selector finds, or the result of a query.
type Lookup struct {
	Where    string
	Variable Variable
	Expr     string // a selector or a query
	Label    string // that has the values
	OfResult bool   // Expr is a query, and not only a selector
}

var (
	labelValues = regexp.MustCompile(`^label_values\((.+),\s*(\w+)\)$`)
	queryResult = regexp.MustCompile(`^query_result\((.+)\)$`)
	valueGroup  = regexp.MustCompile(`\|(\w+)="\(\?<value>`)
)

// Lookups are the queries of a dashboard's variables.
func (d Dashboard) Lookups() ([]Lookup, error) {
	var all []Lookup
	for _, variable := range d.Templating.List {
		if variable.Type != "query" {
			continue
		}
		lookup := Lookup{Where: fmt.Sprintf("%s, variable %q", d.File, variable.Name), Variable: variable}
		label, result := labelValues.FindStringSubmatch(variable.Definition), queryResult.FindStringSubmatch(variable.Definition)
		value := valueGroup.FindStringSubmatch(variable.Regex)
		switch {
		case label != nil:
			lookup.Expr, lookup.Label = label[1], label[2]
		case result != nil && value != nil:
			lookup.Expr, lookup.Label, lookup.OfResult = result[1], value[1], true
		default:
			return nil, fmt.Errorf("%s: %q is neither label_values(selector, label) nor query_result(query) with a regular expression that has a group value", lookup.Where, variable.Definition)
		}
		all = append(all, lookup)
	}
	return all, nil
}

// Written are the variables that the reader writes, with their defaults.
func (d Dashboard) Written() (map[string]string, error) {
	all := map[string]string{}
	for _, variable := range d.Templating.List {
		if variable.Type != "textbox" {
			continue
		}
		var value string
		if err := json.Unmarshal(variable.Query, &value); err != nil {
			return nil, fmt.Errorf("%s, variable %q: %w", d.File, variable.Name, err)
		}
		all[variable.Name] = value
	}
	return all, nil
}

// All is what Grafana fills in where the reader chooses all of some values.
func (v Variable) All(values []string) string {
	if v.AllValue != "" {
		return v.AllValue
	}
	var quoted []string
	for _, value := range values {
		quoted = append(quoted, strings.ReplaceAll(regexp.QuoteMeta(value), `\`, `\\`))
	}
	return "(" + strings.Join(quoted, "|") + ")"
}

// reference is $name, ${name} or ${name:format}, and what Grafana fills in by itself.
var reference = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::\w+)?\})`)

var digits = regexp.MustCompile(`^\d+$`)

// Fill puts values in the place of variables, as Grafana does. A variable without a value is an error.
func Fill(text string, values map[string]string) (string, error) {
	var missing []string
	filled := reference.ReplaceAllStringFunc(text, func(match string) string {
		parts := reference.FindStringSubmatch(match)
		name := parts[1] + parts[2]
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
