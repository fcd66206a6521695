package seven

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"minqing/internal/calendar"
)

// Horizon is how many months, this one too, are kept.
const Horizon = 36

// never stands where a number depends on no earlier month; forever is the month in
// which what goes on ends.
var (
	never   = calendar.NewDate(1, 1, 1)
	forever = calendar.NewDate(9999, 12, 1)
)

// measures of the counts. Those of different people stand under the top of each
// part of the unit tree in which they were served, the others under the unit.
const (
	mFiled     = "filed"     // cases, by month of receipt: matter|channel
	mCompleted = "completed" // by month of conclusion: matter|channel
	mDue       = "due"       // due times that have passed, by their month: matter
	mOnTime    = "on_time"
	mJudged    = "judged" // evaluations by their month: matter
	mSatisfied = "satisfied"
	mFailure   = "failure"   // contacts that good handling would have spared: matter|channel|reason
	mClosed    = "closed"    // conclusions of somebody known, 30 days ago or more: matter
	mAgain     = "again"     // of these, followed within 30 days by a case of the same field
	mFinished  = "finished"  // conclusions 14 days ago or more: matter
	mAtOnce    = "at_once"   // of these, at the first contact and not followed within 14 days
	mDigital   = "digital"   // digital cases of somebody known, 7 days ago or more: matter
	mFellBack  = "fell_back" // of these, followed within 7 days by telephone or counter
	mCohort    = "cohort"    // people whose first digital use was 365 days ago or more, by its month
	mReturned  = "returned"  // of these, who came again for something else within 365 days
	mPeople    = "people"    // different people; since: the month before in which they came
	mNext      = "next"      // first contact of a person by a channel in a month: channel>next
	mProfiled  = "profiled"  // people of the last 12 months, under the month of counting
	mVerified  = "verified"  // of these, of whom something is verified: field|age in months
	mConsent   = "consent"   // by month of withdrawal; since: the month of the opt-in
)

const (
	recontactTime = 30 * 24 * time.Hour
	atOnceTime    = 14 * 24 * time.Hour
	fallbackTime  = 7 * 24 * time.Hour
	repeatDays    = 365
)

// Digital are the channels that nobody of the government sits at; assisted those
// where somebody does.
var (
	Digital  = []string{"web", "api", "email"}
	assisted = []string{"phone", "counter"}
)

// why a contact would not have been made had the matter gone well.
const (
	Chaser     = "chaser"     // asked again while it was handled
	Correction = "correction" // had to be asked for more
	Repeat     = "repeat"     // came back with the same field within 30 days of a conclusion
	Handling   = "handling"   // complains of a unit or officer
)

type cell struct {
	group, measure, item, unit string
	month, since               calendar.Date
}

// tally holds the numbers while people are read one after the other.
type tally struct {
	now     time.Time
	today   calendar.Date
	from    calendar.Date // the first month that is kept
	cells   map[cell]int64
	above   map[string][]string // a unit and those above it, by id
	root    string
	areas   map[string]string   // district of each district and sub-district, by code
	members map[string][]string // group keys of segments, by person
}

// add counts one more of a cell for each of the groups.
func (t *tally) add(groups []string, c cell) {
	if c.month < t.from {
		return
	}
	for _, c.group = range groups {
		t.cells[c]++
	}
}

// groups are the keys of those that somebody is counted in.
func (t *tally) groups(person, kind, district string) []string {
	out := []string{""}
	if person == "" {
		return out
	}
	out = append(out, KindGroup+kind)
	if d := t.areas[district]; d != "" {
		out = append(out, DistrictGroup+d)
	}
	return append(out, t.members[person]...)
}

// Count reads everything anew and writes what is no longer as the last count left it.
func (s *Service) Count(ctx context.Context) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	t := &tally{now: now, today: calendar.DateOf(now, s.Zone), cells: map[cell]int64{}}
	t.from = monthsBefore(t.today, Horizon-1)
	last, err := s.state(ctx)
	if err != nil {
		return err
	}
	var gone []cell
	err = s.DB.Patiently(ctx, func(ctx context.Context) error { // a million cases take a minute
		for _, read := range []func(context.Context, *tally) error{s.readTree, s.readAreas, s.readMembers, s.readCases, s.readJudgements, s.readConsents} {
			if err := read(ctx, t); err != nil {
				return err
			}
		}
		gone, err = s.compare(ctx, t)
		return err
	})
	if err != nil {
		return err
	}
	return s.keep(ctx, t, gone, last)
}

func (s *Service) readTree(ctx context.Context, t *tally) error {
	var all []struct{ ID, Path string }
	if err := s.DB.Reader(ctx).Raw("SELECT CAST(id AS text) AS id, path FROM units ORDER BY path").Scan(&all).Error; err != nil {
		return fail("read the units", err)
	}
	t.above = make(map[string][]string, len(all))
	for _, u := range all {
		for _, a := range all {
			if strings.HasPrefix(u.Path, a.Path) {
				t.above[u.ID] = append(t.above[u.ID], a.ID)
			}
		}
	}
	if len(all) > 0 {
		t.root = all[0].ID
	}
	return nil
}

