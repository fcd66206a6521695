package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/exchange"
)

// ImportCmd brings in data of other systems.
type ImportCmd struct {
	Cases     ImportCasesCmd     `cmd:"" help:"Bring in cases from a CSV file; running it again imports nothing twice."`
	Catalogue ImportCatalogueCmd `cmd:"" help:"Bring in units, matters, rules and districts; what is known and equal stays untouched."`
	Calendar  ImportCalendarCmd  `cmd:"" help:"Bring in the official calendar of a year; open cases are counted anew by it."`
}

// Help shows an example.
func (ImportCmd) Help() string {
	return "Example: minqing import cases requests.csv.gz --mapping boston-311"
}

// ImportCasesCmd brings in cases.
type ImportCasesCmd struct {
	File    string `arg:"" help:"The CSV file; .gz is unpacked. Refused rows go to FILE.rejected.csv."`
	Mapping string `required:"" placeholder:"NAME|FILE" help:"boston-311, message-board, or a mapping file (docs/import.md)."`
	DryRun  bool   `help:"Read and check everything, store nothing."`
}

// Help shows an example.
func (ImportCasesCmd) Help() string {
	return "Example: minqing import cases requests.csv.gz --mapping boston-311"
}

func exchanger(a *app.App) *exchange.Service {
	return exchange.New(exchange.Deps{DB: a.DB, Cases: a.Cases, Catalogue: a.Catalogue, Vault: a.Vault, Audit: a.Audit,
		Calendar: a.Config.Calendar, Now: time.Now})
}

// Run imports.
func (c *ImportCasesCmd) Run(e *env) error {
	m, err := exchange.OpenMapping(c.Mapping)
	if err != nil {
		return usageError{err}
	}
	f, err := os.Open(c.File)
	if err != nil {
		return usageError{err}
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	through := &meter{from: f}
	var in io.Reader = through
	if strings.HasSuffix(c.File, ".gz") {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("unpack %s: %w", c.File, err)
		}
		defer z.Close()
		in = z
	}
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.Ctx); err != nil {
		return err
	}
	defer hurry()()
	ctx := actor.AsSystem(e.Ctx, "import.cases")
	rejects := &lazyFile{name: c.File + ".rejected.csv"}
	started := time.Now()
	counts, err := exchanger(a).Import(ctx, exchange.Input{File: in, Name: filepath.Base(c.File), Mapping: m, DryRun: c.DryRun,
		Rejected: rejects, Progress: bar(e.Err, through, size)})
	err = errors.Join(err, rejects.Close())
	took := time.Since(started)
	figures := ""
	if counts.Imported > 0 && !c.DryRun && err == nil {
		err = a.Insight.Rebuild(ctx)
		figures = fmt.Sprintf("; %.1f s more to count the figures", (time.Since(started) - took).Seconds())
	}
	fmt.Fprintf(e.Out, "%d imported, %d known already, %d rejected; %.1f s, %.0f rows/s%s\n", counts.Imported, counts.Known, counts.Rejected,
		took.Seconds(), float64(counts.Rows())/took.Seconds(), figures)
	if counts.Rejected > 0 {
		fmt.Fprintln(e.Out, "Rejected rows and reasons:", rejects.name)
	}
	if c.DryRun {
		fmt.Fprintln(e.Out, "This was a dry run: nothing was stored.")
	}
	return err
}

// meter counts what was read of a file.
type meter struct {
	from io.Reader
	n    int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.n += int64(n)
	return n, err
}

// bar draws progress on a terminal, and nothing elsewhere.
func bar(out io.Writer, m *meter, size int64) func(exchange.Counts) {
	f, ok := out.(*os.File)
	if !ok || size == 0 {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(c exchange.Counts) {
		share := int(m.n * 30 / size)
		fmt.Fprintf(f, "\r[%-30s] %d rows, %d rejected", strings.Repeat("=", share), c.Rows(), c.Rejected)
		if m.n >= size {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}

// lazyFile makes its file when the first byte is written.
type lazyFile struct {
	name string
	file *os.File
}

func (l *lazyFile) Write(p []byte) (int, error) {
	if l.file == nil {
		var err error
		if l.file, err = os.OpenFile(l.name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return 0, err
		}
	}
	return l.file.Write(p)
}

// Close closes the file if there is one.
func (l *lazyFile) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
