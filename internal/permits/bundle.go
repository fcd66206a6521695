package permits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// Events gives what people set out to do that may want several permits, in force
// today or as a bundle keeps it.
type Events interface {
	Event(ctx context.Context, code string) (*permittypes.Event, error)
	EventVersion(ctx context.Context, code string, version int64) (*permittypes.Event, error)
}

// Bundle joins applications that are written, signed and sent in one go. Once it is
// sent it only says which belong together: each is a case of its own.
type Bundle struct {
	ID           string
	HolderID     string
	EventCode    string
	EventVersion int64
	Guide        string // the answers to the guide, "y" and "n"
	BegunByID    *string
	SentAt       *time.Time // nil: a draft
	Version      int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// TableName names the table for gorm.
func (Bundle) TableName() string { return "permit_bundles" }

// OwnBundle is a bundle as the applicant's side sees it.
type OwnBundle struct {
	*Bundle
	Event    *permittypes.Event
	Parts    []*Own // in the order of the event; those that the actor may see
	Form     []permittypes.Joined
	MayWrite bool
}

// errSent answers whoever would change what was sent.
var errSent = fault.New(fault.Conflict, "permit.sent")

// Needed walks the guide of an event with the types in force: what is asked next, or
// what is needed. The stamp names event and types in their versions, so that answers
// to an older guide are not taken for answers to this one.
func (s *Service) Needed(ctx context.Context, e *permittypes.Event, answers string) (p permittypes.EventPath, types map[string]*permittypes.Type, stamp string, err error) {
	types = map[string]*permittypes.Type{}
	stamp = fmt.Sprint(e.Version)
	for _, et := range e.Types {
		t, err := s.Types.Type(ctx, et.Code)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return p, nil, "", err
		}
		if err == nil {
			types[et.Code] = t
			stamp += "." + fmt.Sprint(t.Version)
		}
	}
	return e.Walk(types, answers), types, stamp, nil
}

// BeginBundle opens the draft of the applications that the answers to an event's guide
// lead to, for whom the actor acts: the one that a colleague has begun with the same
// answers where there is one.
func (s *Service) BeginBundle(ctx context.Context, eventCode, stamp, answers string) (*Bundle, error) {
	holder, kind, err := s.Applicant(ctx)
	if err != nil {
		return nil, err
	}
	e, err := s.Events.Event(ctx, eventCode)
	if err != nil {
		return nil, err
	}
	path, _, now, err := s.Needed(ctx, e, answers)
	if err != nil {
		return nil, err
	}
	if stamp != now || path.Next != nil || len(path.Needs) < 2 {
		return nil, fault.New(fault.Conflict, "bundle.guide")
	}
	types, err := s.bundled(ctx, path.Needs, holder, kind)
	if err != nil {
		return nil, err
	}
	var out *Bundle
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		head, err := s.Cases.Constituents.Hold(ctx, holder) // who presses twice, or at once with a colleague, gets one
		if err != nil {
			return err
		}
		if out, err = s.openBundle(ctx, head, e, path.Answers, types); err != nil || out != nil {
			return err
		}
		out = &Bundle{ID: db.NewID(s.now()), HolderID: head, EventCode: e.Code, EventVersion: e.Version, Guide: path.Answers,
			BegunByID: db.Ref(actor.From(ctx).AccountID), Version: 1, CreatedAt: s.now(), UpdatedAt: s.now()}
		if err := s.DB.From(ctx).Create(out).Error; err != nil {
			return fmt.Errorf("begin a bundle: %w", err)
		}
		for _, t := range types {
			if err := s.create(ctx, &Application{HolderID: head, TypeCode: t.Code, TypeVersion: t.Version, Purpose: ForNew, BundleID: &out.ID}); err != nil {
				return err
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.bundle.begin", Kind: "bundle", ID: out.ID, Fields: []audit.Change{{Field: "event", After: e.Code}}})
	})
	return out, db.Fault(err, "", "")
}

// bundled are the types that are needed, where the actor may apply for all of them.
func (s *Service) bundled(ctx context.Context, codes []string, holder, kind string) (types []*permittypes.Type, err error) {
	for _, code := range codes {
		t, err := s.Types.Type(ctx, code)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(t.Audience, kind) {
			return nil, fault.New(fault.Conflict, "permit.audience."+kind)
		}
		if err := s.may(ctx, holder, code, true); err != nil {
			return nil, err
		}
		types = append(types, t)
	}
	return types, nil
}

