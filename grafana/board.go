package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is one dashboard: its frame, its sections, and the runs it marks on its graphs.
type board struct {
	frame       *dashboard.DashboardBuilder
	sections    []section
	annotations []annotation
}

// section is a row of a dashboard and the panels under it. The first section of a board has no title and so no row.
type section struct {
	title  string
	panels []cog.Builder[dashboard.Panel]
}

// idsPerSection leaves room in a section, so that a panel added to one keeps the ids of those in the others: links to
// a single panel hold its id.
const idsPerSection = 100

func newFrame(uid, title, description string) *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder(title).
		Uid(uid).
		Description(description).
		Tags([]string{"empirical", "prometheus"}).
		Timezone("browser").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Editable()
}

// build puts the sections on the frame, one below the other.
func (b board) build() (dashboard.Dashboard, error) {
	for number, section := range b.sections {
		id := uint32(number * idsPerSection)
		if section.title != "" {
			b.frame.WithRow(dashboard.NewRowBuilder(section.title).Id(id))
		}
		for _, panel := range section.panels {
			id++
			b.frame.WithPanel(numbered{panel, id})
		}
	}
	built, err := b.frame.Build()
	for index := range built.Links {
		built.Links[index].Placement = nil // the SDK's default hides a link in a menu
	}
	return built, err
}

// numbered is a panel with its id, the one part of a panel that only its board knows.
type numbered struct {
	panel cog.Builder[dashboard.Panel]
	id    uint32
}

func (n numbered) Build() (dashboard.Panel, error) {
	panel, err := n.panel.Build()
	panel.Id = &n.id
	return panel, err
}
