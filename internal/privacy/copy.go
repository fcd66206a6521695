package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/identity"
)

// Copy is everything that is held of a person, for that person.
type Copy struct {
	MadeAt   time.Time       `json:"made_at"`
	Account  CopyAccount     `json:"account"`
	Person   CopyPerson      `json:"person"`
	WaysIn   []CopyWayIn     `json:"ways_in"`
	Sessions []CopySession   `json:"sessions"`
	Consents []CopyConsent   `json:"consents"`
	Cases    []CopyCase      `json:"cases"`
	Follows  []CopyFollow    `json:"follows"`
	Concerns []string        `json:"concerns_me_too"` // titles of published questions
	Wishes   CopyWishes      `json:"message_wishes"`
	Messages []CopyDelivered `json:"messages_sent"`

	Applications []CopyApplication `json:"permit_applications,omitempty"`
	Permits      []CopyPermit      `json:"permits,omitempty"`
	Fees         []CopyFee         `json:"fees,omitempty"`
}

// CopyAccount is the account.
type CopyAccount struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Language  string    `json:"language"`
	CreatedAt time.Time `json:"created_at"`
}

// CopyPerson is the record of the person, and of what was joined to it.
type CopyPerson struct {
	Kind     string      `json:"kind"`
	Names    []string    `json:"names"`
	Contacts []CopyPoint `json:"contacts"`

	BirthYear     int            `json:"birth_year,omitempty"`
	District      string         `json:"district_code,omitempty"`
	DistrictName  i18n.Text      `json:"district,omitempty"`
	EstablishedOn string         `json:"established_on,omitempty"`
	Stage         string         `json:"stage,omitempty"`
	Industry      string         `json:"industry,omitempty"`
	Numbers       []CopyKnown    `json:"numbers,omitempty"`
	Needs         []CopyKnown    `json:"needs,omitempty"`
	Relations     []CopyKnown    `json:"relations,omitempty"`
	Notes         []CopyNote     `json:"notes,omitempty"`
	HeldBack      []CopyHeld     `json:"notes_held_back,omitempty"`
	Groups        []CopyGroup    `json:"groups,omitempty"`
	Offers        []CopyOffer    `json:"offers,omitempty"`
	Campaigns     []CopyCampaign `json:"campaigns,omitempty"`
	StepsOff      []string       `json:"next_steps_off,omitempty"` // "all", or kinds of steps that are not shown
}

// CopyPoint is one way to reach the person.
type CopyPoint struct {
	Kind   string     `json:"kind"`
	Value  string     `json:"value"`
	Proven bool       `json:"proven"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until,omitempty"`
}

// CopySession is one open session.
type CopySession struct {
	Begun   time.Time `json:"begun"`
	Seen    time.Time `json:"seen"`
	Browser string    `json:"browser"`
	Network string    `json:"network"`
}

// CopyConsent is one line of the ledger of consents.
type CopyConsent struct {
	Purpose string    `json:"purpose"`
	Channel string    `json:"channel"`
	Given   bool      `json:"given"`
	Wording int       `json:"wording"`
	At      time.Time `json:"at"`
}

// CopyCase is one case as its citizen sees it.
type CopyCase struct {
	CaseNo      string            `json:"case_no"`
	Kind        string            `json:"kind"`
	Status      string            `json:"status"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Answers     map[string]any    `json:"answers"`
	Address     string            `json:"address"`
	ReceivedAt  time.Time         `json:"received_at"`
	DueAt       *time.Time        `json:"due_at,omitempty"`
	ConcludedAt *time.Time        `json:"concluded_at,omitempty"`
	Outcome     string            `json:"outcome,omitempty"`
	Steps       []CopyStep        `json:"steps"`
	Talk        []CopyTurn        `json:"messages"`
	Files       []CopyFile        `json:"files"`
	Evaluation  *CopyEvaluation   `json:"evaluation,omitempty"`
	Links       map[string]string `json:"links"`
}

// CopyStep is one public step of a case.
type CopyStep struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"`
	Status string    `json:"status"`
}

// CopyTurn is one message of the conversation.
type CopyTurn struct {
	At   time.Time `json:"at"`
	Mine bool      `json:"mine"`
	Text string    `json:"text"`
}

// CopyFile is one attachment, without its content.
type CopyFile struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Bytes     int64  `json:"bytes"`
}

// CopyEvaluation is what the person said of the handling.
type CopyEvaluation struct {
	Grade    int       `json:"grade"`
	Resolved string    `json:"resolved"`
	Comment  string    `json:"comment"`
	At       time.Time `json:"at"`
}

