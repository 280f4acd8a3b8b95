package main

import (
	"fmt"
	"net/http"
)

// limit answers 503 to requests beyond most at once; 0 is no limit.
func limit(most int, next http.Handler) http.Handler {
	if most == 0 {
		return next
	}
	slots := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			http.Error(w, fmt.Sprintf("%d scrapes are being served already, the most that --web.max-requests allows", most),
				http.StatusServiceUnavailable)
		}
	})
}
