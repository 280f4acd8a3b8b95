package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// alertLabels are those of the shipped alerts that tell one from another.
var alertLabels = []string{"alertname", "severity", "project", "team", "branch", "environment", "key", "error_code", "state"}

// alerts selects the series that Prometheus makes of the shipped alerts.
func alerts(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`alertname=~"Empirical.+"`}, matchers...), ",") + "}"
}

func firing(matchers ...string) string {
	return alerts("ALERTS", append(matchers, `alertstate="firing"`)...)
}

// alertsNow has a row for each alert that fires, the critical ones first, then the newest. Alerts on the rules have no
// project, so scope should match none too.
func alertsNow(scope string, width, height uint32) *table.PanelBuilder {
	columns := []column{
		{field: "severity", title: "Severity", width: 75, overrides: overrides(textColours(severityColours), asColouredCell())},
		{field: "alertname", title: "Alert"},
		{field: "Value #B", title: "Since", width: 135, overrides: overrides(unit(units.DateTimeFromNow))},
		{field: "project", title: "Project", width: 130, overrides: overrides(linked(toTestRuns()))},
		{field: "team", title: "Team", width: 90},
		{field: "environment", title: "Environment", width: 115},
		{field: "branch", title: "Branch", width: 120},
	}
	since := func(matchers ...string) string {
		matchers = append(matchers, scope)
		return "min by (" + strings.Join(alertLabels, ", ") + ") (" + alerts("ALERTS_FOR_STATE", matchers...) + " and ignoring (alertstate) " + firing(matchers...) + ")"
	}
	const moreThanAnyTimestamp = "1e11"
	return newTable("Alerts that fire now", "The shipped alerts, the critical ones first, then the newest. "+
		"From ALERTS and ALERTS_FOR_STATE, which Prometheus makes of the alert rules.", width, height, columns, "Value #A", "key", "error_code", "state").
		WithTarget(asRows("A", "sort_desc("+since(`severity="critical"`)+" + "+moreThanAnyTimestamp+" or "+since()+")")).
		WithTarget(asRows("B", "1000 * "+since())).
		NoValue("No alert fires")
}

var severityColours = map[string]string{"critical": criticalColour, "warning": warningColour, "info": startedColour}