// Copy gathers everything that is held of whoever is signed in, after their
// password was asked for once more. The trail says that it was taken.
func (s *Service) Copy(ctx context.Context, password string) (*Copy, error) {
	id, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Identity.Again(ctx, password); err != nil {
		return nil, err
	}
	family, err := s.Constituents.Family(ctx, id)
	if err != nil {
		return nil, err
	}
	account, err := s.Identity.Own(ctx)
	if err != nil {
		return nil, err
	}
	c := &Copy{MadeAt: s.Now().UTC().Truncate(time.Second), Account: CopyAccount{ID: account.ID, Email: account.Email, Name: account.Name, Language: account.Locale, CreatedAt: account.CreatedAt}}
	for _, fill := range []func(context.Context, *Copy, string, []string) error{s.copyPerson, s.copyDistrict, s.copyGroups, s.copySteps, s.copyWaysIn, s.copySessions, s.copyCases, s.copyPermits, s.copyVoices, s.copyMessages} {
		if err := fill(ctx, c, id, family); err != nil {
			return nil, err
		}
	}
	return c, s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: "export.own_data", Kind: "constituent", ID: id})
	})
}

// JSON is the copy for machines.
func (c *Copy) JSON() ([]byte, error) { return json.MarshalIndent(c, "", "  ") }

func (s *Service) copyPerson(ctx context.Context, c *Copy, id string, family []string) error {
	c.Person.Contacts, c.Consents = []CopyPoint{}, []CopyConsent{}
	for _, one := range family {
		own, err := s.Constituents.Own(ctx, one)
		if err != nil {
			return err
		}
		if one == id {
			c.Person.Kind = string(own.Kind)
		}
		c.Person.known(own.Known, one, one == id)
		if own.Name != "" {
			c.Person.Names = append(c.Person.Names, own.Name)
		}
		for _, p := range own.Points {
			c.Person.Contacts = append(c.Person.Contacts, CopyPoint{Kind: string(p.Kind), Value: p.Value, Proven: p.Proven, Since: p.Since, Until: p.Until})
		}
	}
	ledger, err := s.Constituents.Ledger(ctx, id)
	for _, l := range ledger {
		c.Consents = append(c.Consents, CopyConsent{Purpose: l.Purpose, Channel: l.Channel, Given: l.Given, Wording: l.Wording, At: l.At})
	}
	return err
}

func (s *Service) copySessions(ctx context.Context, c *Copy, _ string, _ []string) error {
	list, err := s.Identity.Sessions(ctx)
	c.Sessions = []CopySession{}
	for _, x := range list {
		c.Sessions = append(c.Sessions, CopySession{Begun: x.Begun, Seen: x.Seen, Browser: browser(x.Browser), Network: x.Address})
	}
	return err
}

func browser(b identity.Browser) string {
	if b.System == "" {
		return b.Name
	}
	return b.Name + " / " + b.System
}

func (s *Service) copyCases(ctx context.Context, c *Copy, _ string, family []string) error {
	numbers, err := s.Cases.AllOf(ctx, family)
	if err != nil {
		return err
	}
	c.Cases = []CopyCase{}
	for _, no := range numbers {
		v, err := s.Cases.Track(ctx, cases.Key{CaseNo: no})
		if err != nil {
			return fmt.Errorf("read case %s for a copy: %w", no, err)
		}
		one, err := s.copyCase(ctx, v)
		if err != nil {
			return err
		}
		c.Cases = append(c.Cases, one)
	}
	return nil
}

func (s *Service) copyCase(ctx context.Context, v *cases.View) (CopyCase, error) {
	one := CopyCase{CaseNo: v.CaseNo, Kind: string(v.Kind), Status: string(v.Status), Title: v.Title, Description: v.Description, Answers: v.AnswerMap(),
		Address: v.Address, ReceivedAt: v.ReceivedAt, DueAt: v.DueAt, ConcludedAt: v.ConcludedAt, Outcome: string(v.Outcome),
		Steps: []CopyStep{}, Talk: []CopyTurn{}, Files: []CopyFile{}, Links: map[string]string{"page": "/cases/" + v.CaseNo}}
	for _, e := range v.Events {
		one.Steps = append(one.Steps, CopyStep{At: e.At, Action: string(e.Action), Status: string(e.ToStatus)})
	}
	for _, m := range v.Messages {
		one.Talk = append(one.Talk, CopyTurn{At: m.At, Mine: m.Direction == "in", Text: m.Text})
	}
	attached, err := s.Files.List(ctx, files.Owner{Kind: files.Case, ID: v.ID})
	if err != nil {
		return one, err
	}
	for _, f := range attached {
		one.Files = append(one.Files, CopyFile{Name: f.Name, MediaType: f.MediaType, Bytes: f.Size})
	}
	e, err := s.Satisfaction.Of(ctx, &v.Case)
	if err == nil && e != nil {
		one.Evaluation = &CopyEvaluation{Grade: e.Grade, Resolved: e.Resolved, Comment: e.Comment, At: e.EvaluatedAt}
	}
	return one, err
}
