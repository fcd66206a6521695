package permits

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// Purpose is what an application is for.
type Purpose string

// The purposes.
const (
	ForNew     Purpose = "new"
	ForRenewal Purpose = "renewal" // of the permit RenewsNo
	ForChange  Purpose = "change"  // of what the permit RenewsNo says
)

// Holds is the part of the register that applications need.
type Holds interface {
	ByNo(ctx context.Context, no string) (*register.Permit, error)
	Ends(ctx context.Context, nos []string) (map[string]calendar.Date, error)
	OfHolder(ctx context.Context, holderIDs []string) ([]register.Permit, error)
	HolderTypes(ctx context.Context, holderIDs []string) ([]string, error)
	HolderPage(ctx context.Context, holderIDs, types []string, cursor string) (register.Page, error)
	Successors(ctx context.Context, permitIDs []string) (map[string]string, error)
	Today() calendar.Date
}

// Window is when the renewal of a permit may be asked for. All days count whole.
type Window struct {
	Opens calendar.Date // the first day
	AskBy calendar.Date // the last on which silence counts as a renewal (行政許可法 art. 50); where it never does, the last day
	Ends  calendar.Date // the last day of the permit

	Silence bool // of the authority renews what was asked for in time; not by the law of Taiwan
}

// WindowOf is the window of a permit of a type; nil where the type knows no renewal
// or the permit has no end. A type opens it early enough to ask in time.
func WindowOf(t *permittypes.Type, p *register.Permit) *Window {
	if t == nil || t.RenewalWindow < 1 || p.ValidUntil == nil {
		return nil
	}
	if t.OfTaiwan() {
		return &Window{Opens: max(p.ValidUntil.Add(-t.RenewalWindow), p.ValidFrom), AskBy: *p.ValidUntil, Ends: *p.ValidUntil}
	}
	w := Window{Silence: true, Opens: p.ValidUntil.Add(-max(t.RenewalWindow, register.AskBefore)), AskBy: p.ValidUntil.Add(-register.AskBefore), Ends: *p.ValidUntil}
	w.Opens = max(w.Opens, p.ValidFrom)
	return &w
}

// Timing is where a day lies in a window.
type Timing string

// The timings.
const (
	Early Timing = "early"
	Open  Timing = "open"
	Late  Timing = "late" // it may be asked, but silence renews nothing
	Over  Timing = "over"
)

// On says where a day lies.
func (w *Window) On(day calendar.Date) Timing {
	switch {
	case day < w.Opens:
		return Early
	case day <= w.AskBy:
		return Open
	case day <= w.Ends:
		return Late
	}
	return Over
}

// Mine is a permit as its holder's side sees it.
type Mine struct {
	register.Permit
	Stands  register.State // today
	Type    *permittypes.Type
	Window  *Window      // nil: cannot be renewed
	Timing  Timing       // of today, where there is a window
	Pending *Application // to renew or to change it, under way
	Next    string       // number of the permit that takes its place
	Writes  bool         // the actor may apply
}

// Renews says that a renewal can be asked for now.
func (m *Mine) Renews() bool {
	return m.Writes && m.free() && m.inForce() && m.Window != nil && (m.Timing == Open || m.Timing == Late)
}

// Changes says that a change can be asked for now.
func (m *Mine) Changes() bool {
	return m.Writes && m.free() && m.Type != nil && m.changeable()
}

// free says that nothing is under way or settled about what comes next.
func (m *Mine) free() bool { return m.Pending == nil && m.Next == "" }

// changeable holds before the first day too: an event may have to move.
func (m *Mine) changeable() bool {
	return m.Stands == register.Valid || m.Stands == register.Future
}

func (m *Mine) inForce() bool { return m.Stands == register.Valid || m.Stands == register.Suspended }

