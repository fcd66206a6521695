package seven

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"minqing/internal/calendar"
)

// Fields are what can be verified of somebody, with the day on which it last was.
var Fields = []string{"phone", "email", "address", "identity"}

// fact is a case as 7P looks at it.
type fact struct {
	unit, matter, field, channel, kind, status string
	receivedAt                                 time.Time
	receivedOn                                 calendar.Date
	dueAt, concludedAt, contactedAt, repliedAt *time.Time
	dueOn, concludedOn                         *calendar.Date
	reworked, corrections                      int
	duplicate, about                           bool
	person, personKind, district               string
	verified                                   [4]sql.NullString // by Fields, the day as text
}

// verifications is the last day on which each field of a person was verified, as
// text, which both engines write alike; what was verified under a record that was
// merged into theirs is theirs. It asks for the present time twice.
const verifications = `SELECT v.id, MAX(CASE WHEN v.field = 'phone' THEN v.day END) AS phone, MAX(CASE WHEN v.field = 'email' THEN v.day END) AS email,
 MAX(CASE WHEN v.field = 'address' THEN v.day END) AS address, MAX(CASE WHEN v.field = 'identity' THEN v.day END) AS identity FROM (
 SELECT COALESCE(h.head_id, h.id) AS id, p.kind AS field, CAST(p.verified_at AS text) AS day FROM contact_points p JOIN constituents h ON h.id = p.constituent_id
 WHERE (p.valid_to IS NULL OR p.valid_to > ?) AND p.verified_at IS NOT NULL
 UNION ALL SELECT COALESCE(h.head_id, h.id), 'identity', CAST(n.verified_at AS text) FROM constituent_ids n JOIN constituents h ON h.id = n.constituent_id
 WHERE (n.valid_to IS NULL OR n.valid_to > ?) AND n.verified_at IS NOT NULL) v GROUP BY v.id`

func (s *Service) readCases(ctx context.Context, t *tally) error {
	var life []fact
	err := s.each(ctx, "read the cases", `SELECT CAST(c.unit_id AS text), COALESCE(mt.code, ''), COALESCE(CAST(mt.field_id AS text), ''), c.channel, c.kind, c.status, c.received_at, c.received_on,
 c.due_at, c.concluded_at, c.contacted_at, c.replied_at, c.due_on, c.concluded_on, c.rework_count, c.duplicate,
 EXISTS (SELECT 1 FROM case_parties sp WHERE sp.case_id = c.id AND sp.role = 'subject' AND (sp.unit_id IS NOT NULL OR sp.account_id IS NOT NULL)),
 (SELECT COUNT(*) FROM case_events e WHERE e.case_id = c.id AND e.action = 'request_info'),
 COALESCE(CAST(x.id AS text), ''), COALESCE(x.kind, ''), COALESCE(x.district_code, ''), v.phone, v.email, v.address, v.identity
 FROM cases c LEFT JOIN matters mt ON mt.id = c.matter_id`+asks+` LEFT JOIN (`+verifications+`) v ON v.id = x.id
 WHERE c.confidentiality <> 'whistle' AND c.parent_id IS NULL ORDER BY x.id, c.received_at, c.id`, []any{t.now, t.now}, func(rows *sql.Rows) error {
		var f fact
		err := rows.Scan(&f.unit, &f.matter, &f.field, &f.channel, &f.kind, &f.status, &f.receivedAt, &f.receivedOn,
			&f.dueAt, &f.concludedAt, &f.contactedAt, &f.repliedAt, &f.dueOn, &f.concludedOn, &f.reworked, &f.duplicate, &f.about, &f.corrections,
			&f.person, &f.personKind, &f.district, &f.verified[0], &f.verified[1], &f.verified[2], &f.verified[3])
		if err != nil {
			return err
		}
		if len(life) > 0 && (f.person == "" || f.person != life[0].person) {
			t.life(life)
			life = life[:0]
		}
		life = append(life, f)
		return nil
	})
	if len(life) > 0 {
		t.life(life)
	}
	return err
}