func (s *Service) readAreas(ctx context.Context, t *tally) error {
	var all []struct{ Code, Level, Parent string }
	err := s.DB.Reader(ctx).Raw("SELECT d.code, d.level, COALESCE(p.code, '') AS parent FROM districts d LEFT JOIN districts p ON p.id = d.parent_id").Scan(&all).Error
	if err != nil {
		return fail("read the districts", err)
	}
	t.areas = map[string]string{}
	for _, d := range all {
		switch d.Level {
		case "district":
			t.areas[d.Code] = d.Code
		case "subdistrict":
			t.areas[d.Code] = d.Parent
		}
	}
	return nil
}

func (s *Service) readMembers(ctx context.Context, t *tally) error {
	t.members = map[string][]string{}
	keys := map[string]string{} // one string for all members
	return s.each(ctx, "read the members of segments", `SELECT CAST(m.segment_id AS text), CAST(m.constituent_id AS text) FROM segment_members m
 JOIN segments g ON g.id = m.segment_id WHERE g.retired_at IS NULL ORDER BY 1`, nil, func(rows *sql.Rows) error {
		var segment, person string
		if err := rows.Scan(&segment, &person); err != nil {
			return err
		}
		if keys[segment] == "" {
			keys[segment] = SegmentGroup + segment
		}
		t.members[person] = append(t.members[person], keys[segment])
		return nil
	})
}

func (s *Service) each(ctx context.Context, what, query string, args []any, one func(*sql.Rows) error) error {
	rows, err := s.DB.Reader(ctx).Raw(query, args...).Rows()
	if err != nil {
		return fail(what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := one(rows); err != nil {
			return fail(what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fail(what, err)
	}
	return nil
}

// asks joins a case with who asked, by the record that stands for them now. What
// was filed in confidence is nobody's, and so is what an erased person filed.
const asks = ` LEFT JOIN case_parties cp ON cp.case_id = c.id AND cp.role = 'requester' AND c.confidentiality = 'normal' AND c.frozen_at IS NULL
 LEFT JOIN constituents m ON m.id = cp.constituent_id AND m.erased_at IS NULL
 LEFT JOIN constituents x ON x.id = COALESCE(m.head_id, m.id) AND x.erased_at IS NULL`

func (s *Service) readJudgements(ctx context.Context, t *tally) error {
	return s.each(ctx, "read the evaluations", `SELECT CAST(c.unit_id AS text), COALESCE(mt.code, ''), e.grade, e.evaluated_on, COALESCE(CAST(x.id AS text), ''), COALESCE(x.kind, ''), COALESCE(x.district_code, '')
 FROM evaluations e JOIN cases c ON c.id = e.case_id LEFT JOIN matters mt ON mt.id = c.matter_id`+asks+`
 WHERE e.round = 1 AND e.result = 'concluded' AND NOT e.excluded AND c.confidentiality <> 'whistle' AND c.parent_id IS NULL AND NOT c.duplicate AND e.evaluated_on >= ?`,
		[]any{t.from}, func(rows *sql.Rows) error {
			var unit, matter, person, kind, district string
			var grade int
			var on calendar.Date
			if err := rows.Scan(&unit, &matter, &grade, &on, &person, &kind, &district); err != nil {
				return err
			}
			groups := t.groups(person, kind, district)
			t.add(groups, cell{measure: mJudged, month: firstOfMonth(on), unit: unit, since: never, item: matter})
			if grade >= 3 {
				t.add(groups, cell{measure: mSatisfied, month: firstOfMonth(on), unit: unit, since: never, item: matter})
			}
			return nil
		})
}

// readConsents follows each consent of a person, by purpose and channel, from the
// opt-in to its withdrawal. It belongs to the government as a whole.
func (s *Service) readConsents(ctx context.Context, t *tally) error {
	var of, open string
	var began calendar.Date
	var groups []string
	end := func(on calendar.Date) {
		if open != "" && t.root != "" {
			t.add(groups, cell{measure: mConsent, month: on, unit: t.root, since: began})
		}
		open = ""
	}
	err := s.each(ctx, "read the consents", `SELECT CAST(x.id AS text), x.kind, COALESCE(x.district_code, ''), k.purpose, k.channel, k.given, k.at
 FROM consents k JOIN constituents m ON m.id = k.constituent_id JOIN constituents x ON x.id = COALESCE(m.head_id, m.id)
 WHERE x.erased_at IS NULL ORDER BY 1, k.purpose, k.channel, k.at, k.id`, nil, func(rows *sql.Rows) error {
		var person, kind, district, purpose, channel string
		var given bool
		var at time.Time
		if err := rows.Scan(&person, &kind, &district, &purpose, &channel, &given, &at); err != nil {
			return err
		}
		if key := person + "|" + purpose + "|" + channel; key != of {
			end(forever)
			of = key
		}
		on := firstOfMonth(calendar.DateOf(at, s.Zone))
		switch {
		case given && open == "":
			open, began, groups = of, on, t.groups(person, kind, district)
		case !given:
			end(on)
		}
		return nil
	})
	end(forever)
	return err
}
