// Package apiclient reads test runs from Empirical's API (GET /api/test-runs):
// typed, page by page, paced and retried. It knows nothing of metrics.
//
// A [Client] stands for one API key. What is read together is read in a
// [Session], which retries what can pass and gives up once nothing has
// succeeded for too long:
//
//	client, err := apiclient.New("https://api.empirical.run", apiclient.KeyFile("/run/secrets/empirical"))
//	session := client.Session(nil)
//	for page, err := range session.Pages(ctx, apiclient.Query{IntervalInDays: 7}) {
//		...
//	}
//
// An item that cannot be trusted never costs the others: it is left out of
// [Page.Runs] and told in [Page.Refused].
//
// Facts about the API are from its reference page ("List test runs") unless a
// comment names another source.
package apiclient
