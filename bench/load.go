package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed wrk.lua
var script string

// target is one thing to ask of one server.
type target struct {
	server *server
	method string
	path   string   // of a POST
	lines  []string // paths of GETs, bodies of POSTs
	cookie string
}

// figures are what one run measured.
type figures struct {
	Requests int64 `json:"requests"`
	Micros   int64 `json:"us"`
	P50      int64 `json:"p50"` // microseconds
	P95      int64 `json:"p95"`
	P99      int64 `json:"p99"`
	Bad      int64 `json:"bad"` // connections that failed, answers that were no success
	Bytes    int64 `json:"bytes"`
	CPU      time.Duration
}

func (f figures) rate() float64 { return float64(f.Requests) / (float64(f.Micros) / 1e6) }

// perRequest is the processor time of server and database for one request.
func (f figures) perRequest() time.Duration {
	if f.Requests == 0 {
		return 0
	}
	return f.CPU / time.Duration(f.Requests)
}

// load runs wrk against a target: one thread, c connections.
func (b *bench) load(ctx context.Context, t target, c int, d time.Duration) (figures, error) {
	lines := filepath.Join(b.folder, "lines.txt")
	lua := filepath.Join(b.folder, "wrk.lua")
	if err := os.WriteFile(lines, []byte(strings.Join(t.lines, "\n")+"\n"), 0o600); err != nil {
		return figures{}, err
	}
	if err := os.WriteFile(lua, []byte(script), 0o600); err != nil {
		return figures{}, err
	}
	before := b.spent(t.server)
	seconds := strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second))) + "s"
	out, err := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(c), "-d"+seconds, "--timeout", "10s", "-s", lua,
		t.server.url, "--", t.method, t.path, lines, t.cookie).CombinedOutput()
	if err != nil {
		return figures{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	_, rest, found := strings.Cut(string(out), "\nFIGURES ")
	if !found {
		return figures{}, fmt.Errorf("wrk gave no figures: %s", out)
	}
	var f figures
	if err := json.Unmarshal([]byte(rest), &f); err != nil {
		return figures{}, fmt.Errorf("read wrk's figures: %w", err)
	}
	f.CPU = b.spent(t.server) - before
	if f.Bad > 0 || f.Requests == 0 {
		return f, fmt.Errorf("%s %s%s: %d of %d requests failed", t.method, t.server.name, t.path, f.Bad, f.Requests)
	}
	return f, nil
}

// middle is the run with the median rate: what one disturbed run says does not count.
func middle(runs []figures) figures {
	slices.SortFunc(runs, func(a, b figures) int { return int(a.rate() - b.rate()) })
	return runs[len(runs)/2]
}