// Permits gives a page of those of whom the actor acts for, in force first and by their
// end, and the cursor of the next page; it is empty after the last. An agent sees what the
// authority is for.
func (s *Service) Permits(ctx context.Context, cursor string) (list []Mine, next string, err error) {
	holder, _, err := s.Applicant(ctx)
	if err != nil {
		return nil, "", err
	}
	ids, err := s.same(ctx, holder)
	if err != nil {
		return nil, "", err
	}
	types, err := s.Holds.HolderTypes(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	if types, err = s.covered(ctx, holder, types); err != nil {
		return nil, "", err
	}
	page, err := s.Holds.HolderPage(ctx, ids, types, cursor)
	if err != nil {
		return nil, "", err
	}
	list, err = s.mines(ctx, page.Permits)
	return list, page.Next, err
}

// Permit is one of them, for all who may act for its holder, whomever the switch
// names. To everybody else it does not exist.
func (s *Service) Permit(ctx context.Context, no string) (*Mine, error) {
	p, err := s.Holds.ByNo(ctx, no)
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, s.head(ctx, p.HolderID), p.TypeCode, false); err != nil {
		return nil, fault.New(fault.NotFound, "register.missing")
	}
	list, err := s.mines(ctx, []register.Permit{*p})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// head stands for a holder whose record was merged.
func (s *Service) head(ctx context.Context, holderID string) string {
	if id, err := s.Cases.Constituents.Head(ctx, holderID); err == nil {
		return id
	}
	return holderID
}

// mines adds to permits what their holder can do with them.
func (s *Service) mines(ctx context.Context, all []register.Permit) (list []Mine, err error) {
	var ids, nos []string
	for i := range all {
		ids, nos = append(ids, all[i].ID), append(nos, all[i].PermitNo)
	}
	next, err := s.Holds.Successors(ctx, ids)
	if err != nil {
		return nil, err
	}
	pending, err := s.pendings(ctx, nos)
	if err != nil {
		return nil, err
	}
	types, today := map[string]*permittypes.Type{}, s.Holds.Today()
	for i := range all {
		p := &all[i]
		t, known := types[p.TypeCode]
		if !known {
			if t, err = s.Types.Type(ctx, p.TypeCode); err != nil {
				if fault.KindOf(err) != fault.NotFound {
					return nil, err
				}
				t = nil // of a type that is given no more
			}
			types[p.TypeCode] = t
		}
		m := Mine{Permit: *p, Stands: p.On(today), Type: t, Window: WindowOf(t, p), Next: next[p.ID], Pending: pending[p.PermitNo],
			Writes: s.may(ctx, s.head(ctx, p.HolderID), p.TypeCode, true) == nil}
		if m.Window != nil {
			m.Timing = m.Window.On(today)
		}
		list = append(list, m)
	}
	return list, nil
}

// pendings are the applications about permits that are not over, by number, without
// what is sealed in them; of what nobody has sent, those of the holder.
func (s *Service) pendings(ctx context.Context, nos []string) (map[string]*Application, error) {
	var rows []Application
	if len(nos) > 0 {
		err := s.DB.From(ctx).Where("renews_no IN ? AND (state IN ? OR state = 'draft' AND counter_unit_id IS NULL)", nos, sentRunning).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("find applications about permits: %w", db.Fault(err, "", ""))
		}
	}
	out := map[string]*Application{}
	for i := range rows {
		if a := &rows[i]; out[a.RenewsNo] == nil || a.State != Draft {
			out[a.RenewsNo] = a
		}
	}
	return out, nil
}

// sentRunning are the states in which an application was sent and is not over.
var sentRunning = []State{Submitted, Correcting, Accepted}

// sentAbout is the application about a permit that was sent and is not over; nil when
// there is none.
func (s *Service) sentAbout(ctx context.Context, no string) (*Application, error) {
	a, err := s.read(ctx, "renews_no = ? AND state IN ?", no, sentRunning)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil //nolint:nilnil // nobody has asked
	}
	return a, err
}

// pending is the application about a permit that is not over: one that was sent, else the
// draft of its holder, or, for a desk, of that desk; nil when there is none.
func (s *Service) pending(ctx context.Context, no string, desk *string) (*Application, error) {
	a, err := s.sentAbout(ctx, no)
	if a != nil || err != nil {
		return a, err
	}
	if desk != nil {
		a, err = s.read(ctx, "renews_no = ? AND state = 'draft' AND counter_unit_id = ?", no, *desk)
	} else {
		a, err = s.read(ctx, "renews_no = ? AND state = 'draft' AND counter_unit_id IS NULL", no)
	}
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil //nolint:nilnil // nobody has begun
	}
	return a, err
}

