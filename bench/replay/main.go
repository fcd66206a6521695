// Replay lets messages of years happen once more, on a database of its own with
// a clock turned by hand, and compares every age, due time, verdict and warning
// with a count that shares no code with the product:
//
//	replay [-database URL] [-every 1h] [-intake 0s] messages.csv
//
// The file has the columns of the mapping message-board. It exits 1 when
// anything differs, or when there was nothing to compare.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	database := flag.String("database", "", "an empty database, as MINQING_DATABASE_URL names it; none: a passing SQLite file")
	every := flag.Duration("every", time.Hour, "how often the job that warns runs")
	intake := flag.Duration("intake", 0, "how long after it came a message is taken in")
	flag.Parse()
	if flag.NArg() != 1 || *every < time.Second || *intake < 0 {
		fmt.Fprintln(os.Stderr, "Example: replay -intake 26h messages.csv")
		os.Exit(2)
	}
	equal, err := run(context.Background(), flag.Arg(0), *database, pace{every.Truncate(time.Second), intake.Truncate(time.Second)}, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
	}
	if err != nil || !equal {
		os.Exit(1)
	}
}

func run(ctx context.Context, name, address string, p pace, out io.Writer) (equal bool, err error) {
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	list, left, err := read(file)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	folder, err := os.MkdirTemp("", "minqing-replay-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	if address == "" {
		address = "sqlite:" + filepath.Join(folder, "replay.db")
	}
	days, err := readDays(calendarFile)
	if err != nil {
		return false, err
	}
	began := time.Now()
	w, err := found(system(ctx), address, folder)
	if err != nil {
		return false, err
	}
	defer w.close()
	r, err := replay(ctx, w, list, p)
	if err != nil {
		return false, err
	}
	c := compare(list, expect(days, list, p), r.seen)
	for _, line := range c.lines() {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintf(out, "%d rows left out; the job that warns ran %d times; %s\n", left, r.runs, time.Since(began).Round(time.Second))
	return c.equal(), nil
}
