package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

const nameMost = 100 // characters of a name

// SuspensionChange is a reason for which clocks may stand still, as typed.
type SuspensionChange struct {
	Code      string
	Version   int64 // that was seen; 0 adds a new reason
	Name      i18n.Text
	Ground    i18n.Text
	Notice    bool
	Number    string // empty: nothing bounds it
	Unit      string
	Usually   string // how long it takes; empty: whoever suspends has to say
	UsualUnit string
	Matters   string // codes with commas or spaces between them; empty: for all matters
	ValidFrom string
	ValidTo   string
	Position  string
	Reason    string
}

// check reads what was typed.
func (a SuspensionChange) check() (SuspensionType, error) {
	t := SuspensionType{Name: a.Name, Ground: i18n.Text{}, Notice: a.Notice}
	t.Code, t.Source = a.Code, "admin"
	var c fault.Check
	c.That(codeShape.MatchString(a.Code), "code", "catalogue.code.invalid")
	for _, l := range i18n.Langs {
		c.That(a.Name[l] != "", "name["+string(l)+"]", "catalogue.name.language")
		c.That(utf8.RuneCountInString(a.Name[l]) <= nameMost, "name["+string(l)+"]", "catalogue.text.long", "Max", nameMost)
		c.That(utf8.RuneCountInString(a.Ground[l]) <= basisMost, "ground["+string(l)+"]", "catalogue.text.long", "Max", basisMost)
		if a.Ground[l] != "" {
			t.Ground[l] = a.Ground[l]
		}
	}
	t.Longest = lasts(&c, "number", a.Number, "unit", a.Unit)
	t.Usual = lasts(&c, "usually", a.Usually, "usual_unit", a.UsualUnit)
	if t.Usual.Unit() == t.Longest.Unit() {
		c.That(t.Usual.Number() <= t.Longest.Number(), "usually", "catalogue.suspension.usual.longer")
	}
	t.Matters = codesIn(a.Matters)
	from, err := calendar.ParseDate(a.ValidFrom)
	c.That(err == nil, "valid_from", "catalogue.day.invalid")
	t.ValidFrom = from
	if a.ValidTo != "" {
		to, err := calendar.ParseDate(a.ValidTo)
		c.That(err == nil, "valid_to", "catalogue.day.invalid")
		c.That(err != nil || to >= from, "valid_to", "catalogue.dates.reversed")
		t.ValidTo = &to
	}
	n, err := strconv.ParseInt(a.Position, 10, 32)
	c.That(err == nil && n > 0, "position", "catalogue.standard.number")
	t.Position = n
	checkReason(&c, a.Reason)
	return t, c.Err()
}

// lasts reads how long something may take, in working days or days; empty is no limit.
func lasts(c *fault.Check, name, typed, unitName, typedUnit string) calendar.Limit {
	if typed == "" {
		return calendar.Limit{}
	}
	n, err := strconv.Atoi(typed)
	unit := calendar.Unit(typedUnit)
	c.That(unit == calendar.WorkingDays || unit == calendar.Days, unitName, "catalogue.standard.unit")
	limit, wrong := calendar.NewLimit(n, unit)
	c.That(err == nil && (wrong == nil || unit == ""), name, "catalogue.standard.number")
	return limit
}

// codesIn are the codes of a text, each once, in order.
func codesIn(typed string) Codes {
	list := strings.FieldsFunc(typed, func(r rune) bool {
		return r == ',' || r == '，' || r == '、' || r == ' ' || r == '\n' || r == '\r' || r == '\t'
	})
	var codes Codes
	for _, code := range list {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// known refuses a reason for matters that nobody offers.
func (s *Service) known(ctx context.Context, codes Codes) error {
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, code := range codes {
		if m, err := snap.Matter(code); err != nil || m.Code != code {
			return fault.InvalidInput(fault.Field{Name: "matters", Key: "catalogue.suspension.matter", Args: map[string]any{"Code": code}})
		}
	}
	return nil
}

// SetSuspension changes a reason for which clocks may stand still, or adds one. What
// stands still already goes on as it was.
func (s *Service) SetSuspension(ctx context.Context, a SuspensionChange) error {
	t, err := a.check()
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context) error {
		if err := s.known(ctx, t.Matters); err != nil {
			return err
		}
		var found []SuspensionType
		if err := s.db.From(ctx).Where("code = ?", a.Code).Find(&found).Error; err != nil {
			return fmt.Errorf("read a reason for suspensions: %w", err)
		}
		var was SuspensionType
		switch {
		case a.Version == 0 && len(found) > 0:
			return fault.InvalidInput(fault.Field{Name: "code", Key: "catalogue.code.taken"})
		case a.Version == 0:
			t.ID, t.Version = db.NewID(s.now()), 1
			err = s.db.From(ctx).Create(&t).Error
		case len(found) == 0:
			return fault.New(fault.NotFound, "catalogue.suspension.missing")
		case found[0].Version != a.Version:
			return errChanged
		default:
			was = found[0]
			t.ID, t.Version, t.SuccessorID = was.ID, was.Version+1, was.SuccessorID
			if err := s.keepSuspension(ctx, was); err != nil { // one that came with the program has no version kept
				return err
			}
			err = s.db.From(ctx).Model(&t).Where("id = ? AND version = ?", t.ID, was.Version).Select("*").Omit("id", "code").Updates(&t).Error
		}
		if err != nil {
			return fmt.Errorf("store a reason for suspensions: %w", db.Fault(err, "", "catalogue.changed"))
		}
		if err := s.keepSuspension(ctx, t); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "catalogue.suspension.set", Kind: "suspension_type", ID: t.Code, Reason: a.Reason, Fields: t.differs(was)})
	})
}

func (t SuspensionType) differs(was SuspensionType) []audit.Change {
	text := func(x i18n.Text) string {
		raw, _ := json.Marshal(x) // a map of texts
		return string(raw)
	}
	day := func(d *calendar.Date) string {
		if d == nil {
			return ""
		}
		return d.String()
	}
	return fieldsChanged("version", fmt.Sprint(was.Version), fmt.Sprint(t.Version), "name", text(was.Name), text(t.Name), "ground", text(was.Ground), text(t.Ground),
		"notice", fmt.Sprint(was.Notice), fmt.Sprint(t.Notice), "longest", was.Longest.String(), t.Longest.String(),
		"usual", was.Usual.String(), t.Usual.String(), "matters", strings.Join(was.Matters, " "), strings.Join(t.Matters, " "),
		"valid_from", was.ValidFrom.String(), t.ValidFrom.String(), "valid_to", day(was.ValidTo), day(t.ValidTo))
}

func (s *Service) keepSuspension(ctx context.Context, t SuspensionType) error {
	content, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("keep a version of %s: %w", t.Code, err)
	}
	err = s.db.From(ctx).Exec("INSERT INTO item_versions (item_id, version, kind, code, content, recorded_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		t.ID, t.Version, "suspension", t.Code, string(content), s.now().UTC()).Error
	if err != nil {
		return fmt.Errorf("keep a version of %s: %w", t.Code, err)
	}
	return nil
}
