package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/config"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

// DoctorCmd says what is wrong with an installation and how to mend it.
type DoctorCmd struct {
	Verbose bool `help:"Show every setting in force, secrets hidden." short:"v"`
}

// Help shows an example.
func (DoctorCmd) Help() string { return "Example: minqing doctor --verbose" }

// patience is how long one thing may take to answer the doctor.
const patience = 10 * time.Second

// doctor looks, and changes nothing that is there: it makes neither a key file
// nor a database, which would then belong to whoever asked.
type doctor struct {
	e     *env
	c     config.Config
	db    *db.DB // nil when there is none to ask
	ready bool   // its tables are up to date
	fails int
}

// Run checks everything and fails when anything is wrong.
func (cmd *DoctorCmd) Run(e *env) error {
	d := &doctor{e: e}
	c, err := config.Load(e.Environ)
	if err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			d.fail("settings", line, "correct it in the environment; README.md lists every setting")
		}
		return d.verdict()
	}
	d.c = c
	d.settings(cmd.Verbose)
	for _, look := range []func(context.Context){d.database, d.migrations, d.triggers, d.keys, d.signing, d.blobs, d.scanner, d.mail, d.mailbox, d.collector, d.texts, d.payments, d.providers, d.clock, d.trail, d.dues, d.circles} {
		ctx, cancel := context.WithTimeout(e.Ctx, patience)
		look(ctx)
		cancel()
	}
	if d.db != nil {
		d.db.Close()
	}
	return d.verdict()
}

func (d *doctor) verdict() error {
	switch d.fails {
	case 0:
		return nil
	case 1:
		return errors.New("one thing is wrong; the line above that begins with fail says how to mend it")
	}
	return fmt.Errorf("%d things are wrong; the lines above that begin with fail say how to mend them", d.fails)
}

func (d *doctor) say(level, about, what, mend string) {
	if mend != "" {
		what += " → " + mend
	}
	fmt.Fprintf(d.e.Out, "%-4s  %-10s  %s\n", level, about, strings.ReplaceAll(what, "\n", "; "))
}

func (d *doctor) ok(about, what string)         { d.say("ok", about, what, "") }
func (d *doctor) warn(about, what, mend string) { d.say("warn", about, what, mend) }
func (d *doctor) fail(about, what, mend string) {
	d.fails++
	d.say("fail", about, what, mend)
}

func (d *doctor) settings(verbose bool) {
	given, all := 0, d.c.Redacted()
	for _, s := range all {
		if !s.Default {
			given++
		}
	}
	d.ok("settings", fmt.Sprintf("%d of %d are set, the others have their defaults", given, len(all)))
	if verbose {
		for _, s := range all {
			from := ""
			if s.Default {
				from = "  (default)"
			}
			fmt.Fprintf(d.e.Out, "      %-24s %s%s\n", s.Name, s.Value, from)
		}
	}
	if d.c.BaseURL == "" {
		d.warn("settings", "MINQING_BASE_URL is not set: links in mails lead to "+config.LocalURL(d.c.Listen), "set the address at which people find the portal")
	}
}

func (d *doctor) database(ctx context.Context) {
	if path, lite := strings.CutPrefix(d.c.DatabaseURL, "sqlite:"); lite && missing(path) {
		d.warn("database", "there is no file "+path+" yet", "minqing serve or minqing migrate up makes it")
		return
	}
	began := time.Now()
	opened, err := db.Open(ctx, d.c.DatabaseURL, db.Options{Replicas: d.c.ReplicaURLs, MaxConns: 2})
	if err != nil {
		d.fail("database", err.Error(), "start the database, or correct MINQING_DATABASE_URL")
		return
	}
	took := time.Since(began)
	version := "SELECT sqlite_version()"
	if opened.Engine() == db.PostgreSQL {
		version = "SHOW server_version"
	}
	var is string
	if err := opened.From(ctx).Raw(version).Scan(&is).Error; err != nil {
		d.fail("database", err.Error(), "see the log of the database")
		opened.Close()
		return
	}
	d.db = opened
	d.ok("database", fmt.Sprintf("%s %s answers at %s after %d ms", opened.Engine(), is, db.Redact(d.c.DatabaseURL), took.Milliseconds()))
	d.letters(ctx)
	for range d.c.ReplicaURLs { // readers take turns
		if err := d.db.Reader(ctx).Exec("SELECT 1").Error; err != nil {
			d.fail("replica", err.Error(), "start it, or take it out of MINQING_REPLICA_URLS")
		}
	}
}

