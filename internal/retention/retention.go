// Package retention lets records go when their term is over. For each class of
// records a rule says from which event and for how long they are kept, on which
// basis, and what then happens; rules are data with versions. A legal hold on a
// case stops it. What went is written into a journal, from which a signed report
// is made.
package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/identity"
	"minqing/internal/notify"
	"minqing/internal/satisfaction"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Cases        *cases.Service
	Satisfaction *satisfaction.Service
	Notify       *notify.Service
	Constituents *constituents.Service
	Identity     *identity.Service
	Files        *files.Service
	Campaigns    Class
	Offers       Class
	Now          func() time.Time
	Program      string // its version, for reports
}

// Class is records of a package above. Old lists, in the order of their ids, those
// whose term is over; LetGo carries the rule out on one, and says whether this call
// did.
type Class interface {
	Old(ctx context.Context, before time.Time, after string, most int) ([]string, error)
	LetGo(ctx context.Context, id string) (bool, error)
}

// Service keeps the rules and carries them out.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Rule is one version of a rule.
type Rule struct {
	Code        string
	Version     int64
	RecordClass string
	Basis       i18n.Text
	StartEvent  string
	Period      string // "P10Y", "P6M", "P30D"
	Action      string // delete, anonymise
	Source      string
	ValidFrom   calendar.Date
	ValidTo     *calendar.Date
}

var periodForm = regexp.MustCompile(`^P([1-9][0-9]{0,3})([YMD])$`)

// before is the instant from which on records are still kept.
func (r Rule) before(now time.Time) (time.Time, error) {
	m := periodForm.FindStringSubmatch(r.Period)
	if m == nil {
		return time.Time{}, fmt.Errorf("the retention rule %s has the malformed period %q", r.Code, r.Period)
	}
	n, err := strconv.Atoi(m[1])
	switch m[2] {
	case "Y":
		return now.AddDate(-n, 0, 0), err
	case "M":
		return now.AddDate(0, -n, 0), err
	}
	return now.AddDate(0, 0, -n), err
}

// Span is the period as a number of years (Y), months (M) or days (D).
func (r Rule) Span() (n int, unit string) {
	m := periodForm.FindStringSubmatch(r.Period)
	if m == nil {
		return 0, "D"
	}
	n, _ = strconv.Atoi(m[1]) // four digits at most
	return n, m[2]
}

// Rules lists the versions in force today, by code.
func (s *Service) Rules(ctx context.Context) (rules []Rule, err error) {
	err = s.DB.From(ctx).Raw(`SELECT r.* FROM retention_rules r WHERE r.valid_from <= ? AND (r.valid_to IS NULL OR r.valid_to > ?)
 AND NOT EXISTS (SELECT 1 FROM retention_rules n WHERE n.code = r.code AND n.version > r.version AND n.valid_from <= ?) ORDER BY r.code`,
		s.today(), s.today(), s.today()).Scan(&rules).Error
	if err != nil {
		return nil, fmt.Errorf("read the retention rules: %w", db.Fault(err, "", ""))
	}
	return rules, nil
}

func (s *Service) today() calendar.Date {
	d, _ := calendar.ParseDate(s.Now().UTC().Format(time.DateOnly)) // a date of its own form
	return d
}

// Change is a new version of a rule, which holds from a day on.
type Change struct {
	Code   string
	Period string
	Basis  string
	Source string // where it is decided
}

// Amend gives a rule a new version that holds from today; the old one stays in
// the table.
func (s *Service) Amend(ctx context.Context, c Change) error {
	var check fault.Check
	c.Basis, c.Source = text.Line(c.Basis), text.Line(c.Source)
	check.That(periodForm.MatchString(c.Period), "period", "retention.period")
	check.That(c.Basis != "", "basis", "retention.basis")
	check.That(c.Source != "", "source", "retention.source")
	if err := check.Err(); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var last []Rule
		err := s.DB.From(ctx).Raw("SELECT * FROM retention_rules WHERE code = ? ORDER BY version DESC LIMIT 1", c.Code).Scan(&last).Error
		if err != nil {
			return fmt.Errorf("read a retention rule: %w", db.Fault(err, "", ""))
		}
		if len(last) == 0 {
			return fault.InvalidInput(fault.Field{Name: "code", Key: "retention.code"})
		}
		r := last[0]
		basis, err := json.Marshal(map[string]string{"zh-Hant": c.Basis, "zh-Hans": c.Basis, "en": c.Basis})
		if err != nil {
			return err
		}
		stmt := db.Insert("retention_rules", "code, version, record_class, basis, start_event, period, action, source, valid_from",
			r.Code, r.Version+1, r.RecordClass, string(basis), r.StartEvent, c.Period, r.Action, c.Source, s.today())
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("amend a retention rule: %w", db.Fault(err, "", "fault.conflict"))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "retention.amended", Kind: "retention_rule", ID: r.Code, Reason: c.Source,
			Fields: []audit.Change{{Field: "period", Before: r.Period, After: c.Period}}})
	})
}

// Due is what a rule would let go now.
type Due struct {
	Rule
	Before time.Time
	Count  int // up to CountMost
	Held   int // of those, kept by a legal hold
}

// CountMost bounds what a look counts.
const CountMost = 10_000

// Look says what each rule would let go, and changes nothing.
func (s *Service) Look(ctx context.Context) ([]Due, error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Due, len(rules))
	for i, r := range rules {
		out[i].Rule = r
		if out[i].Before, err = r.before(s.Now().UTC()); err != nil {
			return nil, err
		}
		list, err := s.over(ctx, r, out[i].Before, first, CountMost)
		if err != nil {
			return nil, err
		}
		out[i].Count = len(list)
		for _, k := range list {
			if k.Held {
				out[i].Held++
			}
		}
	}
	return out, nil
}

