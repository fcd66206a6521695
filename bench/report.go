package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// floorCookie is the session that the floor accepts (see bench/floor).
const floorCookie = "bench.30bad46d2fbb34f60d02b9e7b39c0c1a9c141e15169acfdce5a6f46787a3dfdf"

// goal is a bound that a value must keep.
type goal struct {
	bound float64
	least bool
}

func atLeast(x float64) goal { return goal{x, true} }
func atMost(x float64) goal  { return goal{x, false} }

func (g goal) kept(x float64) bool {
	if g.least {
		return x >= g.bound
	}
	return x <= g.bound
}

func (g goal) String() string {
	if g.least {
		return fmt.Sprintf("≥ %g", g.bound)
	}
	return fmt.Sprintf("≤ %g", g.bound)
}

// result is one line of the report.
type result struct {
	name        string
	ours, floor *figures
	value       float64
	unit        string
	goal        goal
}

func (b *bench) note(name string, value float64, unit string, g goal) {
	b.results = append(b.results, result{name: name, value: value, unit: unit, goal: g})
	b.say("%s: %.2f %s", name, value, unit)
}

// report prints the table and gives how many goals were missed.
func (b *bench) report(w io.Writer) int {
	fmt.Fprintf(w, "\n%s, %d processors, %s, %s\n\n", processor(), runtime.NumCPU(), runtime.Version(), time.Now().Format(time.DateOnly))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tmeasured\tgoal\t\tproduct: rate, p50/p99 ms, CPU ms\tfloor: rate, p50/p99 ms, CPU ms")
	missed := 0
	for _, r := range b.results {
		verdict := "kept"
		if !r.goal.kept(r.value) {
			verdict = "MISSED"
			missed++
		}
		fmt.Fprintf(t, "%s\t%.2f %s\t%s\t%s\t%s\t%s\n", r.name, r.value, r.unit, r.goal, verdict, r.ours.line(), r.floor.line())
	}
	_ = t.Flush() // standard output
	fmt.Fprintf(w, "\n%d of %d goals kept\n", len(b.results)-missed, len(b.results))
	return missed
}

func (f *figures) line() string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%.0f/s, %.1f/%.1f, %.2f", f.rate(), float64(f.P50)/1000, float64(f.P99)/1000, float64(f.perRequest().Microseconds())/1000)
}

// processor names the machine.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	_, rest, found := strings.Cut(string(b), "model name")
	if !found {
		return runtime.GOARCH
	}
	name, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
}

// reader asks for a page over and over until it is told to stop.
func (b *bench) reader(ctx context.Context, t target) {
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.server.url+t.lines[0], nil)
		if err != nil {
			return
		}
		r.Header.Set("Cookie", t.cookie)
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
	}
}
