package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
)

// How far a hearing is.
const (
	HearingTold      = "told"   // of the right to one
	HearingLapsed    = "lapsed" // nobody asked in time, and the right was told of anew
	HearingAsked     = "asked"
	HearingAnnounced = "announced"
	HearingHeld      = "held"
)

// Who asked for a hearing.
const (
	AskerApplicant  = "applicant"
	AskerInterested = "interested" // somebody whose interests it touches (art. 36)
	AskerUnit       = "unit"       // nobody: of the unit's own accord (art. 46)
)

// Hearing is the right to be heard before a permit is decided, and what became of it.
type Hearing struct {
	ID            string
	ApplicationID string
	No            int64
	State         string
	Intends       string // what is intended, and why
	OthersCipher  []byte
	ToldAt        time.Time
	ToldOn        calendar.Date
	ToldByID      *string
	Asker         string
	AskedAt       *time.Time
	AskedOn       *calendar.Date
	AskedByID     *string // who pressed, or entered what came on paper
	HeardAt       *time.Time
	HeardOn       *calendar.Date
	Place         string
	Closed        bool // not public
	ClosedWhy     string
	ChairID       *string
	AnnouncedAt   *time.Time
	AnnouncedOn   *calendar.Date
	AnnouncedByID *string
	RecordCipher  []byte
	RecordedAt    *time.Time
	RecordedOn    *calendar.Date
	RecordedByID  *string

	Others string        `gorm:"-"` // whose interests it touches, as the unit named them
	Record HearingRecord `gorm:"-"`
	Files  []files.File  `gorm:"-"` // of the signed record
}

// HearingRecord is what was said at a hearing, and who signed it.
type HearingRecord struct {
	Text   string
	Signed string // names, one a line
}

// TableName names the table for gorm.
func (Hearing) TableName() string { return "permit_hearings" }

// owner is under what the signed record lies.
func (h *Hearing) owner() files.Owner { return files.Owner{Kind: files.Material, ID: h.ID} }

// Open says that the decision waits for it, as far as its state says.
func (h *Hearing) Open() bool {
	return h.State == HearingTold || h.State == HearingAsked || h.State == HearingAnnounced
}

// Purposes that bind a ciphertext to its place.
const (
	purposeOthers  = "permit.hearing.others"
	purposeHearing = "permit.hearing.record"
)

