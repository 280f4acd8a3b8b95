package check

import (
	"maps"
	"slices"
	"time"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
	"github.com/empirical-exporter/empirical_exporter/collector"
	"github.com/empirical-exporter/empirical_exporter/collector/history"
)

// apiFacts returns what was seen of the requests.
func (o *observer) apiFacts(client *apiclient.Client) APIFacts {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := APIFacts{
		URL: client.URL(), Proxy: client.Proxy(), HTTP: o.http, TLS: o.tls, Requests: len(o.attempts),
		ByStatus: maps.Clone(o.byStatus), RateLimitHeaders: maps.Clone(o.limits),
	}
	if sorted := slices.Sorted(slices.Values(o.attempts)); len(sorted) > 0 {
		f.MedianLatency = sorted[len(sorted)/2].Seconds()
		f.SlowestLatency = sorted[len(sorted)-1].Seconds()
	}
	return f
}

// describe adds what was seen of lists and items.
func (o *observer) describe(f *Facts) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f.Runs.Pages, f.Runs.NewestFirst, f.Runs.Pagination = o.pages, true, true
	for _, l := range o.lists {
		f.Runs.NewestFirst = f.Runs.NewestFirst && l.newestFirst()
		f.Runs.Pagination = f.Runs.Pagination && !l.unpaged
	}
	if o.refused != nil {
		f.Runs.RefusedFor, f.Runs.RefusedID = o.refused.Detail, o.refused.ID
	}
	f.Runs.Refused = map[string]int{}
	f.Items.UnknownKeys, f.Items.UnknownStates, f.Items.OddNames = map[string]int{}, map[string]int{}, o.oddNames
	f.Codes.Keys, f.Codes.Undocumented = map[string]int{}, map[string]int{}
	for key, n := range o.keys {
		if !apiclient.KnownKey(key) {
			f.Items.UnknownKeys[key] = n
		}
	}
	if len(o.items)+o.unreadable > 0 {
		f.Items.MissingKeys = slices.DeleteFunc(apiclient.DocumentedKeys(), func(key string) bool { return o.keys[key] > 0 })
	}
	// In this order, so that the examples are always the same.
	for _, id := range slices.Sorted(maps.Keys(o.items)) {
		if item := o.items[id]; !item.refused {
			f.add(id, &item)
		}
	}
}

// add adds one item.
func (f *Facts) add(id int64, item *seenItem) {
	f.Items.Read++
	f.Items.WithState += toInt(item.hasState)
	f.Items.WithStart += toInt(item.hasStart)
	if item.hasState && !slices.Contains(documentedStates, item.state) {
		f.Items.UnknownStates[nameOr(string(item.state), "(no name)")]++
	}
	if item.state == apiclient.Ended {
		f.Items.Ended++
		f.Items.WithSnoozes += toInt(item.snoozes)
		f.Counts.add(id, item)
	}
	if item.state == apiclient.Errored {
		f.Codes.add(item)
	}
}

var documentedStates = []apiclient.State{
	apiclient.Pending, apiclient.Queued, apiclient.Started, apiclient.Cancelling,
	apiclient.Cancelled, apiclient.Errored, apiclient.Ended,
}

func (c *CountFacts) add(id int64, item *seenItem) {
	if !item.hasTotal {
		c.NoTotal++
		return
	}
	c.Runs++
	c.Telling += toInt(item.telling)
	c.PassedFailed += toInt(item.plain)
	c.WithSkipped += toInt(item.skips)
	c.WithFlaky += toInt(item.flaky)
	switch {
	case item.plain:
	case item.skips || item.flaky:
		c.OtherID = id
	default:
		c.NoSum++
		c.NoSumID = id
	}
}

func (c *CodeFacts) add(item *seenItem) {
	c.Errored++
	if item.codeKey == "" {
		c.Without++
		return
	}
	c.Keys[nameOr(item.codeKey, "(a key with an odd name)")]++
	switch code := string(item.code); {
	case slices.Contains(apiclient.ErrorCodes(), item.code):
	case isName(code):
		c.Undocumented[code]++
	default:
		c.Texts++
	}
}

// describeHeld adds what the exporter holds and makes of it.
func (f *Facts) describeHeld(in *collector.Inspection, config *collector.Config) {
	p := in.Project
	f.Project = ProjectFacts{ID: p.ID, Slug: p.Slug, Name: p.Name, RepoName: p.RepoName}
	f.Runs.InLookback, f.Runs.ByState = in.Runs, map[string]int{}
	for run := range in.Held() {
		f.Runs.ByState[run.State.String()]++
		if created := time.Unix(0, run.Created).UTC(); f.Runs.Newest == nil || created.After(*f.Runs.Newest) {
			f.Runs.Newest = &created
		}
	}
	f.Unit = UnitFacts{
		Unit: in.Format.Unit.String(), Set: config.DurationUnit != history.UnitAuto,
		VotesSeconds: in.Evidence.Seconds, VotesMilliseconds: in.Evidence.Milliseconds,
		Durations: in.Evidence.Durations, Median: in.Median,
	}
	f.Metrics.Groups = in.Groups
	f.Metrics.Excluded, f.Metrics.Overflow = groupsOf(in.Excluded), groupsOf(in.Overflow)
}

func groupsOf(keys []history.GroupKey) []Group {
	groups := make([]Group, len(keys))
	for i, key := range keys {
		groups[i] = Group(key)
	}
	return groups
}

// nameOr returns a text that looks like a name, or else what stands for it.
func nameOr(text, otherwise string) string {
	if dotted.MatchString(text) {
		return text
	}
	return otherwise
}

func toInt(is bool) int {
	if is {
		return 1
	}
	return 0
}
