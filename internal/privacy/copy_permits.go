package privacy

import (
	"context"
	"time"

	"minqing/internal/i18n"
)

// CopyApplication is one application for a permit.
type CopyApplication struct {
	TypeCode   string         `json:"type_code"`
	Type       i18n.Text      `json:"type"`
	State      string         `json:"state"`
	CaseNo     string         `json:"case_no,omitempty"` // none: not sent yet
	Answers    map[string]any `json:"answers"`
	SignedBy   string         `json:"signed_by,omitempty"`
	BegunAt    time.Time      `json:"begun_at"`
	ReceivedAt *time.Time     `json:"received_at,omitempty"`
	AcceptedAt *time.Time     `json:"accepted_at,omitempty"`
	DecidedAt  *time.Time     `json:"decided_at,omitempty"`
	Materials  []CopyMaterial `json:"materials"`
	Hearings   []CopyHearing  `json:"hearings,omitempty"`
	Changes    []CopyChange   `json:"corrected_answers,omitempty"`
	Held       []CopyAlready  `json:"already_held,omitempty"`
	Visits     []CopyVisit    `json:"inspections,omitempty"`
	Counter    *CopyCounter   `json:"at_counter,omitempty"` // none: it was sent online
}

// CopyCounter is who came to a counter with an application, and how it was signed there.
type CopyCounter struct {
	Applicant string `json:"applicant"`
	By        string `json:"by,omitempty"` // person, agent
	Agent     string `json:"agent,omitempty"`
	Authority string `json:"authority,omitempty"`
	Signed    string `json:"signed,omitempty"`       // paper, aloud
	Why       string `json:"not_on_paper,omitempty"` // why it was read aloud
}

// CopyChange is one answer that was corrected after it was sent.
type CopyChange struct {
	Question  string    `json:"question"`
	Title     i18n.Text `json:"title,omitempty"`
	Before    any       `json:"before"`
	After     any       `json:"after"`
	ChangedAt time.Time `json:"changed_at"`
	Agreed    string    `json:"agreed,omitempty"`    // present, telephone, writing: the office wrote it
	AgreedBy  string    `json:"agreed_by,omitempty"` // the name of who agreed
}

// CopyAlready is what nobody had to give, since the government held it already.
type CopyAlready struct {
	Part      string    `json:"part"` // question, material
	Code      string    `json:"code"`
	Name      i18n.Text `json:"name,omitempty"`
	Source    string    `json:"source"` // the register
	Ref       string    `json:"ref,omitempty"`
	AsOf      string    `json:"as_of"`
	Value     string    `json:"value,omitempty"` // as it was held
	Corrected bool      `json:"corrected"`
	Reason    string    `json:"reason,omitempty"` // why the person corrected it
}

// CopyVisit is one inspection on site.
type CopyVisit struct {
	VisitAt    time.Time   `json:"visit_at"`
	State      string      `json:"state"`
	Notice     string      `json:"notice,omitempty"`
	RecordedAt *time.Time  `json:"recorded_at,omitempty"` // none: nobody has been there yet
	Passed     string      `json:"passed,omitempty"`      // yes, no
	Findings   string      `json:"findings,omitempty"`
	Checks     []CopyCheck `json:"checks,omitempty"`
	Photos     []CopyFile  `json:"photos,omitempty"`
}

// CopyCheck is what was found at one point of the checklist.
type CopyCheck struct {
	Code    string    `json:"code"`
	Name    i18n.Text `json:"name,omitempty"`
	Verdict string    `json:"verdict"` // met, unmet, none
	Note    string    `json:"note,omitempty"`
}

// CopyHearing is one hearing about an application.
type CopyHearing struct {
	Intends string     `json:"intends"`
	ToldAt  time.Time  `json:"told_at"`
	AskedAt *time.Time `json:"asked_at,omitempty"`
	HeardAt *time.Time `json:"heard_at,omitempty"`
	Record  string     `json:"record,omitempty"`
	Signed  string     `json:"signed,omitempty"`
	Files   []CopyFile `json:"files,omitempty"`
}

// CopyMaterial is one version of a material, with the files that were uploaded.
type CopyMaterial struct {
	Code   string     `json:"code"`
	Name   i18n.Text  `json:"name,omitempty"`
	Round  int64      `json:"round"`
	SentAt *time.Time `json:"sent_at,omitempty"`
	Files  []CopyFile `json:"files"`

	Original   string     `json:"original,omitempty"` // on paper, at a counter: taken in, or seen and given back
	OriginalAt *time.Time `json:"original_at,omitempty"`
}

// CopyPermit is one permit of the person's, as it stands in the register.
type CopyPermit struct {
	No         string            `json:"no"`
	Type       i18n.Text         `json:"type"`
	State      string            `json:"state"`
	Holder     string            `json:"holder_shown"`
	CaseNo     string            `json:"case_no,omitempty"`
	IssuedOn   string            `json:"issued_on"`
	ValidFrom  string            `json:"valid_from"`
	ValidUntil string            `json:"valid_until,omitempty"` // none: without an end
	Facts      map[string]string `json:"facts,omitempty"`
	Said       []string          `json:"statements,omitempty"` // of the holder, before it was to be revoked
	Duties     []CopyDuty        `json:"duties,omitempty"`
}

// CopyDuty is one time that the holder owed something after the permit was issued.
type CopyDuty struct {
	Code       string     `json:"code"`
	Name       i18n.Text  `json:"name,omitempty"`
	DueOn      string     `json:"due_on"`
	State      string     `json:"state"`
	Statement  string     `json:"statement,omitempty"`
	ReceivedAt *time.Time `json:"received_at,omitempty"`
	Reason     string     `json:"reason,omitempty"` // of the unit
	Files      []CopyFile `json:"files,omitempty"`
}

// CopyFee is what the person owed or paid for a permit.
type CopyFee struct {
	No        string    `json:"no"`
	CaseNo    string    `json:"case_no"`
	Name      i18n.Text `json:"name"`
	Amount    string    `json:"amount"`
	State     string    `json:"state"`
	OrderedOn string    `json:"ordered_on"`
	DueOn     string    `json:"due_on"`
	SettledOn string    `json:"settled_on,omitempty"` // none: due
}

// Permits knows what people applied for and hold.
type Permits interface {
	Applications(ctx context.Context, ids []string) ([]CopyApplication, error)
	Permits(ctx context.Context, ids []string) ([]CopyPermit, error)
	Fees(ctx context.Context, ids []string) ([]CopyFee, error)
	// Erase joins the open transaction.
	Erase(ctx context.Context, ids []string) error
}

func (s *Service) copyPermits(ctx context.Context, c *Copy, _ string, family []string) (err error) {
	if c.Applications, err = s.Permits.Applications(ctx, family); err != nil {
		return err
	}
	if c.Fees, err = s.Permits.Fees(ctx, family); err != nil {
		return err
	}
	c.Permits, err = s.Permits.Permits(ctx, family)
	return err
}
