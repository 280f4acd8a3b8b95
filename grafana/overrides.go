package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// A field override sets one property of a column or a line: its unit, its colours, its links. A column takes any number.

func overrides(values ...dashboard.DynamicConfigValue) []dashboard.DynamicConfigValue { return values }

func unit(name string) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "unit", Value: name}
}

func decimals(number int) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "decimals", Value: number}
}

func whenAbsent(text string) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "noValue", Value: text}
}

func linked(link dashboard.DashboardLink) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "links", Value: []dashboard.DashboardLink{link}}
}

// asColouredCell fills a cell with the colour of its value.
func asColouredCell() dashboard.DynamicConfigValue {
	return cell("color-background", map[string]any{"mode": "basic"})
}

// asColouredText colours the text of a cell.
func asColouredText() dashboard.DynamicConfigValue { return cell("color-text", nil) }

// asGauge draws a cell as a bar.
func asGauge() dashboard.DynamicConfigValue {
	return cell("gauge", map[string]any{"mode": "basic", "valueDisplayMode": "text"})
}

func cell(kind string, options map[string]any) dashboard.DynamicConfigValue {
	value := map[string]any{"type": kind}
	for name, option := range options {
		value[name] = option
	}
	return dashboard.DynamicConfigValue{Id: "custom.cellOptions", Value: value}
}

func coloured(levels *dashboard.ThresholdsConfigBuilder) dashboard.DynamicConfigValue {
	steps, err := levels.Build()
	if err != nil {
		panic(err) // this builder never returns an error
	}
	return dashboard.DynamicConfigValue{Id: "thresholds", Value: steps}
}

// textColours gives each text its colour.
func textColours(colours map[string]string) dashboard.DynamicConfigValue {
	results := map[string]dashboard.ValueMappingResult{}
	for text, colour := range colours {
		results[text] = dashboard.ValueMappingResult{Text: cog.ToPtr(text), Color: cog.ToPtr(colour)}
	}
	return mappings(valueMap(results))
}

// emptyAs shows a text for an empty label: a run may have no branch or no environment.
func emptyAs(text string) dashboard.DynamicConfigValue {
	return mappings(dashboard.ValueMapping{SpecialValueMap: &dashboard.SpecialValueMap{
		Type: dashboard.MappingTypeSpecialValue,
		Options: dashboard.DashboardSpecialValueMapOptions{
			Match:  dashboard.SpecialValueMatchEmpty,
			Result: dashboard.ValueMappingResult{Text: cog.ToPtr(text)},
		},
	}})
}

func valueMap(results map[string]dashboard.ValueMappingResult) dashboard.ValueMapping {
	return dashboard.ValueMapping{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: results}}
}

func mappings(mappings ...dashboard.ValueMapping) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: "mappings", Value: mappings}
}
