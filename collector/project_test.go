package collector_test

import (
	"testing"

	"github.com/empirical-exporter/empirical_exporter/apiclient/apitest"
)

func TestProjectIDThatIsNullNowAndThenChangesNothing(t *testing.T) {
	t.Parallel()
	s := counting(t, false, 0)
	s.scrapeOnce()
	s.endRun(2, 1)
	for range 3 {
		s.scrapeOnce()
	}
	withoutID := apitest.EditBody(func(doc map[string]any) {
		doc["data"].(map[string]any)["project"].(map[string]any)["id"] = nil
	})
	for range 2 {
		mend := s.server.Inject(withoutID)
		s.scrapeOnce()
		s.counted(10, "without an id", "empirical_tests_total{", `branch="main"`)
		mend()
		s.scrapeOnce()
		s.counted(10, "with an id again", "empirical_tests_total{", `branch="main"`)
	}
	s.counted(0, "null now and then", "empirical_exporter_refresh_failures_total{", `reason="response"`)
}