// openBundle is the draft with the same event, answers and versions of types; nil
// where there is none.
func (s *Service) openBundle(ctx context.Context, holder string, e *permittypes.Event, answers string, types []*permittypes.Type) (*Bundle, error) {
	var list []Bundle
	err := s.DB.From(ctx).Where("holder_id = ? AND event_code = ? AND event_version = ? AND guide = ? AND sent_at IS NULL", holder, e.Code, e.Version, answers).
		Order("id DESC").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("look for a bundle: %w", err)
	}
	for i := range list {
		parts, err := s.partsOf(ctx, list[i].ID)
		if err != nil {
			return nil, err
		}
		same := len(parts) == len(types)
		for _, t := range types {
			same = same && slices.ContainsFunc(parts, func(a Application) bool { return a.TypeCode == t.Code && a.TypeVersion == t.Version })
		}
		if same {
			return &list[i], nil
		}
	}
	return nil, nil
}

// partsOf are the applications of a bundle, without what is sealed in them, in the
// order in which they were made.
func (s *Service) partsOf(ctx context.Context, bundleID string) (list []Application, err error) {
	if err := s.DB.From(ctx).Where("bundle_id = ?", bundleID).Order("created_at, id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the parts of a bundle: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// BundleOf shows a bundle to who applied, and to the members of the enterprise that
// did. An agent sees the parts that their authority is for; of a draft, all or none.
func (s *Service) BundleOf(ctx context.Context, id string) (*OwnBundle, error) {
	if !db.IsID(id) {
		return nil, errMissing
	}
	var b Bundle
	err := s.DB.From(ctx).Where("id = ?", id).Take(&b).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("read a bundle: %w", db.Fault(err, "", ""))
	}
	parts, err := s.partsOf(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	o, refused := &OwnBundle{Bundle: &b, MayWrite: true}, error(errMissing)
	for i := range parts {
		one, err := s.Own(ctx, parts[i].ID)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			o.MayWrite, refused = false, err
			continue
		}
		if err != nil {
			return nil, err
		}
		o.MayWrite = o.MayWrite && one.MayWrite
		o.Parts = append(o.Parts, one)
	}
	if len(o.Parts) == 0 || b.SentAt == nil && len(o.Parts) < len(parts) {
		return nil, refused
	}
	if o.Event, err = s.Events.EventVersion(ctx, b.EventCode, b.EventVersion); err != nil {
		return nil, err
	}
	o.sort()
	questions := map[string][]catalogue.Question{}
	for _, p := range o.Parts {
		questions[p.Type.Code] = p.Questions
	}
	o.Form = o.Event.Form(o.codes(), questions)
	return o, nil
}

// sort puts the parts in the order of the event, what it does not name last.
func (o *OwnBundle) sort() {
	at := func(p *Own) int {
		i := slices.IndexFunc(o.Event.Types, func(et permittypes.EventType) bool { return et.Code == p.Type.Code })
		if i < 0 {
			return len(o.Event.Types)
		}
		return i
	}
	slices.SortStableFunc(o.Parts, func(a, b *Own) int { return at(a) - at(b) })
}

func (o *OwnBundle) codes() (list []string) {
	for _, p := range o.Parts {
		list = append(list, p.Type.Code)
	}
	return list
}

// Part is the application for a type; nil where the bundle has none.
func (o *OwnBundle) Part(typeCode string) *Own {
	for _, p := range o.Parts {
		if p.Type.Code == typeCode {
			return p
		}
	}
	return nil
}

// Values are the kept answers to the one form, as its fields show them.
func (o *OwnBundle) Values() map[string][]string {
	out := map[string][]string{}
	for _, q := range o.Form {
		for _, code := range o.codes() {
			if name := q.Of[code]; name != "" && len(out[q.Name]) == 0 {
				out[q.Name] = AnswerValues(o.Part(code).Application.Answers[name])
			}
		}
	}
	return out
}

// Spread gives each application its answers out of those to the one form.
func (o *OwnBundle) Spread(values map[string][]string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, p := range o.Parts {
		out[p.Type.Code] = catalogue.Answers(p.Questions, func(name string) []string { return values[o.key(p.Type.Code, name)] })
	}
	return out
}

// KeyOf names the questions of an application as the one form does.
func (o *OwnBundle) KeyOf(p *Own) func(name string) string {
	return func(name string) string { return o.key(p.Type.Code, name) }
}

func (o *OwnBundle) key(code, name string) string {
	for _, q := range o.Form {
		if q.Of[code] == name {
			return q.Name
		}
	}
	return ""
}

// Asked are the questions of the form that some type asks with these answers.
func (o *OwnBundle) Asked(answers map[string]map[string]any) (list []permittypes.Joined) {
	for _, q := range o.Form {
		for _, p := range o.Parts {
			name := q.Of[p.Type.Code]
			if name != "" && slices.ContainsFunc(catalogue.ToAsk(p.Questions, answers[p.Type.Code]), func(c catalogue.Question) bool { return c.Name == name }) {
				list = append(list, q)
				break
			}
		}
	}
	return list
}

// Paper is a material of a bundle's one list, with the item under which it is kept.
type Paper struct {
	permittypes.Paper
	Item  Item
	Keeps *Own // whose item it is
}

// Papers is the one list of materials: what several applications want stands once.
func (o *OwnBundle) Papers() (list []Paper) {
	needed := map[string][]permittypes.Material{}
	for _, p := range o.Parts {
		needed[p.Type.Code] = p.Type.Needed(p.Application.Answers)
	}
	for _, one := range o.Event.Papers(o.codes(), needed) {
		paper := Paper{Paper: one}
		for _, w := range one.Of {
			p := o.Part(w.Type)
			i := slices.IndexFunc(p.Items, func(it Item) bool { return it.Code == w.Code })
			if i >= 0 && (paper.Keeps == nil || p.Items[i].firm() > paper.Item.firm()) {
				paper.Keeps, paper.Item = p, p.Items[i]
			}
		}
		if paper.Keeps != nil {
			list = append(list, paper)
		}
	}
	return list
}

// firm says how much an item has of its own: files, or only a share in those of another.
func (it *Item) firm() int {
	switch {
	case !it.Given():
		return 0
	case it.Now.ReusesID != nil:
		return 1
	}
	return 2
}

// Sibling is another application of the same bundle, for staff who may read its case.
type Sibling struct {
	CaseNo string
	Type   *permittypes.Type
	State  State
	UnitID string
	Own    bool // the case itself
}

// Siblings says what else the applicant asked for with the application of a case: the
// event, and those parts that the actor may read. Nil for a case that stands alone.
func (s *Service) Siblings(ctx context.Context, caseID string) (*permittypes.Event, []Sibling, error) {
	var b Bundle
	err := s.DB.Reader(ctx).Raw("SELECT b.* FROM permit_bundles b JOIN permit_applications a ON a.bundle_id = b.id WHERE a.case_id = ?", caseID).Scan(&b).Error
	if err != nil || b.ID == "" {
		return nil, nil, db.Fault(err, "", "")
	}
	e, err := s.Events.EventVersion(ctx, b.EventCode, b.EventVersion)
	if err != nil {
		return nil, nil, err
	}
	parts, err := s.partsOf(ctx, b.ID)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for i := range parts {
		if parts[i].CaseID != nil {
			ids = append(ids, *parts[i].CaseID)
		}
	}
	read, err := s.Cases.Readable(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var list []Sibling
	for i := range parts {
		a := &parts[i]
		if a.CaseID == nil || read[*a.CaseID] == "" {
			continue
		}
		one, err := s.sibling(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		one.Own = *a.CaseID == caseID
		list = append(list, one)
	}
	return e, list, nil
}

func (s *Service) sibling(ctx context.Context, a *Application) (Sibling, error) {
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return Sibling{}, err
	}
	c, err := s.Cases.ByID(ctx, *a.CaseID)
	if err != nil {
		return Sibling{}, err
	}
	one := Sibling{CaseNo: a.CaseNo, Type: t, State: a.State, UnitID: c.UnitID}
	if c.Status == cases.Withdrawn {
		one.State = Withdrawn
	}
	return one, nil
}