// life counts the cases of one person, in the order in which they came; a case of
// nobody known is a life of its own.
func (t *tally) life(life []fact) {
	known := life[0].person != ""
	groups := t.groups(life[0].person, life[0].personKind, life[0].district)
	for i := range life {
		t.work(groups, life, i, known)
	}
	if known {
		t.uses(groups, life)
		t.presence(groups, life)
		t.channels(groups, life)
	}
}

// within finds a later case of the same person.
func within(life []fact, i int, from time.Time, span time.Duration, fits func(*fact) bool) bool {
	for j := range life {
		f := &life[j]
		if j != i && !f.duplicate && f.receivedAt.After(from) && !f.receivedAt.After(from.Add(span)) && fits(f) {
			return true
		}
	}
	return false
}

func (t *tally) work(groups []string, life []fact, i int, known bool) {
	f := &life[i]
	both := f.matter + "|" + f.channel
	add := func(measure string, on calendar.Date, item string) {
		t.add(groups, cell{measure: measure, month: firstOfMonth(on), unit: f.unit, since: never, item: item})
	}
	if f.asked() {
		switch reason := failure(life, i); {
		case f.duplicate:
			add(mFailure, f.receivedOn, both+"|"+Chaser)
		default:
			add(mFiled, f.receivedOn, both)
			if reason != "" {
				add(mFailure, f.receivedOn, both+"|"+reason)
			}
		}
		for range f.corrections {
			add(mFailure, f.receivedOn, both+"|"+Correction)
		}
	}
	if f.dueOn != nil && f.dueAt != nil && f.dueAt.Before(t.now) && !slices.Contains([]string{"not_accepted", "withdrawn", "merged", "transferred"}, f.status) {
		add(mDue, *f.dueOn, f.matter)
		if f.concludedAt != nil && !f.concludedAt.After(*f.dueAt) {
			add(mOnTime, *f.dueOn, f.matter)
		}
	}
	if f.concludedOn == nil || f.concludedAt == nil || f.duplicate {
		return
	}
	add(mCompleted, *f.concludedOn, both)
	same := func(o *fact) bool { return o.asked() && o.field != "" && o.field == f.field }
	if known && f.asked() && !t.now.Before(f.concludedAt.Add(recontactTime)) {
		add(mClosed, *f.concludedOn, f.matter)
		if within(life, i, *f.concludedAt, recontactTime, same) {
			add(mAgain, *f.concludedOn, f.matter)
		}
	}
	if known && f.asked() && !t.now.Before(f.concludedAt.Add(atOnceTime)) {
		add(mFinished, *f.concludedOn, f.matter)
		if f.first() && !within(life, i, *f.concludedAt, atOnceTime, same) {
			add(mAtOnce, *f.concludedOn, f.matter)
		}
	}
}

// asked says that somebody turned to the government: what was granted unasked is
// none of theirs.
func (f *fact) asked() bool { return f.channel != "offer" }

// first says that the first word of a human ended the matter: nothing was asked
// for, and nothing was taken up again.
func (f *fact) first() bool {
	if f.reworked > 0 || f.corrections > 0 {
		return false
	}
	answered := f.concludedAt
	if f.repliedAt != nil {
		answered = f.repliedAt
	}
	return f.contactedAt == nil || !f.contactedAt.Before(*answered)
}

// failure says why a case would not have come had another gone well.
func failure(life []fact, i int) string {
	f := &life[i]
	for j := range life {
		o := &life[j]
		if j != i && f.person != "" && o.asked() && !o.duplicate && o.concludedAt != nil && o.field != "" && o.field == f.field &&
			f.receivedAt.After(*o.concludedAt) && !f.receivedAt.After(o.concludedAt.Add(recontactTime)) {
			return Repeat
		}
	}
	if f.kind == "complaint" && f.about {
		return Handling
	}
	return ""
}

