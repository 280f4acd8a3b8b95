package main

import "github.com/grafana/grafana-foundation-sdk/go/prometheus"

// overTime is a query for a graph.
func overTime(refID, legend, expr string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().RefId(refID).Datasource(datasource()).Range().LegendFormat(legend).Expr(expr)
}

// atEnd is a query for one figure each, at the end of the chosen time range.
func atEnd(refID, legend, expr string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().RefId(refID).Datasource(datasource()).Instant().LegendFormat(legend).Expr(expr)
}

// asRows is a query for the rows of a table, a column for each label.
func asRows(refID, expr string) *prometheus.DataqueryBuilder {
	return atEnd(refID, "", expr).Format(prometheus.PromQueryFormatTable)
}
