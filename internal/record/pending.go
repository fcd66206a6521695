package record

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Pending is one thing besides a case that is open with somebody: what they owe, what
// waits for their word, and what the government said that it would do on a day.
type Pending struct {
	What   string        // the kind: one of pendings
	Day    calendar.Date // by which, or on which; it counts whole
	At     *time.Time    // the hour, of an appointment
	Detail string        // the currency of a fee, how a duty or a hearing stands
	Amount int64         // of a fee, in the smallest coin
	Ref    string        // the number of the fee, the permit or the case; of an offer the way to it
	Name   i18n.Text     // of the fee, the duty, the benefit, or the type of the permit
	Permit i18n.Text     // of a duty, the type of its permit
	Theirs bool          // it is theirs to do

	id      string
	code    string // of a type of permits, with its version
	version int64
}

// Over says that its day has passed.
func (p *Pending) Over(today calendar.Date) bool { return p.Day < today }

// pendingMost is how many things of each kind a record lists; the others are counted.
const pendingMost = 10

// awaited is where one kind of Pending comes from: a source whose columns are detail,
// number, ref, name and the type code, and the column of its day or of its hour.
type awaited struct {
	source
	day    string // a DATE; empty when there is the hour
	hour   string // a time, whose local day counts
	theirs bool
}

const (
	ofCases    = "a.case_id IN ({cases}) AND EXISTS (SELECT 1 FROM case_units cu WHERE cu.case_id = a.case_id AND {units})"
	duePermits = "permit_duties y JOIN permits pp ON pp.id = y.permit_id WHERE pp.holder_id IN {family} AND y.state IN ('due', 'received') AND pp.state IN ('valid', 'suspended') AND (pp.valid_until IS NULL OR pp.valid_until >= {today}) AND {units}"
	dueFees    = feeLines + " AND o.state = 'due' AND NOT EXISTS (SELECT 1 FROM fee_arrivals fa WHERE fa.order_id = o.id AND fa.outcome <> 'accepted' AND fa.settled_at IS NULL)"
	toCorrect  = "permit_notices n JOIN permit_applications a ON a.id = n.application_id WHERE a.state = 'correcting' AND n.answered_at IS NULL AND " + ofCases
	toVisit    = "permit_inspections v JOIN permit_applications a ON a.id = v.application_id WHERE v.state = 'appointed' AND " + ofCases
	toHear     = "permit_hearings v JOIN permit_applications a ON a.id = v.application_id WHERE v.state = 'announced' AND " + ofCases
	ofType     = "a.case_no, '{}', a.type_code, a.type_version"
)

var ofOpen = []Part{Open}

// pendings are all kinds of them. What hangs on a case is seen with it; fees, permits
// and offers by whoever reads them for their unit. That somebody is to be spoken with
// about a bad grade is for whom the grades are.
var pendings = []awaited{
	{source{what: "fee", columns: "o.currency, o.amount, " + feeRef + ", '', 0", from: dueFees, id: "o.id", parts: ofOpen, verb: access.FeeRead, path: "o.unit_path"}, "o.due_on", "", true},
	{source{what: "offer", columns: "'', 0, " + offerRef + ", '', 0", from: offerLines + " AND o.state = 'offered' AND o.respond_on IS NOT NULL AND o.respond_by > {now}", id: "o.id", parts: []Part{Open, Consents}, verb: access.OfferRead, path: "u.path"}, "o.respond_on", "", true},
	{source{what: "duty", columns: "y.state || ' ' || y.code, 0, pp.permit_no, CAST(pp.type_name AS text), pp.type_code, pp.type_version", from: duePermits, id: "y.id", parts: ofOpen, verb: access.PermitRead, path: "pp.unit_path"}, "y.due_on", "", true},
	{source{what: "correction", columns: "'', 0, " + ofType, from: toCorrect, id: "n.id", parts: ofOpen, verb: access.PermitRead, path: "cu.unit_path"}, "n.due_on", "", true},
	{source{what: "visit", columns: "'', 0, " + ofType, from: toVisit, id: "v.id", parts: ofOpen, verb: access.PermitRead, path: "cu.unit_path"}, "", "v.visit_at", false},
	{source{what: "hearing", columns: "'', 0, " + ofType, from: toHear, id: "v.id", parts: ofOpen, verb: access.PermitRead, path: "cu.unit_path"}, "", "v.heard_at", false},
	{source{what: "contact", columns: "'', 0, c.case_no, '{}', '', 0", from: "cases c WHERE NOT " + cases.Ended + " AND c.contacted_at IS NULL AND c.response_due_at IS NOT NULL AND c.suspended_at IS NULL AND c.confidentiality <> 'anonymous' AND c.id IN ({cases})", id: "c.id", parts: ofOpen}, "", "c.response_due_at", false},
	{source{what: "callback", columns: "'', 0, c.case_no, '{}', '', 0", from: "callbacks k JOIN cases c ON c.id = k.case_id WHERE k.state = 'open' AND COALESCE(k.rings_on, k.due_on) IS NOT NULL AND k.case_id IN ({cases})", id: "k.id", parts: ofOpen}, "COALESCE(k.rings_on, k.due_on)", "", false},
	{source{what: "mend", columns: "c.rectify, 0, c.case_no, '{}', '', 0", from: "cases c WHERE c.rectify IN ('contact', 'mend') AND c.rectify_due_at IS NOT NULL AND c.id IN ({cases})", id: "c.id", parts: []Part{Past}}, "", "c.rectify_due_at", false},
}

