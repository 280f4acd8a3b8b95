package apitest

import "time"

// Activity is the rate of pushes as a share of that in working hours, which
// are 8 to 18 o'clock UTC from Monday to Friday.
const (
	nightActivity   = 0.15
	weekendActivity = 0.1
	averageActivity = (5*(10+14*nightActivity) + 2*24*weekendActivity) / (7 * 24)
)

func activity(t time.Time) float64 {
	switch {
	case t.Weekday() == time.Saturday || t.Weekday() == time.Sunday:
		return weekendActivity
	case t.Hour() >= 8 && t.Hour() < 18:
		return 1
	default:
		return nightActivity
	}
}

// nextNight is the next moment at which nightly runs begin, 2 o'clock UTC.
func nextNight(after time.Time) time.Time {
	night := time.Date(after.Year(), after.Month(), after.Day(), 2, 0, 0, 0, time.UTC)
	if !night.After(after) {
		night = night.AddDate(0, 0, 1)
	}
	return night
}
