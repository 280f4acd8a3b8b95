package main

// annotation marks runs on every graph of a dashboard, at the time each was created.
//
// The SDK's AnnotationQuery lacks the fields that Grafana's Prometheus data source reads (useValueForTime, titleFormat,
// textFormat), so this type replaces it.
type annotation struct {
	name   string
	colour string
	expr   string // its value is the moment to mark, in milliseconds
	title  string
	text   string
}

func annotationModels(annotations []annotation) []any {
	models := []any{map[string]any{
		"builtIn":    1,
		"datasource": map[string]any{"type": "grafana", "uid": "-- Grafana --"},
		"enable":     true,
		"hide":       true,
		"iconColor":  "rgba(0, 211, 255, 1)",
		"name":       "Annotations & Alerts",
		"type":       "dashboard",
	}}
	for _, a := range annotations {
		models = append(models, map[string]any{
			"name":            a.name,
			"datasource":      map[string]any{"type": "prometheus", "uid": datasourceUID},
			"enable":          true,
			"hide":            false,
			"iconColor":       a.colour,
			"target":          map[string]any{"refId": "Anno", "expr": a.expr},
			"useValueForTime": true,
			"titleFormat":     a.title,
			"textFormat":      a.text,
		})
	}
	return models
}

// runsThatDidNotPass marks each newest completed run with the given outcome, with a link to its page.
func runsThatDidNotPass(v view, outcome, colour string) annotation {
	return annotation{
		name:   "Runs with outcome " + outcome,
		colour: colour,
		expr:   v.completedRun(`outcome="`+outcome+`"`) + " * 1000",
		title:  "{{branch}}: " + outcome + " {{error_code}}",
		text:   `<a href="` + runPage("{{project}}", "{{run_id}}") + `" target="_blank">Run {{run_id}} in Empirical</a>`,
	}
}

// marks are the runs of default branches that did not pass, and what the reader says are deploys.
func marks(v view) []annotation {
	return []annotation{
		runsThatDidNotPass(v, "failed", failedColour),
		runsThatDidNotPass(v, "error", errorColour),
		{name: "Deploys", colour: startedColour, expr: "(${deploys:raw}) * 1000", title: "Deploy", text: "{{namespace}} {{replicaset}}"},
	}
}