// About opens the draft of an application to renew or to change a permit, with what
// is known already: the answers of the application before, and every checked
// material that is still good. Asked again, it gives the one that is under way.
func (s *Service) About(ctx context.Context, no string, purpose Purpose) (*Application, error) {
	m, err := s.Permit(ctx, no)
	if err != nil {
		return nil, err
	}
	if !m.Writes {
		return nil, fault.New(fault.Forbidden, "access.forbidden")
	}
	holder := s.head(ctx, m.HolderID)
	var out *Application
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.Cases.Constituents.Hold(ctx, holder); err != nil { // two members at once share one draft
			return err
		}
		pending, err := s.pending(ctx, m.PermitNo, nil)
		if err != nil {
			return err
		}
		if pending != nil {
			out = pending
			if pending.Purpose != purpose {
				return fault.New(fault.Conflict, "held.pending")
			}
			return nil
		}
		if err := m.allows(purpose); err != nil {
			return err
		}
		out = &Application{HolderID: holder, TypeCode: m.Type.Code, TypeVersion: m.Type.Version, RenewsNo: m.PermitNo, Purpose: purpose}
		return s.beginAbout(ctx, m, out)
	})
	return out, db.Fault(err, "", "permit.changed")
}

// allows says whether an application about the permit may begin today.
func (m *Mine) allows(purpose Purpose) error {
	switch {
	case m.Next != "":
		return fault.New(fault.Conflict, "held.replaced").With("No", m.Next)
	case m.Type == nil:
		return fault.New(fault.Conflict, "held.no_type")
	case purpose == ForChange && !m.changeable(), purpose == ForRenewal && !m.inForce():
		return fault.New(fault.Conflict, "register.state."+string(m.Stands))
	case purpose == ForChange:
		return nil
	case m.Window == nil:
		return fault.New(fault.Conflict, "held.renew.never")
	case m.Timing == Early:
		return fault.New(fault.Conflict, "held.renew.early").With("Opens", m.Window.Opens.String())
	}
	return nil
}

func (s *Service) beginAbout(ctx context.Context, m *Mine, a *Application) error {
	questions, err := s.Questions(ctx, m.Type)
	if err != nil {
		return err
	}
	if a.Answers, err = s.known(ctx, &m.Permit, questions, a.Purpose); err != nil {
		return err
	}
	if err := s.create(ctx, a); err != nil {
		return err
	}
	for _, def := range m.Type.Needed(a.Answers) {
		it := Item{Material: def}
		if !def.Reusable {
			continue
		}
		if err := s.earlier(ctx, a, &it); err != nil {
			return err
		}
		if it.Earlier == nil {
			continue
		}
		one, err := s.version(ctx, a, def.Code)
		if err != nil {
			return err
		}
		if err := s.reuse(ctx, &tie{a: a}, one, &it.Earlier.ID); err != nil {
			return err
		}
	}
	return nil
}

// known are the answers that the type still asks for: of the application from which
// the permit came, and what the permit itself says. The days of what is over are not
// known for a renewal; a change has the days of the permit.
func (s *Service) known(ctx context.Context, p *register.Permit, questions []catalogue.Question, purpose Purpose) (map[string]any, error) {
	before := map[string]any{}
	if p.CaseID != nil {
		a, err := s.read(ctx, "case_id = ?", *p.CaseID)
		switch {
		case err == nil:
			before = a.Answers
		case fault.KindOf(err) != fault.NotFound:
			return nil, err
		}
	}
	out := map[string]any{}
	for _, q := range questions {
		if v, ok := before[q.Name]; ok {
			out[q.Name] = v
		} else if v, ok := p.Particulars[q.Name]; ok {
			out[q.Name] = asAnswer(q, v)
		}
	}
	if purpose == ForRenewal { // of what is over then
		delete(out, permittypes.EventBegins)
		delete(out, permittypes.EventEnds)
	}
	return out, nil
}

// asAnswer reads a fact of the register as an answer to a question.
func asAnswer(q catalogue.Question, fact string) any {
	switch q.Type {
	case "boolean":
		return fact == "true"
	case "number":
		if n, err := strconv.ParseFloat(fact, 64); err == nil {
			return n
		}
	}
	return fact
}

// stillAllowed looks at the permit once more when an application about it is sent.
func (s *Service) stillAllowed(ctx context.Context, a *Application) error {
	if a.RenewsNo == "" {
		return nil
	}
	p, err := s.Holds.ByNo(ctx, a.RenewsNo)
	if err != nil {
		return err
	}
	if stands := p.On(s.Holds.Today()); !slices.Contains([]register.State{register.Valid, register.Suspended, register.Future}, stands) {
		return fault.New(fault.Conflict, "register.state."+string(stands))
	}
	return nil
}