// hearings reads those of an application, the newest first.
func (s *Service) hearings(ctx context.Context, applicationID string) (list []Hearing, err error) {
	if err := s.DB.From(ctx).Where("application_id = ?", applicationID).Order("no DESC").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the hearings: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.openHearing(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// openHearing reads what is sealed; of somebody erased nothing is left.
func (s *Service) openHearing(ctx context.Context, h *Hearing) error {
	others, err := s.Vault.Open(ctx, purposeOthers, h.OthersCipher)
	if err != nil {
		return err
	}
	h.Others = string(others)
	if h.State != HearingHeld {
		return nil
	}
	body, err := s.Vault.Open(ctx, purposeHearing, h.RecordCipher)
	if err != nil {
		return err
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &h.Record); err != nil {
			return fmt.Errorf("read the record of a hearing: %w", err)
		}
	}
	h.Files, err = s.Files.List(ctx, h.owner())
	return err
}

// newestHearing is the last one, nil where nobody was told of the right.
func newestHearing(list []Hearing) *Hearing {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// LastHeld is the newest hearing that was held, nil where none was.
func LastHeld(list []Hearing) *Hearing {
	if i := slices.IndexFunc(list, func(h Hearing) bool { return h.State == HearingHeld }); i >= 0 {
		return &list[i]
	}
	return nil
}

// unheard refuses a decision while the right to ask is open, and before the hearing
// that was asked for is recorded (行政許可法 art. 47, 48).
func (p *Part) unheard(now time.Time) error {
	h := newestHearing(p.Hearings)
	switch {
	case h == nil || !h.Open():
		return nil
	case h.State != HearingTold:
		return fault.New(fault.Conflict, "permit.hearing.first")
	}
	by := HearingAskBy(p.Calendar, h.ToldAt)
	switch {
	case hearingUnasked(by, now):
		return nil
	case by.Provisional:
		return fault.New(fault.Conflict, "permit.hearing.open.provisional").With("Year", fmt.Sprint(by.On.Year()))
	}
	return fault.New(fault.Conflict, "permit.hearing.open").With("Day", by.On.String())
}

// HearingPage is the hearing of a case, as staff see it.
type HearingPage struct {
	*Part
	Newest   *Hearing // nil: nobody was told of the right
	Chairs   []Person // who may chair: who examines may not (art. 48 (3))
	Names    map[string]string
	Zone     *time.Location
	AskBy    calendar.Result // while it may be asked for
	HoldBy   calendar.Result // once it was asked for
	Earliest calendar.Result // of a hearing that is announced now
	Unasked  bool            // nobody asked in time
}

// HearingPage shows the hearing of a case to staff who may read the case.
func (s *Service) HearingPage(ctx context.Context, caseNo string) (*HearingPage, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	v := &HearingPage{Part: p, Newest: newestHearing(p.Hearings), Zone: p.Calendar.Zone(), Earliest: HearingEarliest(p.Calendar, s.now())}
	if h := v.Newest; h != nil {
		v.AskBy = HearingAskBy(p.Calendar, h.ToldAt)
		v.Unasked = h.State == HearingTold && hearingUnasked(v.AskBy, s.now())
		if h.AskedAt != nil {
			v.HoldBy = HearingHoldBy(p.Calendar, *h.AskedAt)
		}
	}
	return v, s.hearingPeople(ctx, v)
}

// hearingPeople are who may chair, and the names that the page needs.
func (s *Service) hearingPeople(ctx context.Context, v *HearingPage) error {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	unit, err := snap.Unit(v.Case.UnitID)
	if err != nil {
		return err
	}
	colleagues, err := s.People.Colleagues(ctx, unit.Path)
	if err != nil {
		return err
	}
	examined := v.examiners()
	for _, one := range colleagues {
		if !examined[one.ID] {
			v.Chairs = append(v.Chairs, Person{one.ID, one.Name})
		}
	}
	var ids []string
	for i := range v.Hearings {
		for _, id := range []*string{v.Hearings[i].ChairID, v.Hearings[i].ToldByID, v.Hearings[i].RecordedByID} {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}
	v.Names, err = s.People.Names(ctx, ids...)
	return err
}

// examiners are who has examined the application so far: who handles it, gave a
// verdict on a material, asked for corrections, went on site, said what is intended, or
// drafted a decision.
func (p *Part) examiners() map[string]bool {
	who := map[string]bool{}
	add := func(ids ...*string) {
		for _, id := range ids {
			if id != nil {
				who[*id] = true
			}
		}
	}
	add(p.Case.HandlerID)
	for i := range p.Items {
		if m := p.Items[i].Now; m != nil {
			add(m.VerdictByID)
		}
		for j := range p.Items[i].Previous {
			add(p.Items[i].Previous[j].VerdictByID)
		}
	}
	for i := range p.Notices {
		add(p.Notices[i].GivenByID)
	}
	for i := range p.Inspections {
		for _, o := range p.Inspections[i].Officials {
			if o.Present {
				add(&o.OfficialID)
			}
		}
	}
	for i := range p.Hearings {
		add(p.Hearings[i].ToldByID)
	}
	if p.Decision != nil {
		add(p.Decision.DraftedByID)
	}
	return who
}

// mayHear says whether the actor may hear anybody about the application now.
func (p *Part) mayHear() error {
	if err := p.View.May(access.PermitHear); err != nil {
		return err
	}
	if p.Application.State != Accepted && p.Application.State != Correcting || p.Application.AcceptedAt == nil {
		return fault.New(fault.Conflict, "permit.not_now")
	}
	return nil
}

// Hears says that the actor may act on the hearing, for the page.
func (v *HearingPage) Hears() bool {
	return v.Reviews() && v.mayHear() == nil && !v.Type.OfTaiwan()
}

// HearingFile opens the signed record for staff who may read the case.
func (s *Service) HearingFile(ctx context.Context, caseNo, hearingID, fileID string) (*files.Content, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	h, err := ofHearing(p.Hearings, hearingID, fileID)
	if err != nil {
		return nil, err
	}
	return s.Files.OpenFor(ctx, files.Belongs{Kind: "case", No: p.Case.CaseNo}, h.owner(), fileID)
}

// OwnHearingFile opens the signed record for the applicant's side.
func (s *Service) OwnHearingFile(ctx context.Context, id, hearingID, fileID string) (*files.Content, error) {
	a, err := s.own(ctx, id, false)
	if err != nil {
		return nil, err
	}
	list, err := s.hearings(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	h, err := ofHearing(list, hearingID, fileID)
	if err != nil {
		return nil, err
	}
	return s.Files.Open(ctx, h.owner(), fileID)
}

func ofHearing(list []Hearing, hearingID, fileID string) (*Hearing, error) {
	for i := range list {
		if h := &list[i]; h.ID == hearingID && db.IsID(fileID) {
			return h, nil
		}
	}
	return nil, errMissing
}

// stripHearings takes what people said and signed out of the hearings of an
// application; that and when they were stays.
func (s *Service) stripHearings(ctx context.Context, applicationID string) error {
	list, err := s.hearings(ctx, applicationID)
	if err != nil {
		return err
	}
	for i := range list {
		if err := s.Files.RemoveAll(ctx, list[i].owner()); err != nil {
			return err
		}
	}
	if err := s.DB.From(ctx).Exec("UPDATE permit_hearings SET others_cipher = NULL, record_cipher = NULL WHERE application_id = ?", applicationID).Error; err != nil {
		return fmt.Errorf("erase what was said at a hearing: %w", db.Fault(err, "", ""))
	}
	return nil
}
