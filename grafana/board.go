package main

import (
	"bytes"
	"encoding/json"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is one dashboard: its title and variables, its sections, and the runs it marks on its graphs.
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

// idsPerSection is more than the panels of a section. So a new panel changes no id in other sections: links to a single
// panel contain its id.
const idsPerSection = 100

func newFrame(uid, title, description string) *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder(title).
		Uid(uid).
		Description(description).
		Tags([]string{"empirical", "prometheus"}).
		Timezone("browser").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Readonly()
}

// build adds the sections to the frame, one below the other.
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

// numbered adds to a panel its id, which only the board knows.
type numbered struct {
	panel cog.Builder[dashboard.Panel]
	id    uint32
}

func (n numbered) Build() (dashboard.Panel, error) {
	panel, err := n.panel.Build()
	panel.Id = &n.id
	return panel, err
}

// schemaVersion is that of the oldest Grafana that is supported, 11.0. The SDK writes that of the newest.
const schemaVersion = 39

// encode returns the JSON that Grafana imports, the same bytes every time.
func encode(b board) ([]byte, error) {
	built, err := b.build()
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(built)
	if err != nil {
		return nil, err
	}
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber() // else large numbers would come back as 1e+06
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	document["schemaVersion"] = schemaVersion
	document["annotations"] = map[string]any{"list": annotationModels(b.annotations)}

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(document)
	return text.Bytes(), err
}
