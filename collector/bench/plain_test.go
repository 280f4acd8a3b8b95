package bench

import (
	"context"

	"github.com/empirical-exporter/empirical_exporter/apiclient"
)

// plainScrape is an exporter as one would write it in an afternoon: it reads
// every page at each scrape and counts runs by group and state.
func plainScrape(ctx context.Context, client *apiclient.Client) (counts map[[3]string]int, err error) {
	counts = map[[3]string]int{}
	for page, err := range client.Session(nil).Pages(ctx, apiclient.Query{IntervalInDays: 9}) {
		if err != nil {
			return nil, err
		}
		for _, run := range page.Runs {
			counts[[3]string{run.Branch, run.EnvironmentSlug, string(run.State)}]++
		}
	}
	return counts, nil
}
