package offers

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// Written is a benefit as somebody writes it.
type Written struct {
	Code       string
	UnitCode   string
	MatterCode string
	Name       i18n.Text
	Gives      i18n.Text
	About      i18n.Text
	Law        i18n.Text
	Amount     int64
	MovesMoney bool
	WindowDays int
	Per        Per
	Root       *outreach.Node
}

// The longest texts, in characters, the largest amount and the longest window.
const (
	NameMost   = 60
	GivesMost  = 300
	AboutMost  = 2000
	LawMost    = 300
	AmountMost = 100_000_000
	WindowMost = 180
)

var codeShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const codeMost = 40

// placed are the ids that a written benefit speaks of.
type placed struct{ unitID, unitPath, matterID string }

// check looks at everything that somebody wrote, at once. Every text but the law, which may be
// cited as it stands, is asked for in all languages: a benefit is told to whoever it fits.
func (s *Service) check(ctx context.Context, w Written) (p placed, err error) {
	var c fault.Check
	c.That(codeShape.MatchString(w.Code) && len(w.Code) <= codeMost, "code", "offer.code.shape", "Max", codeMost)
	for _, t := range []struct {
		name string
		text i18n.Text
		most int
	}{{"name", w.Name, NameMost}, {"gives", w.Gives, GivesMost}, {"about", w.About, AboutMost}} {
		for _, l := range i18n.Langs {
			at := t.name + "." + string(l)
			c.That(t.text[l] != "", at, "offer.text.required")
			c.That(utf8.RuneCountInString(t.text[l]) <= t.most, at, "offer.text.long", "Max", t.most)
		}
	}
	c.That(!w.Law.Empty(), "law", "offer.law.required")
	for _, l := range i18n.Langs {
		c.That(utf8.RuneCountInString(w.Law[l]) <= LawMost, "law."+string(l), "offer.text.long", "Max", LawMost)
	}
	c.That(w.Amount >= 0 && w.Amount <= AmountMost, "amount", "offer.amount.range", "Max", AmountMost)
	c.That(!w.MovesMoney || w.Amount > 0, "amount", "offer.amount.required")
	c.That(w.WindowDays >= 1 && w.WindowDays <= WindowMost, "window", "offer.window.range", "Max", WindowMost)
	c.That(slices.Contains(Pers, w.Per), "per", "offer.per.required")
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return p, err
	}
	unit, missing := snap.UnitOn(w.UnitCode, s.today())
	c.That(missing == nil, "unit", "offer.unit.required")
	if missing == nil {
		p.unitID, p.unitPath = unit.ID, unit.Path
		refused := s.Access.CanOn(ctx, access.OfferWrite, access.Object{UnitPaths: []string{unit.Path}})
		if refused != nil && fault.KindOf(refused) != fault.Forbidden {
			return p, refused
		}
		c.That(refused == nil, "unit", "offer.unit.refused")
	}
	if err := c.Add(s.Cases.CheckConferral(ctx, w.MatterCode)); err != nil {
		return p, err
	}
	if m, err := snap.Matter(w.MatterCode); err == nil {
		p.matterID = m.ID
	}
	_, err = s.Outreach.Terms(ctx, w.Root)
	if err := c.Add(err); err != nil {
		return p, err
	}
	return p, c.Err()
}

// Check says what is wrong with what somebody wrote, and keeps nothing.
func (s *Service) Check(ctx context.Context, w Written) error {
	_, err := s.check(ctx, w)
	return err
}

// writes gives the context in which the actor writes of a unit's benefits: as an
// absent colleague, who does not confirm what comes of it.
func (s *Service) writes(ctx context.Context, unitPath string) (context.Context, error) {
	return s.Access.For(ctx, access.OfferWrite, access.Object{UnitPaths: []string{unitPath}})
}

// Create keeps a new benefit as a draft.
func (s *Service) Create(ctx context.Context, w Written) (id string, err error) {
	if err := s.Access.Can(ctx, access.OfferWrite); err != nil {
		return "", err
	}
	p, err := s.check(ctx, w)
	if err != nil {
		return "", err
	}
	definition, err := w.Root.JSON()
	if err != nil {
		return "", err
	}
	if ctx, err = s.writes(ctx, p.unitPath); err != nil {
		return "", err
	}
	now, author := s.now(), actor.From(ctx).AccountID
	id = db.NewID(now)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.InsertAll(ctx, db.Insert("benefits", "id, code, unit_id, matter_id, author_id, name, gives, about, law, definition, amount, moves_money, window_days, per, created_at, updated_at",
			id, w.Code, p.unitID, p.matterID, author, w.Name, w.Gives, w.About, w.Law, definition, w.Amount, w.MovesMoney, w.WindowDays, w.Per, now, now))
		if err != nil {
			err = db.Fault(err, "", "offer.code.taken")
			if fault.KindOf(err) == fault.Conflict {
				return fault.InvalidInput(fault.Field{Name: "code", Key: "offer.code.taken"})
			}
			return fail("keep a benefit", err)
		}
		return s.kept(ctx, saving{"offer.create", id, 1, definition}, w)
	})
	return id, err
}

