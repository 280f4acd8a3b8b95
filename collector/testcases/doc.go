// Package testcases keeps, for one API key, the tests of its project that failed
// or were flaky most often. They are read from the API's analytics beside the
// runs, now and then, and what goes wrong with them is nothing to the runs.
//
// A [Reader] reads when its user says so, and shows the last good reading while it
// is fresh.
package testcases
