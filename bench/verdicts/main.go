// Verdicts compares what an export of cases says was on time with what the city
// that the cases came from said itself:
//
//	verdicts 311_requests.csv[.gz] cases.csv
//
// It exits 1 when any verdict differs, or when there was none to compare.
package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "Example: verdicts 311_requests.csv.gz cases.csv")
		os.Exit(2)
	}
	found, err := compareFiles(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "verdicts:", err)
		os.Exit(1)
	}
	for _, line := range found.different[:min(len(found.different), 10)] {
		fmt.Println(line)
	}
	fmt.Printf("%d of %d verdicts equal the city's own\n", found.all-len(found.different), found.all)
	if found.all == 0 || len(found.different) > 0 {
		os.Exit(1)
	}
}

// verdicts are what was compared: cases that have a target, an end and the
// city's own word on it.
type verdicts struct {
	all       int
	different []string // one line for each case that does not agree
}

func compareFiles(city, ours string) (verdicts, error) {
	theirs, err := os.Open(city)
	if err != nil {
		return verdicts{}, err
	}
	defer theirs.Close()
	var from io.Reader = theirs
	if strings.HasSuffix(city, ".gz") {
		z, err := gzip.NewReader(theirs)
		if err != nil {
			return verdicts{}, fmt.Errorf("unpack %s: %w", city, err)
		}
		defer z.Close()
		from = z
	}
	export, err := os.Open(ours)
	if err != nil {
		return verdicts{}, err
	}
	defer export.Close()
	return compare(from, export)
}

// said translates the city's word into ours.
var said = map[string]string{"ONTIME": "true", "OVERDUE": "false"}

func compare(city, export io.Reader) (verdicts, error) {
	ours := map[string]string{}
	err := each(export, []string{"source_id", "on_time"}, func(row []string) { ours[row[0]] = row[1] })
	if err != nil {
		return verdicts{}, fmt.Errorf("read the export: %w", err)
	}
	var found verdicts
	columns := []string{"CASE_ENQUIRY_ID", "TARGET_DT", "CLOSED_DT", "OnTime_Status"}
	err = each(city, columns, func(row []string) {
		if row[1] == "" || row[2] == "" || row[3] == "" {
			return
		}
		found.all++
		if got, known := ours[row[0]]; !known {
			found.different = append(found.different, row[0]+": was not exported")
		} else if got != said[row[3]] {
			found.different = append(found.different, fmt.Sprintf("%s: the city says %s, we say on_time %q", row[0], row[3], got))
		}
	})
	if err != nil {
		return verdicts{}, fmt.Errorf("read the city's file: %w", err)
	}
	return found, nil
}

// each reads the named columns of every row.
func each(file io.Reader, names []string, do func(row []string)) error {
	rows := csv.NewReader(file)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return err
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := make([]int, len(names))
	for i, name := range names {
		if at[i] = slices.Index(header, name); at[i] < 0 {
			return fmt.Errorf("there is no column %s", name)
		}
	}
	wanted := make([]string, len(names))
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, n := range at {
			wanted[i] = strings.TrimSpace(row[n])
		}
		do(wanted)
	}
}
