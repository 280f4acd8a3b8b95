// Package apiclient reads Empirical's API: test runs, page by page
// (GET /api/test-runs), and the analytics of tests and of days
// (GET /api/v2/analytics/…). It is typed, with limits and retries, and knows
// nothing of metrics.
//
// A [Client] stands for one API key. Requests that belong together are sent in
// a [Session]. It retries what may pass, and gives up when nothing has succeeded
// for too long; retry.go holds that policy.
//
//	client, err := apiclient.New("https://api.empirical.run", apiclient.KeyFile("/run/secrets/empirical"))
//	session := client.Session(nil)
//	for page, err := range session.Pages(ctx, apiclient.Query{IntervalInDays: 7}) {
//		...
//	}
//
// An item that cannot be trusted never costs the other items of its page: it is
// left out of [Page.Runs] and listed in [Page.Refused]. The same holds for the
// entries of the analytics.
//
// Facts about the API come from its reference pages ("List test runs" and those
// of the analytics) unless a comment names another source.
package apiclient