// uses counts digital beginnings, returns and turns to somebody who sits there.
func (t *tally) uses(groups []string, life []fact) {
	first := -1
	for i := range life {
		f := &life[i]
		if f.duplicate || !slices.Contains(Digital, f.channel) {
			continue
		}
		if first < 0 {
			first = i
		}
		if f.matter == "" || t.now.Before(f.receivedAt.Add(fallbackTime)) {
			continue
		}
		t.add(groups, cell{measure: mDigital, month: firstOfMonth(f.receivedOn), unit: f.unit, since: never, item: f.matter})
		for j := range life {
			o := &life[j] // one who chases by telephone counts, whatever became of that case
			if o.matter == f.matter && slices.Contains(assisted, o.channel) && o.receivedAt.After(f.receivedAt) && !o.receivedAt.After(f.receivedAt.Add(fallbackTime)) {
				t.add(groups, cell{measure: mFellBack, month: firstOfMonth(f.receivedOn), unit: f.unit, since: never, item: f.matter})
				break
			}
		}
	}
	if first < 0 || life[first].receivedOn.Add(repeatDays) > t.today {
		return
	}
	f := &life[first]
	t.add(groups, cell{measure: mCohort, month: firstOfMonth(f.receivedOn), unit: f.unit, since: never})
	for i := range life[first+1:] {
		o := &life[first+1+i]
		if !o.duplicate && slices.Contains(Digital, o.channel) && o.matter != "" && o.matter != f.matter && o.receivedOn <= f.receivedOn.Add(repeatDays) {
			t.add(groups, cell{measure: mReturned, month: firstOfMonth(f.receivedOn), unit: f.unit, since: never})
			return
		}
	}
}

// presence notes in which months somebody was served within each part of the tree,
// and what was verified of those of the last twelve.
func (t *tally) presence(groups []string, life []fact) {
	last := map[string]calendar.Date{}
	for i := range life {
		f := &life[i]
		if !f.asked() {
			continue
		}
		month := firstOfMonth(f.receivedOn)
		for _, top := range t.above[f.unit] {
			before, came := last[top]
			if came && before == month {
				continue
			}
			if !came {
				before = never
			}
			t.add(groups, cell{measure: mPeople, month: month, unit: top, since: before})
			last[top] = month
		}
	}
	now := firstOfMonth(t.today)
	for top, month := range last {
		if month < monthsBefore(now, 11) {
			continue
		}
		t.add(groups, cell{measure: mProfiled, month: now, unit: top, since: never})
		for i, field := range Fields {
			if age, ok := t.age(life[0].verified[i]); ok {
				t.add(groups, cell{measure: mVerified, month: now, unit: top, since: never, item: field + "|" + strconv.Itoa(age)})
			}
		}
	}
}

// age is how many months ago something was verified, a month that has begun counted as
// one: what was verified a day more than a limit ago is older than the limit.
func (t *tally) age(day sql.NullString) (int, bool) {
	if !day.Valid || len(day.String) < len(time.DateOnly) {
		return 0, false
	}
	on, err := calendar.ParseDate(day.String[:len(time.DateOnly)])
	if err != nil {
		return 0, false
	}
	y, m := t.today.YearMonth()
	y2, m2 := on.YearMonth()
	age := (y-y2)*12 + int(m-m2)
	if t.today.UTC().Day() > on.UTC().Day() {
		age++
	}
	return max(age, 0), true
}

// channels notes by which channel somebody came next, of the first time in each
// month that they came by one and came again at all.
func (t *tally) channels(groups []string, life []fact) {
	var came []*fact
	for i := range life {
		if life[i].asked() {
			came = append(came, &life[i])
		}
	}
	last := map[string]calendar.Date{} // by part of the tree and channel
	for i := 0; i+1 < len(came); i++ {
		f, month := came[i], firstOfMonth(came[i].receivedOn)
		for _, top := range t.above[f.unit] {
			key := top + "|" + f.channel
			before, was := last[key]
			if was && before == month {
				continue
			}
			if !was {
				before = never
			}
			t.add(groups, cell{measure: mNext, month: month, unit: top, since: before, item: f.channel + ">" + came[i+1].channel})
			last[key] = month
		}
	}
}