// Change saves another version. Lists that were made before keep the conditions
// of theirs.
func (s *Service) Change(ctx context.Context, id string, version int64, w Written) error {
	b, err := s.get(ctx, id, access.OfferWrite)
	if err != nil {
		return err
	}
	w.Code = b.Code // people have it in their bookmarks
	p, err := s.check(ctx, w)
	if err != nil {
		return err
	}
	definition, err := w.Root.JSON()
	if err != nil {
		return err
	}
	if ctx, err = s.writes(ctx, b.UnitPath); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "change a benefit", `UPDATE benefits SET unit_id = ?, matter_id = ?, author_id = ?, name = ?, gives = ?, about = ?, law = ?, definition = ?, amount = ?, moves_money = ?,
 window_days = ?, per = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND state <> 'ended'`, p.unitID, p.matterID, actor.From(ctx).AccountID, w.Name, w.Gives, w.About, w.Law, definition,
			w.Amount, w.MovesMoney, w.WindowDays, w.Per, s.now(), id, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.changed")
		}
		return s.kept(ctx, saving{"offer.change", id, version + 1, definition}, w)
	})
}

// saving is one version of a benefit, to be kept.
type saving struct {
	action, id string
	no         int64
	definition string
}

// kept writes a version down and says so in the trail.
func (s *Service) kept(ctx context.Context, v saving, w Written) error {
	who := actor.From(ctx)
	err := s.DB.InsertAll(ctx, db.Insert("benefit_versions", "benefit_id, no, definition, law, moves_money, window_days, author_id, author_as_id, at",
		v.id, v.no, v.definition, w.Law, w.MovesMoney, w.WindowDays, who.AccountID, db.Ref(who.AsAccountID), s.now()))
	if err != nil {
		return fail("keep a version of a benefit", err)
	}
	return s.Audit.Record(ctx, audit.Entry{Action: v.action, Kind: "benefit", ID: v.id, Fields: []audit.Change{{Field: "version", After: strconv.FormatInt(v.no, 10)},
		{Field: "definition", After: v.definition}, {Field: "amount", After: strconv.FormatInt(w.Amount, 10)}, {Field: "moves_money", After: strconv.FormatBool(w.MovesMoney)}}})
}

// Publish shows a benefit to everybody; End makes no more lists of it.
func (s *Service) Publish(ctx context.Context, id string, version int64) error {
	return s.stand(ctx, id, version, step{Draft, Published, "published_at"})
}

// End stops a benefit: nobody is matched any more, and what was offered runs on.
func (s *Service) End(ctx context.Context, id string, version int64) error {
	return s.stand(ctx, id, version, step{Published, Ended, "ended_at"})
}

// step is from one standing to the next, with the column that notes when.
type step struct {
	from, to Standing
	column   string
}

func (s *Service) stand(ctx context.Context, id string, version int64, st step) error {
	if _, err := s.get(ctx, id, access.OfferWrite); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "change a benefit", "UPDATE benefits SET state = ?, "+st.column+" = ?, updated_at = ? WHERE id = ? AND version = ? AND state = ?", st.to, s.now(), s.now(), id, version, st.from)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.changed")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer." + string(st.to), Kind: "benefit", ID: id, Fields: []audit.Change{{Field: "state", Before: string(st.from), After: string(st.to)}}})
	})
}

// Units lists the codes of the units for which the actor may write benefits.
func (s *Service) Units(ctx context.Context) (codes []string, err error) {
	scope, err := s.Access.Scope(ctx, access.OfferWrite)
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range snap.Units {
		if u.On(s.today()) && scope.Covers(u.Path) {
			codes = append(codes, u.Code)
		}
	}
	return codes, nil
}

// Matters lists the codes of the matters under which something may be granted.
func (s *Service) Matters(ctx context.Context) (codes []string, err error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range snap.MattersOn(s.today(), "") {
		if s.Cases.CheckConferral(ctx, m.Code) == nil {
			codes = append(codes, m.Code)
		}
	}
	return codes, nil
}