// first is less than every id.
const first = "00000000-0000-0000-0000-000000000000"

// over lists records of a rule whose term is over: by number where they have one.
func (s *Service) over(ctx context.Context, r Rule, before time.Time, after string, most int) ([]cases.Kept, error) {
	var ids []string
	var err error
	switch r.RecordClass {
	case "case_file":
		return s.Cases.Over(ctx, before, after, most)
	case "comment":
		ids, err = s.Satisfaction.OldComments(ctx, before, after, most)
	case "delivery":
		ids, err = s.Notify.Old(ctx, before, after, most)
	case "read_log":
		ids, err = s.Audit.OldReads(ctx, before, after, most)
	case "guest":
		ids, err = s.Constituents.Idle(ctx, before, after, most)
	case "campaign":
		ids, err = s.Campaigns.Old(ctx, before, after, most)
	case "offer":
		ids, err = s.Offers.Old(ctx, before, after, most)
	case "unconfirmed":
		ids, err = s.Identity.NeverProven(ctx, before, after, most)
	default:
		err = fmt.Errorf("the retention rule %s is for records of the unknown class %q", r.Code, r.RecordClass)
	}
	list := make([]cases.Kept, len(ids))
	for i, id := range ids {
		list[i] = cases.Kept{ID: id, CaseNo: id}
	}
	return list, err
}

// batch is how many records one transaction lets go.
const batch = 100

// Run lets go what the rules say, at most so many records of each, in small
// transactions that each write the journal too: it may be killed and run again.
// It gives the run's id.
func (s *Service) Run(ctx context.Context, most int) (id string, err error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return "", err
	}
	now := s.Now().UTC()
	id = db.NewID(now)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.DB.From(ctx).Exec("INSERT INTO retention_runs (id, started_at) VALUES (?, ?)", id, now).Error; err != nil {
			return fmt.Errorf("begin to let records go: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "retention.run", Kind: "retention_run", ID: id})
	})
	if err != nil {
		return "", err
	}
	for _, r := range rules {
		before, err := r.before(now)
		if err != nil {
			return id, err
		}
		if err := s.carryOut(ctx, id, r, before, most); err != nil {
			return id, fmt.Errorf("rule %s: %w", r.Code, err)
		}
	}
	return id, s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.DB.From(ctx).Exec("UPDATE retention_runs SET finished_at = ? WHERE id = ?", s.Now().UTC(), id).Error
	})
}

func (s *Service) carryOut(ctx context.Context, run string, r Rule, before time.Time, most int) error {
	for after, n := first, 0; n < most; {
		if err := ctx.Err(); err != nil {
			return err
		}
		list, err := s.over(ctx, r, before, after, min(batch, most-n))
		if err != nil || len(list) == 0 {
			return err
		}
		err = s.DB.Tx(ctx, func(ctx context.Context) error {
			var gone []string
			for _, k := range list {
				after = k.ID
				if k.Held {
					continue
				}
				went, err := s.letGo(ctx, r, k.ID)
				if err != nil {
					return err
				}
				if went {
					gone = append(gone, k.CaseNo)
				}
			}
			n += len(gone)
			return s.note(ctx, run, r, gone)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// letGo carries a rule out on one record.
func (s *Service) letGo(ctx context.Context, r Rule, id string) (bool, error) {
	one := []string{id}
	switch r.RecordClass {
	case "case_file":
		return s.anonymise(ctx, id)
	case "comment":
		return some(s.Satisfaction.DropComments(ctx, one))
	case "delivery":
		return some(s.Notify.Delete(ctx, one))
	case "read_log":
		return some(s.Audit.DeleteReads(ctx, one))
	case "campaign":
		return s.Campaigns.LetGo(ctx, id)
	case "offer":
		return s.Offers.LetGo(ctx, id)
	case "guest":
		return true, errors.Join(s.Notify.Erase(ctx, one, nil), s.Constituents.Erase(ctx, one, s.Now()))
	}
	return true, errors.Join(s.Notify.Erase(ctx, nil, one), s.Identity.EraseAccounts(ctx, one))
}

// some says whether anything went: of two runs at once only one lets a record go.
func some(n int64, err error) (bool, error) { return n > 0, err }

func (s *Service) anonymise(ctx context.Context, id string) (bool, error) {
	owners, err := s.Cases.Owners(ctx, id)
	if err != nil {
		return false, err
	}
	went, err := s.Cases.Anonymise(ctx, id, s.Now())
	if err != nil || !went {
		return false, err
	}
	if err := s.Files.RemoveAll(ctx, files.Owner{Kind: files.Case, ID: id}); err != nil {
		return false, err
	}
	for _, one := range owners {
		if err := s.Files.RemoveAll(ctx, files.Owner{Kind: files.Event, ID: one}); err != nil {
			return false, err
		}
	}
	return true, s.Satisfaction.DropCommentsOf(ctx, id)
}

// note writes the journal.
func (s *Service) note(ctx context.Context, run string, r Rule, records []string) error {
	now := s.Now().UTC()
	for _, record := range records {
		stmt := db.Insert("retention_journal", "id, run_id, rule, version, action, record, at", db.NewID(now), run, r.Code, r.Version, r.Action, record, now)
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("write the journal of what went: %w", db.Fault(err, "", ""))
		}
	}
	if len(records) == 0 {
		return nil
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "retention." + r.Action, Kind: "retention_run", ID: run,
		Fields: []audit.Change{{Field: strings.ReplaceAll(r.Code, "-", "_"), After: strconv.Itoa(len(records))}}})
}