// letters looks at lc_ctype: under C and POSIX PostgreSQL takes no Chinese
// character for a letter, and trigrams find none of them.
func (d *doctor) letters(ctx context.Context) {
	if d.db.Engine() != db.PostgreSQL {
		return
	}
	var ctype string
	err := d.db.From(ctx).Raw("SELECT datctype FROM pg_database WHERE datname = current_database()").Scan(&ctype).Error
	switch {
	case err != nil:
		d.fail("database", err.Error(), "see the log of the database")
	case ctype == "C" || ctype == "POSIX":
		d.warn("database", "its lc_ctype is "+ctype+": a search finds no part of a Chinese word", "make the database anew with LC_CTYPE 'C.UTF-8' and restore into it")
	}
}

func (d *doctor) migrations(ctx context.Context) {
	if d.db == nil {
		return
	}
	mend := "minqing migrate up"
	steps, err := d.db.Steps(ctx)
	if err != nil {
		d.fail("tables", err.Error(), mend)
		return
	}
	pending := 0
	for _, s := range steps {
		if s.At.IsZero() {
			pending++
		}
	}
	if pending > 0 {
		what := fmt.Sprintf("%d of %d migrations are pending", pending, len(steps))
		if d.c.AutoMigrate {
			d.warn("tables", what, "the next minqing serve applies them, or "+mend)
		} else {
			d.fail("tables", what, mend)
		}
		return
	}
	switch queue, err := jobs.Migrated(ctx, d.db); {
	case err != nil:
		d.fail("tables", err.Error(), mend)
	case !queue:
		d.fail("tables", "those of the job queue are not up to date", mend)
	default:
		d.ready = true
		d.ok("tables", fmt.Sprintf("all %d migrations are applied, and the job queue's", len(steps)))
	}
}

// needed are the ring keys under which data keys of this database lie.
func (d *doctor) needed(ctx context.Context) ([]string, error) {
	if !d.ready {
		return nil, nil
	}
	var ids []string
	err := d.db.From(ctx).Raw("SELECT DISTINCT ring_key FROM vault_keys WHERE destroyed_at IS NULL ORDER BY ring_key").Scan(&ids).Error
	return ids, err
}

func (d *doctor) keys(ctx context.Context) {
	const restore = "bring the key file back from its copy: without it personal data cannot be read"
	needed, err := d.needed(ctx)
	if err != nil {
		d.fail("keys", err.Error(), "see the log of the database")
	}
	ring, err := vault.LoadRing(d.c.Keys)
	if errors.Is(err, os.ErrNotExist) && len(needed) == 0 {
		d.warn("keys", "there is no file "+d.c.Keys+" yet", "minqing serve makes it; keep a copy of it apart from the database")
		return
	}
	if errors.Is(err, vault.ErrOthersMayOpen) {
		what, mend, _ := strings.Cut(err.Error(), ": ")
		d.fail("keys", what, mend)
		return
	}
	if err != nil {
		d.fail("keys", err.Error(), restore)
		return
	}
	prints := ring.Fingerprints()
	for _, id := range needed {
		if !ring.Wraps(id) {
			d.fail("keys", fmt.Sprintf("the key ring has no key %q, under which personal data of this database lie", id), restore)
			return
		}
	}
	var shown []string
	for _, id := range slices.Sorted(maps.Keys(prints)) {
		shown = append(shown, id+"="+prints[id])
	}
	where := d.c.Keys + " is its owner's only"
	if vault.Inline(d.c.Keys) {
		where = "the ring comes from the environment"
	}
	d.ok("keys", fmt.Sprintf("%s; current %s; fingerprints %s", where, ring.Current(), strings.Join(shown, " ")))
}

