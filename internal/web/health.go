package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Check is one thing that must work before this process should get requests.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// Healthy answers while the process lives; it asks nobody else.
func Healthy() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = fmt.Fprintln(w, "ok") // a prober who went away is no fault
	})
}

// Ready asks every check, two seconds for all of them, and answers 503 when one
// fails. It names the failing checks and keeps their causes for the log.
func Ready(checks []Check) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		var lines strings.Builder
		status := http.StatusOK
		for _, check := range checks {
			word := "ok"
			if err := check.Do(ctx); err != nil {
				word, status = "failed", http.StatusServiceUnavailable
			}
			fmt.Fprintf(&lines, "%s %s\n", check.Name, word)
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, lines.String()) // a prober who went away is no fault
	})
}
