package seven

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Kind is what an input says. No system knows these: an administrator enters them
// with their source and the day from which they hold.
type Kind string

// The kinds of inputs. Those of matters are for one case of it.
const (
	Population      Kind = "population"       // of a group
	FieldWeight     Kind = "field_weight"     // of a field; whole: months for which it is fresh; the source is its purpose
	Trust           Kind = "trust"            // answers in the two best boxes of a quarter, which ends on the day, of whole
	EnterpriseStay  Kind = "enterprise_stay"  // enterprises active and here on the day, of whole that were active a year before
	HourlyCost      Kind = "hourly_cost"      // of a grade
	StaffMinutes    Kind = "staff_minutes"    // of a matter and grade
	ChannelCost     Kind = "channel_cost"     // of a contact by a channel
	Overhead        Kind = "overhead"         // of a case
	FormMinutes     Kind = "form_minutes"     // of a matter, to those who ask
	TravelMinutes   Kind = "travel_minutes"   // likewise
	WaitingMinutes  Kind = "waiting_minutes"  // likewise
	OutOfPocket     Kind = "out_of_pocket"    // likewise, money
	BaselineMinutes Kind = "baseline_minutes" // the three together, before the service was changed
	BaselinePocket  Kind = "baseline_pocket"
	ValueOfTime     Kind = "value_of_time"    // of an hour of those who ask
	AgencySaving    Kind = "agency_saving"    // of a month
	IncrementalCost Kind = "incremental_cost" // of a month
)

// What an input is about.
const (
	OfGroup   = "group"
	OfField   = "field"
	OfGrade   = "grade"
	OfMatter  = "matter"
	OfChannel = "channel"
	OfAll     = ""
)

// Form says how an input of a kind looks.
type Form struct {
	Kind  Kind
	Item  string // what it is about
	Grade bool   // and for which grade
	Whole bool   // it has a second number
	Count bool   // whole numbers only
}

// Forms lists the kinds in the order in which the page shows them.
var Forms = []Form{
	{Kind: Population, Item: OfGroup, Count: true},
	{Kind: FieldWeight, Item: OfField, Whole: true},
	{Kind: Trust, Whole: true, Count: true},
	{Kind: EnterpriseStay, Whole: true, Count: true},
	{Kind: HourlyCost, Item: OfGrade},
	{Kind: StaffMinutes, Item: OfMatter, Grade: true},
	{Kind: ChannelCost, Item: OfChannel},
	{Kind: Overhead},
	{Kind: FormMinutes, Item: OfMatter},
	{Kind: TravelMinutes, Item: OfMatter},
	{Kind: WaitingMinutes, Item: OfMatter},
	{Kind: OutOfPocket, Item: OfMatter},
	{Kind: BaselineMinutes, Item: OfMatter},
	{Kind: BaselinePocket, Item: OfMatter},
	{Kind: ValueOfTime},
	{Kind: AgencySaving},
	{Kind: IncrementalCost},
}

// FormOf finds how an input of a kind looks.
func FormOf(k Kind) (Form, bool) {
	i := slices.IndexFunc(Forms, func(f Form) bool { return f.Kind == k })
	if i < 0 {
		return Form{}, false
	}
	return Forms[i], true
}

// Grades of staff whose time costs differently.
var Grades = []string{"clerk", "officer", "manager"}

// Channels by which people come.
var Channels = []string{"web", "phone", "counter", "email", "api", "import"}

// Input is a number with its source. Amounts are in hundredths.
type Input struct {
	ID      string
	Kind    Kind
	Item    string
	Part    string
	AsOf    calendar.Date
	Amount  int64
	Whole   int64
	Source  string
	Version int64
}

// Value is the amount.
func (i Input) Value() float64 { return float64(i.Amount) / 100 }

// Of is the second number.
func (i Input) Of() float64 { return float64(i.Whole) / 100 }

// Need is an input that a figure lacks.
type Need struct {
	Kind       Kind
	Item, Part string
}

const inputRows = "SELECT CAST(id AS text) AS id, kind, item, part, as_of, amount, whole, source, version FROM seven_inputs WHERE removed_at IS NULL"

// Inputs lists all, by kind and what they are about, the newest first.
func (s *Service) Inputs(ctx context.Context) ([]Input, error) {
	if err := s.Access.Can(ctx, access.FigureInputs); err != nil {
		return nil, err
	}
	return s.inputs(ctx)
}

func (s *Service) inputs(ctx context.Context) (list []Input, err error) {
	if err := s.DB.Reader(ctx).Raw(inputRows + " ORDER BY kind, item, part, as_of DESC, id").Scan(&list).Error; err != nil {
		return nil, fail("read the inputs of 7P", err)
	}
	return list, nil
}

// Input gives one.
func (s *Service) Input(ctx context.Context, id string) (Input, error) {
	if err := s.Access.Can(ctx, access.FigureInputs); err != nil {
		return Input{}, err
	}
	return s.input(ctx, id)
}

