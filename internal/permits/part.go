package permits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permittypes"
)

// Part is the permit side of a case, as staff see it.
type Part struct {
	View        *cases.View
	Case        *cases.Case
	Application *Application
	Type        *permittypes.Type
	Questions   []catalogue.Question
	Items       []Item
	Already     []Already      // answers that were held
	Changes     []AnswerChange // answers that were corrected after they were sent, the oldest first
	Notices     []Notice
	Inspections []Inspection // the newest first
	Hearings    []Hearing    // the newest first
	Interested  []Interested // in their order; who they are is on their own page
	Place       *Place       // nil: not limited
	Decision    *Decision
	Silence     *Silence // of a renewal that silence would grant; else nil
	Remedy      *Remedy  // of what was refused: until when the applicant can act against it
	Opinions    []OpinionState
	Calendar    *calendar.Calendar
	Today       calendar.Date

	AcceptBy calendar.Result // by when the unit has to speak
	DecideBy calendar.Result // the law's own limit; zero before it counts
	late     bool
}

// OpinionState is an opinion that the type wants, and how far it is.
type OpinionState struct {
	permittypes.Opinion
	Unit *catalogue.Unit
	Part *cases.Part // nil: not asked yet
}

// DueOn is the day by which the unit answers; 0 while it is not asked.
func (o *OpinionState) DueOn(p *Part) calendar.Date {
	if o.Part == nil || o.Part.DueAt == nil {
		return 0
	}
	return calendar.DateOf(*o.Part.DueAt, p.Calendar.Zone())
}

// Late says that a unit that was asked has not answered in time. The decision waits for
// it all the same: silence is no opinion, and only the handler lets the unit go.
func (o *OpinionState) Late(now time.Time) bool {
	return o.Part != nil && o.Part.Open() && o.Part.DueAt != nil && now.After(*o.Part.DueAt)
}

// deemed says that the application counts as accepted although no job has said it.
func (p *Part) deemed() bool { return p.Application.State == Submitted && p.late }

// openOpinions are those that the type wants and nobody has given or released.
func (p *Part) openOpinions() (list []OpinionState) {
	for _, o := range p.Opinions {
		if o.Part == nil || o.Part.Open() {
			list = append(list, o)
		}
	}
	return list
}

// Reviews says that the application is accepted and nobody has drafted a decision: the
// review goes on while something is corrected.
func (p *Part) Reviews() bool {
	working := p.Case.Status == cases.SignedIn || p.Case.Status == cases.Handling || p.Case.Status == cases.NeedInfo
	return working && p.Application.AcceptedAt != nil
}

// Part shows the permit side of a case to staff who may read the case.
func (s *Service) Part(ctx context.Context, caseNo string) (*Part, error) { return s.part(ctx, caseNo) }

func (s *Service) part(ctx context.Context, caseNo string) (*Part, error) {
	v, err := s.Cases.View(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	if v.Track != catalogue.TrackPermit {
		return nil, errMissing
	}
	p := &Part{View: v, Case: &v.Case}
	if p.Application, err = s.read(ctx, "case_id = ?", v.ID); err != nil {
		return nil, err
	}
	if p.Type, err = s.typeOf(ctx, p.Application); err != nil {
		return nil, err
	}
	if p.Questions, err = s.Questions(ctx, p.Type); err != nil {
		return nil, err
	}
	p.Questions = askable(p.Application, p.Questions)
	if p.Notices, err = s.notices(ctx, p.Application.ID); err != nil {
		return nil, err
	}
	if p.Changes, err = s.answerChanges(ctx, p.Application.ID); err != nil {
		return nil, err
	}
	if p.Inspections, err = s.inspections(ctx, p.Application.ID); err != nil {
		return nil, err
	}
	if p.Hearings, err = s.hearings(ctx, p.Application.ID); err != nil {
		return nil, err
	}
	if p.Interested, err = s.interested(ctx, p.Application.ID); err != nil {
		return nil, err
	}
	var asked *Notice
	if n := len(p.Notices); n > 0 && p.Notices[n-1].AnsweredAt == nil {
		asked = &p.Notices[n-1]
	}
	if p.Place, err = s.placeOf(ctx, p.Application, p.Type); err != nil {
		return nil, err
	}
	if p.Items, err = s.items(ctx, p.Application, p.Type, asked, true); err != nil {
		return nil, err
	}
	if p.Already, err = s.already(ctx, p.Application.ID, partQuestion); err != nil {
		return nil, err
	}
	if err := s.standsOpen(ctx, p); err != nil {
		return nil, err
	}
	if err := s.times(ctx, p); err != nil {
		return nil, err
	}
	if p.Remedy, err = s.remedy(ctx, deciding{p.Case, p.Type, p.Calendar}, p.Decision, nil); err != nil {
		return nil, err
	}
	return p, s.opinions(ctx, p)
}

// standsOpen reads how far the decision is, and what silence means until it is made.
func (s *Service) standsOpen(ctx context.Context, p *Part) (err error) {
	if p.Decision, err = s.decisionOf(ctx, p.Case.ID); err != nil {
		return err
	}
	p.Silence, err = s.silence(ctx, p.Application, p.Decision)
	return err
}

// times are the limits of the law for the case as it stands.
func (s *Service) times(ctx context.Context, p *Part) (err error) {
	if p.Calendar, err = s.calendarOf(ctx, p.Case); err != nil {
		return err
	}
	p.Today = p.Calendar.ReceivedOn(s.Now())
	if a := p.Application; a.CompleteAt != nil {
		p.AcceptBy = AcceptBy(p.Calendar, p.Type, *a.CompleteAt)
		p.late = IsDeemed(p.Calendar, p.Type, *a.CompleteAt, s.now())
	}
	if from := p.Application.counted(p.Type); from != nil && !p.Case.AwaitsCorrection() {
		p.DecideBy = DecideBy(p.Calendar, p.Type, *from, extended(p.Case, p.Type), spans(p.Calendar, p.View.Clocks))
	}
	return nil
}

// extended is how many days the head allowed on top of what was promised.
func extended(c *cases.Case, t *permittypes.Type) int {
	if c.ExtensionCount == 0 || c.HandlingLimit.Unit() != t.Promised.Unit() {
		return 0
	}
	return min(max(0, c.HandlingLimit.Number()-t.Promised.Number()), t.ExtensionMost())
}

// spans are when the clock of the decision stood still.
func spans(cal *calendar.Calendar, list []clocks.Clock) []calendar.Span {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Kind == clocks.Conclusion {
			return clocks.Spans(cal, list[i])
		}
	}
	return nil
}

