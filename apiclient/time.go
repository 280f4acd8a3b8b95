package apiclient

import (
	"cmp"
	"regexp"
	"time"
)

// timeForm is RFC 3339 with the liberties that are taken with it: a blank for
// the T, small letters, and an offset without colon or minutes.
var timeForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:[Zz]|([+-]\d\d)(?::?(\d\d))?)$`)

// parseTime reads a time. One without a zone is an error: nobody knows where it is.
func parseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err == nil {
		return t, nil
	}
	parts := timeForm.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, err
	}
	date, clock, hours, minutes := parts[1], parts[2], parts[3], parts[4]
	zone := "Z"
	if hours != "" {
		zone = hours + ":" + cmp.Or(minutes, "00")
	}
	return time.Parse(time.RFC3339, date+"T"+clock+zone)
}
