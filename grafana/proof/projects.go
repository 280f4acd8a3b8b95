package proof

import (
	"slices"
	"strconv"
	"strings"
)

// madeUp is a project that exists only here.
type madeUp struct {
	slug, name, team string
}

// named are the projects that are there first, and teams own them all in turn.
var (
	named = []string{"checkout", "search", "cart", "orders", "pricing", "returns", "invoices", "catalogue", "accounts", "delivery"}
	kinds = []string{"", "-app", "-admin", "-api", "-partner"}
	teams = []string{"shop", "discovery", "shop", "fulfilment", "money", "fulfilment", "money", "discovery", "identity", "fulfilment"}
)

// madeUpProjects returns so many projects, always the same ones.
func madeUpProjects(number int) []madeUp {
	projects := make([]madeUp, 0, number)
	for i := range number {
		which, kind := i%len(named), i/len(named)
		slug := named[which] + "-" + strconv.Itoa(kind)
		if kind < len(kinds) {
			slug = named[which] + kinds[kind]
		}
		projects = append(projects, madeUp{slug: slug, name: strings.ToUpper(slug[:1]) + slug[1:], team: teams[which]})
	}
	return slices.Clip(projects)
}
