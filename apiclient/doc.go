// Package apiclient reads test runs from Empirical's API (GET /api/test-runs):
// typed, page by page, with limits and retries. It knows nothing of metrics.
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
// left out of [Page.Runs] and listed in [Page.Refused].
//
// Facts about the API come from its reference page ("List test runs") unless a
// comment names another source.
package apiclient