func (s *Service) opinions(ctx context.Context, p *Part) error {
	wanted := p.Type.Asked(p.Application.Answers)
	if len(wanted) == 0 {
		return nil
	}
	parts, err := s.Cases.Parts(ctx, p.View)
	if err != nil {
		return err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, o := range wanted {
		st := OpinionState{Opinion: o}
		if st.Unit, err = snap.Unit(o.UnitCode); err != nil {
			return err
		}
		if i := slices.IndexFunc(parts, func(j cases.Part) bool { return j.UnitID == st.Unit.ID }); i >= 0 {
			st.Part = &parts[i]
		}
		p.Opinions = append(p.Opinions, st)
	}
	return nil
}

// ExamineBy is the last day of the law for the examination of a lower authority: twenty
// working days from the acceptance, whenever it is asked (行政許可法 art. 43).
func (p *Part) ExamineBy() calendar.Result {
	if p.Application.AcceptedAt == nil {
		return calendar.Result{}
	}
	return workingDays(p.Calendar, *p.Application.AcceptedAt, permittypes.PreliminaryMost)
}

// opinionDays are how many working days a unit that is asked now has; 0 where its limit
// counts something else. A lower authority's end with those of the law, of which one is
// left at least.
func (p *Part) opinionDays(o *OpinionState) int {
	if o.Limit.Unit() != calendar.WorkingDays {
		return 0
	}
	n := o.Limit.Number()
	if by := p.ExamineBy(); o.Preliminary && by.On != 0 {
		n = min(n, max(1, p.Calendar.WorkingDaysBetween(p.Today, by.On)))
	}
	return n
}

// AskOpinion asks one unit whose opinion the type wants, through the joint handling. It
// has as many working days as the type says, or until the decision is due where that is
// sooner. A unit that was asked before, or whose opinion nobody wants, is a Conflict.
func (s *Service) AskOpinion(ctx context.Context, caseNo string, version int64, unitCode, task string) (*cases.Case, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	for _, o := range p.Opinions {
		if o.UnitCode == unitCode && o.Part == nil {
			days := ""
			if n := p.opinionDays(&o); n > 0 {
				days = fmt.Sprint(n)
			}
			c, err := s.Cases.Act(ctx, caseNo, version, cases.AddJoint{UnitCode: unitCode, Task: task, Days: days})
			if e, ok := fault.As(err); ok && len(e.Fields) == 1 && e.Fields[0].Name == "days" {
				return s.Cases.Act(ctx, caseNo, version, cases.AddJoint{UnitCode: unitCode, Task: task})
			}
			return c, err
		}
	}
	return nil, fault.New(fault.Conflict, "permit.opinions.asked")
}

// File opens a file of a material for staff who may read the case.
func (s *Service) File(ctx context.Context, caseNo, materialID, fileID string) (*files.Content, error) {
	v, err := s.Cases.ViewFor(ctx, caseNo, access.CaseRead)
	if err != nil {
		return nil, err
	}
	a, err := s.read(ctx, "case_id = ?", v.ID)
	if err != nil {
		return nil, err
	}
	m, err := s.material(ctx, a, materialID, fileID)
	if err != nil {
		return nil, err
	}
	if m.SentAt == nil {
		return nil, fault.New(fault.NotFound, "files.missing")
	}
	return s.Files.OpenFor(ctx, files.Belongs{Kind: "case", No: v.CaseNo}, m.owner(), fileID)
}

// OwnFile opens a file of a material for the applicant's side.
func (s *Service) OwnFile(ctx context.Context, id, materialID, fileID string) (*files.Content, error) {
	a, err := s.own(ctx, id, false)
	if err != nil {
		return nil, err
	}
	m, err := s.material(ctx, a, materialID, fileID)
	if err != nil {
		return nil, err
	}
	if err := counterFile(ctx, m); err != nil {
		return nil, err
	}
	return s.Files.Open(ctx, m.owner(), fileID)
}

func (s *Service) material(ctx context.Context, a *Application, materialID, fileID string) (*Material, error) {
	if !db.IsID(materialID) || !db.IsID(fileID) {
		return nil, fault.New(fault.NotFound, "files.missing")
	}
	list, err := s.materials(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if m := &list[i]; m.ID == materialID {
			return m, nil
		}
	}
	return nil, fault.New(fault.NotFound, "files.missing")
}