func (s *Service) input(ctx context.Context, id string) (Input, error) {
	var list []Input
	if db.IsID(id) {
		if err := s.DB.From(ctx).Raw(inputRows+" AND id = ?", id).Scan(&list).Error; err != nil {
			return Input{}, fail("read an input of 7P", err)
		}
	}
	if len(list) == 0 {
		return Input{}, fault.New(fault.NotFound, "seven.input.missing")
	}
	return list[0], nil
}

// MayEnter says whether the actor may enter inputs.
func (s *Service) MayEnter(ctx context.Context) bool {
	return s.Access.Can(ctx, access.FigureEnter) == nil
}

// MayReadInputs says whether the actor may look at them.
func (s *Service) MayReadInputs(ctx context.Context) bool {
	return s.Access.Can(ctx, access.FigureInputs) == nil
}

// Entry is an input as somebody types it; a correction has the id and the version
// that the page showed.
type Entry struct {
	ID            string
	Version       int64
	Kind          Kind
	Item, Part    string
	AsOf          string
	Amount, Whole string
	Source        string
}

const (
	sourceMost = 300
	amountMost = 1_000_000_000_000
)

// hundredths reads a number with at most two decimals.
func hundredths(s string) (int64, bool) {
	whole, part, cut := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), ",", ""), ".")
	if whole == "" || len(whole) > 13 || len(part) > 2 || cut && part == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 63)
	return int64(n), err == nil && n <= amountMost*100
}

// read checks an entry and makes the input of it.
func (e Entry) read(today calendar.Date) (Input, error) {
	var c fault.Check
	f, ok := FormOf(e.Kind)
	if !ok {
		return Input{}, fault.InvalidInput(fault.Field{Name: "kind", Key: "seven.input.kind.unknown"})
	}
	in := Input{ID: e.ID, Kind: e.Kind, Item: e.Item, Part: e.Part, Source: strings.TrimSpace(e.Source), Version: e.Version}
	c.That(f.about(e.Item), "item", "seven.input.item.unknown")
	c.That(f.Grade == slices.Contains(Grades, e.Part), "part", "seven.input.part.unknown")
	number := func(name, typed string, into *int64) {
		n, ok := hundredths(typed)
		c.That(ok && (!f.Count || n%100 == 0), name, "seven.input.number."+counted(f.Count))
		*into = n
	}
	number("amount", e.Amount, &in.Amount)
	if f.Whole {
		number("whole", e.Whole, &in.Whole)
		if f.Count && c.Err() == nil {
			c.That(in.Amount <= in.Whole && in.Whole > 0, "amount", "seven.input.part_of")
		}
	}
	if f.Kind == Population && c.Err() == nil {
		c.That(in.Amount > 0, "amount", "seven.input.least")
	}
	day, err := calendar.ParseDate(strings.TrimSpace(e.AsOf))
	c.That(err == nil && day.Year() >= 1900, "as_of", "seven.input.day")
	c.That(err != nil || day <= today, "as_of", "seven.input.future")
	in.AsOf = day
	c.That(in.Source != "", "source", "seven.input.source.required")
	c.That(utf8.RuneCountInString(in.Source) <= sourceMost, "source", "seven.input.source.long", "Most", sourceMost)
	return in, c.Err()
}

func counted(whole bool) string {
	if whole {
		return "whole"
	}
	return "decimal"
}

// about says whether an item can be what such an input is about; matters and
// groups must exist, which Enter asks.
func (f Form) about(item string) bool {
	switch f.Item {
	case OfAll:
		return item == ""
	case OfField:
		return slices.Contains(Fields, item)
	case OfGrade:
		return slices.Contains(Grades, item)
	case OfChannel:
		return slices.Contains(Channels, item)
	}
	return f.Item == OfGroup || item != ""
}

// Enter stores an input, or corrects one; what it was before stays in its versions.
func (s *Service) Enter(ctx context.Context, e Entry) error {
	if err := s.Access.Can(ctx, access.FigureEnter); err != nil {
		return err
	}
	in, err := e.read(s.Today())
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.exists(ctx, in); err != nil {
			return err
		}
		return s.write(ctx, in)
	})
}

// exists asks whether the group or matter of an input is there.
func (s *Service) exists(ctx context.Context, in Input) error {
	f, _ := FormOf(in.Kind)
	query, key := "", in.Item
	switch {
	case f.Item == OfMatter:
		query = "SELECT COUNT(*) FROM matters WHERE code = ?"
	case f.Item == OfGroup && strings.HasPrefix(key, DistrictGroup):
		query, key = "SELECT COUNT(*) FROM districts WHERE code = ?", strings.TrimPrefix(key, DistrictGroup)
	case f.Item == OfGroup && strings.HasPrefix(key, SegmentGroup):
		query, key = "SELECT COUNT(*) FROM segments WHERE id = ?", strings.TrimPrefix(key, SegmentGroup)
		if !db.IsID(key) {
			return fault.InvalidInput(fault.Field{Name: "item", Key: "seven.input.item.unknown"})
		}
	case f.Item == OfGroup && key != "" && !slices.Contains(KindGroups, key):
		return fault.InvalidInput(fault.Field{Name: "item", Key: "seven.input.item.unknown"})
	default:
		return nil
	}
	var n int64
	if err := s.DB.From(ctx).Raw(query, key).Scan(&n).Error; err != nil {
		return fail("look for what an input is about", err)
	}
	if n == 0 {
		return fault.InvalidInput(fault.Field{Name: "item", Key: "seven.input.item.unknown"})
	}
	return nil
}