func (d *doctor) blobs(ctx context.Context) {
	if dir := strings.TrimPrefix(strings.TrimPrefix(d.c.BlobURL, "file:"), "//"); missing(dir) && dir != d.c.BlobURL {
		d.warn("files", "there is no folder "+dir+" yet", "minqing serve makes it")
		return
	}
	s, err := files.OpenStore(d.c.BlobURL)
	if err == nil {
		err = s.Check(ctx)
	}
	if err != nil {
		mend := "make room, give this user the right to write, or correct MINQING_BLOB_URL"
		if strings.HasPrefix(d.c.BlobURL, "s3:") {
			mend = "start the object store, make the bucket, give the key the right to read, write, delete and list, or correct MINQING_BLOB_URL"
		}
		d.fail("files", "attachments cannot be kept: "+files.Reason(err).Error(), mend)
		return
	}
	d.ok("files", "attachments can be written and removed")
}

func (d *doctor) mail(ctx context.Context) {
	if d.c.SMTPURL == "" {
		d.warn("mail", "off: people read messages in the portal only, and cannot prove an address", "set MINQING_SMTP_URL")
		return
	}
	base := d.c.BaseURL
	if base == "" {
		base = config.LocalURL(d.c.Listen)
	}
	s, err := notify.OpenSMTP(d.c.SMTPURL, base, "Minqing")
	if err == nil {
		err = s.Check(ctx)
	}
	if err != nil {
		d.fail("mail", err.Error(), "start the mail server, or correct MINQING_SMTP_URL")
		return
	}
	d.ok("mail", "the mail server takes our name and password")
}

// clock compares the database's time with ours; due times hang on both.
func (d *doctor) clock(ctx context.Context) {
	if d.db == nil {
		return
	}
	if d.db.Engine() == db.SQLite {
		d.ok("clock", "the database takes the time of this machine, "+time.Now().UTC().Format(time.RFC3339))
		return
	}
	var theirs time.Time
	began := time.Now()
	if err := d.db.From(ctx).Raw("SELECT clock_timestamp()").Scan(&theirs).Error; err != nil {
		d.fail("clock", err.Error(), "see the log of the database")
		return
	}
	took := time.Since(began)
	apart := theirs.Sub(began.Add(took / 2)).Abs()
	what := fmt.Sprintf("the database's time and ours are %v apart", apart.Round(time.Millisecond))
	switch {
	case apart > time.Minute+took:
		d.fail("clock", what, "let both machines set their clocks by NTP")
	case apart > 2*time.Second+took:
		d.warn("clock", what, "let both machines set their clocks by NTP")
	default:
		d.ok("clock", what)
	}
}

// tailLength is how many seals the doctor recomputes; audit verify takes all.
const tailLength = 1000

// late is how old an entry may be without a seal while workers run.
const late = 5 * time.Minute

func (d *doctor) trail(ctx context.Context) {
	if !d.ready {
		return
	}
	now := time.Now()
	trail := audit.New(d.db, time.Now)
	if ring, err := vault.LoadRing(d.c.Keys); err == nil { // what is wrong with it is told elsewhere
		trail.SignWith(vault.New(d.db, ring, time.Now))
	}
	t, err := trail.CheckTail(ctx, tailLength)
	switch {
	case err != nil:
		d.fail("audit", err.Error(), "keep the database as it is and ask who could write to it; minqing audit verify checks all of it")
	case t.LastMade.After(now.Add(time.Minute)):
		d.fail("audit", "its newest entry is from the future, "+t.LastMade.UTC().Format(time.RFC3339), "set the clock of this machine by NTP")
	case !t.Waiting.IsZero() && now.Sub(t.Waiting) > late:
		d.warn("audit", "entries since "+t.Waiting.UTC().Format(time.RFC3339)+" have no seal", "let minqing serve run with its workers")
	default:
		d.ok("audit", fmt.Sprintf("the last %d of %d seals hold", t.Checked, t.Seals))
	}
}

// dues compares what says when something is due with the clocks that run.
func (d *doctor) dues(ctx context.Context) {
	if !d.ready {
		return
	}
	unlike, err := cases.UnlikeClocks(ctx, d.db)
	if err != nil {
		d.fail("clocks", err.Error(), "see the log of the database")
		return
	}
	for _, one := range unlike {
		d.fail("clocks", fmt.Sprintf("%d %s are not those of their clocks", one.N, one.What), "restore the backup from before whatever wrote to the tables; the next act on such a case sets them right too")
	}
	if len(unlike) == 0 {
		d.ok("clocks", "cases, queues and reviews are due when their clocks say")
	}
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}