// pendingFirst names the columns, and gives days and hours their types.
const pendingFirst = "SELECT 'fee' AS what, received_on AS day, received_at AS at, id, '' AS detail, 0 AS number, '' AS ref, '{}' AS name, '' AS code, 0 AS version, 0 AS total FROM cases WHERE 1 = 0"

// Awaits says whether the actor is shown a kind of what is pending at all.
func (s *Sheet) Awaits() bool {
	return slices.ContainsFunc(pendings, func(one awaited) bool { return s.shows(one.source) })
}

// pending reads what else is open with somebody, in one statement, the nearest day
// first: of each kind up to most, and how many there are that are not listed.
func (s *Service) pending(ctx context.Context, sheet *Sheet, most int) (list []Pending, more int, err error) {
	parts, args := []string{pendingFirst}, []any(nil)
	ids := sheet.cases.IDs()
	for _, one := range pendings {
		if !sheet.shows(one.source) {
			continue
		}
		sql, values := s.awaits(sheet, one, ids, most)
		parts, args = append(parts, sql), append(args, values...)
	}
	if len(parts) == 1 {
		return nil, 0, nil
	}
	totals := map[string]int{}
	err = s.DB.Together(ctx, db.Each(func(scan func(...any) error) error {
		var p Pending
		var day *calendar.Date
		var total int
		if err := scan(&p.What, &day, &p.At, &p.id, &p.Detail, &p.Amount, &p.Ref, &p.Name, &p.code, &p.version, &total); err != nil {
			return err
		}
		switch {
		case day != nil:
			p.Day = *day
		case p.At != nil:
			p.Day = calendar.DateOf(*p.At, s.Zone)
		}
		totals[p.What] = total
		list = append(list, p)
		return nil
	}, strings.Join(parts, " UNION ALL "), args...))
	if err != nil {
		return nil, 0, fmt.Errorf("read what is open with somebody: %w", db.Fault(err, "", ""))
	}
	for _, n := range totals {
		more += n
	}
	slices.SortFunc(list, func(a, b Pending) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.What, b.What), cmp.Compare(a.id, b.id))
	})
	return list, more - len(list), s.named(ctx, list)
}

// awaits writes one kind, cut to most rows that each say how many there are.
func (s *Service) awaits(sheet *Sheet, one awaited, of db.Sub, most int) (string, []any) {
	from, args := sheet.fillIn(one.source, of, s.Now())
	day, hour, order := cmp.Or(one.day, "CAST(NULL AS date)"), cmp.Or(one.hour, "CAST(NULL AS timestamptz)"), one.day+one.hour
	return fmt.Sprintf("SELECT * FROM (SELECT '%s' AS what, %s AS day, %s AS at, %s AS id, %s, COUNT(*) OVER () AS total FROM %s ORDER BY %s, %s LIMIT %d) AS one",
		one.what, day, hour, one.id, one.columns, from, order, one.id, most), args
}

// named calls duties, and the permits that somebody applies for, by their names. The
// types are kept in memory once they were read.
func (s *Service) named(ctx context.Context, list []Pending) error {
	for i := range list {
		p := &list[i]
		p.Theirs = slices.ContainsFunc(pendings, func(one awaited) bool { return one.what == p.What && one.theirs })
		if p.code == "" {
			continue
		}
		state, duty, _ := strings.Cut(p.Detail, " ")
		if duty != "" {
			p.Detail, p.Permit, p.Theirs = state, p.Name, state == "due"
		}
		t, err := s.PermitTypes.Version(ctx, p.code, p.version)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return err
		}
		if duty == "" {
			p.Name = t.Name
		} else if def := t.DutyOf(duty); def != nil {
			p.Name = def.Name
		}
	}
	return nil
}