func (s *Service) write(ctx context.Context, in Input) error {
	now, tx := s.Now().UTC().Truncate(time.Microsecond), s.DB.From(ctx)
	entry := audit.Entry{Action: "seven.input.enter", Kind: "figure_input", ID: in.ID}
	if in.ID == "" {
		in.ID, in.Version = db.NewID(now), 1
		entry.ID = in.ID
		err := tx.Exec("INSERT INTO seven_inputs (id, kind, item, part, as_of, amount, whole, source, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			in.ID, in.Kind, in.Item, in.Part, in.AsOf, in.Amount, in.Whole, in.Source, now, now).Error
		if err != nil {
			return taken(err)
		}
		entry.Fields = changes(Input{}, in)
	} else {
		was, err := s.input(ctx, in.ID)
		if err != nil {
			return err
		}
		res := tx.Exec("UPDATE seven_inputs SET as_of = ?, amount = ?, whole = ?, source = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND removed_at IS NULL",
			in.AsOf, in.Amount, in.Whole, in.Source, now, in.ID, in.Version)
		if res.Error != nil {
			return taken(res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "seven.input.stale")
		}
		in.Kind, in.Item, in.Part = was.Kind, was.Item, was.Part
		in.Version++
		entry.Action, entry.Fields = "seven.input.correct", changes(was, in)
	}
	if err := s.version(ctx, in, false, now); err != nil {
		return err
	}
	return s.Audit.Record(ctx, entry)
}

func taken(err error) error {
	if err := db.Fault(err, "as_of", "seven.input.taken"); fault.KindOf(err) == fault.Conflict {
		return fault.InvalidInput(fault.Field{Name: "as_of", Key: "seven.input.taken"})
	}
	return fail("keep an input of 7P", err)
}

func (s *Service) version(ctx context.Context, in Input, removed bool, now time.Time) error {
	err := s.DB.From(ctx).Exec("INSERT INTO seven_input_versions (input_id, no, as_of, amount, whole, source, removed, author_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		in.ID, in.Version, in.AsOf, in.Amount, in.Whole, in.Source, removed, db.Ref(actor.From(ctx).AccountID), now).Error
	if err != nil {
		return fail("keep what an input was", err)
	}
	return nil
}

func changes(was, now Input) []audit.Change {
	shown := func(n int64) string { return strconv.FormatFloat(float64(n)/100, 'f', 2, 64) }
	out := []audit.Change{{Field: "kind", After: string(now.Kind)}, {Field: "item", After: now.Item}, {Field: "part", After: now.Part}}
	before := func(field, was, now string) {
		if was != now {
			out = append(out, audit.Change{Field: field, Before: was, After: now})
		}
	}
	if was.ID == "" {
		return append(out, audit.Change{Field: "as_of", After: now.AsOf.String()}, audit.Change{Field: "amount", After: shown(now.Amount)},
			audit.Change{Field: "whole", After: shown(now.Whole)}, audit.Change{Field: "source", After: now.Source})
	}
	before("as_of", was.AsOf.String(), now.AsOf.String())
	before("amount", shown(was.Amount), shown(now.Amount))
	before("whole", shown(was.Whole), shown(now.Whole))
	before("source", was.Source, now.Source)
	return out
}

// Remove takes an input out of use; its versions stay.
func (s *Service) Remove(ctx context.Context, id string, version int64) error {
	if err := s.Access.Can(ctx, access.FigureEnter); err != nil {
		return err
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		in, err := s.input(ctx, id)
		if err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("UPDATE seven_inputs SET removed_at = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND removed_at IS NULL", now, now, id, version)
		if res.Error != nil {
			return fail("remove an input of 7P", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "seven.input.stale")
		}
		in.Version++
		if err := s.version(ctx, in, true, now); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "seven.input.remove", Kind: "figure_input", ID: id, Fields: []audit.Change{
			{Field: "kind", Before: string(in.Kind)}, {Field: "item", Before: in.Item}, {Field: "part", Before: in.Part}}})
	})
}

// Version is an input as it was.
type Version struct {
	No            int64
	AsOf          calendar.Date
	Amount, Whole int64
	Source        string
	Removed       bool
	AuthorID      string
	At            time.Time
}

// Versions lists what an input was, the newest first.
func (s *Service) Versions(ctx context.Context, id string) (list []Version, err error) {
	if err := s.Access.Can(ctx, access.FigureInputs); err != nil {
		return nil, err
	}
	err = s.DB.Reader(ctx).Raw("SELECT no, as_of, amount, whole, source, removed, COALESCE(CAST(author_id AS text), '') AS author_id, at FROM seven_input_versions WHERE input_id = ? ORDER BY no DESC", id).Scan(&list).Error
	if err != nil {
		return nil, fail("read what an input was", err)
	}
	return list, nil
}
