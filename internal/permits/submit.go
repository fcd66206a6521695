package permits

import (
	"context"
	"strings"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// Signature is what stands for the hand-written one (国务院令第716号 art. 8): who
// declares what, at the time of sending.
type Signature struct {
	Name   string // of who signs
	Agrees bool   // to the statement of the version that was shown
	Shown  int64  // that version

	// At a counter: SignedPaper or SignedAloud, and why nobody signed on paper.
	How, Why string
}

// Submit signs and sends a draft: it becomes a case. Of two members who send at
// once one wins, and the other hears that it is sent.
func (s *Service) Submit(ctx context.Context, id string, version int64, sign Signature, lang i18n.Lang) (*cases.Receipt, error) {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return nil, err
	}
	if err := alone(a); err != nil {
		return nil, err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx, a, t, sign); err != nil {
		return nil, err
	}
	if err := s.stillAllowed(ctx, a); err != nil {
		return nil, err
	}
	a.Version = version
	var r *cases.Receipt
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE permit_applications SET version = version + 1 WHERE id = ? AND version = ? AND state = 'draft'", a.ID, version)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			return s.overtaken(ctx, a.ID)
		}
		a.Version++
		if err := s.onlyOne(ctx, a); err != nil {
			return err
		}
		// What a colleague took away since the page was read is seen here.
		codes, err := s.complete(ctx, a, t)
		if err != nil {
			return err
		}
		if err := s.takePlace(ctx, a, t); err != nil {
			return err
		}
		r, err = s.Cases.FileApplication(ctx, cases.Application{HolderID: a.HolderID, Filing: s.filing(a, t, lang), Completeness: t.Completeness, Promised: t.Promised})
		if err != nil {
			return err
		}
		return s.sent(ctx, a, r, codes, sign)
	})
	return r, db.Fault(err, "", "permit.changed")
}

// overtaken says what a colleague did with the draft meanwhile.
func (s *Service) overtaken(ctx context.Context, id string) error {
	now, err := s.read(ctx, "id = ?", id)
	if err != nil {
		return err
	}
	if now.State != Draft {
		return fault.New(fault.Conflict, "permit.sent")
	}
	return fault.New(fault.Conflict, "permit.changed")
}

// ready names what is missing before an application can be sent.
func (s *Service) ready(ctx context.Context, a *Application, t *permittypes.Type, sign Signature) error {
	var c fault.Check
	signed := signatureOf(sign)
	if a.Counter != nil {
		signed = signedAtCounter(a, sign)
	}
	if err := c.Add(signed); err != nil {
		return err
	}
	if err := c.Add(s.checkAnswers(ctx, a, t, a.Answers)); err != nil {
		return err
	}
	if err := c.Add(s.explained(ctx, a, t)); err != nil {
		return err
	}
	return c.Err()
}

// signatureOf names what is wrong with a signature.
func signatureOf(sign Signature) error {
	var c fault.Check
	c.That(text.Line(sign.Name) != "", "name", "permit.sign.name")
	c.That(utf8.RuneCountInString(sign.Name) <= cases.NameMost, "name", "case.name.long", "Max", cases.NameMost)
	c.That(sign.Agrees, "agrees", "permit.sign.agrees")
	c.That(!sign.Agrees || sign.Shown == Statement, "agrees", "permit.sign.statement")
	return c.Err()
}

// complete names the materials that are not there, and lists those that are.
func (s *Service) complete(ctx context.Context, a *Application, t *permittypes.Type) (codes []string, err error) {
	list, err := s.items(ctx, a, t, nil, false)
	if err != nil {
		return nil, err
	}
	today := s.today(ctx)
	var c fault.Check
	for i := range list {
		it := &list[i]
		c.That(it.Given() || !it.Required || it.Waived(), "material."+it.Code, "permit.material.required")
		if it.Given() && it.Now.ReusesID != nil {
			from, beside, err := s.reused(ctx, a, *it.Now.ReusesID)
			if err != nil {
				return nil, err
			}
			c.That(beside || from.Verdict == Verified && from.VerdictOn != nil && Reusable(it.Material, *from.VerdictOn, today), "material."+it.Code, "permit.material.expired")
		}
		if it.Given() {
			codes = append(codes, it.Code)
		}
	}
	return codes, c.Err()
}

// reused is the material that stands for one of the application, and whether it came
// with another application of the same bundle.
func (s *Service) reused(ctx context.Context, a *Application, materialID string) (from Material, beside bool, err error) {
	if err := s.DB.From(ctx).Where("id = ?", materialID).Take(&from).Error; err != nil {
		return from, false, db.Fault(err, "permit.material.missing", "")
	}
	if a.BundleID == nil {
		return from, false, nil
	}
	var n int64
	err = s.DB.From(ctx).Raw("SELECT COUNT(*) FROM permit_applications WHERE id = ? AND bundle_id = ?", from.ApplicationID, *a.BundleID).Scan(&n).Error
	return from, n > 0, db.Fault(err, "", "")
}

// filing is the application as a case: what it is for and what came with it. The
// answers stay with the application, sealed.
func (s *Service) filing(a *Application, t *permittypes.Type, lang i18n.Lang) cases.Filing {
	lines := []string{t.Summary.In(lang)}
	for _, m := range t.Needed(a.Answers) {
		lines = append(lines, "· "+m.Name.In(lang))
	}
	key := "permit.title"
	if a.RenewsNo != "" {
		key = "held.case." + string(a.Purpose)
	}
	channel := cases.ChannelWeb
	if a.Counter != nil {
		channel = cases.ChannelCounter
	}
	title := []rune(s.Words.T(lang, key, i18n.Args{"Type": t.Name.In(lang), "No": a.RenewsNo}))
	return cases.Filing{MatterCode: t.MatterCode, Title: string(title[:min(len(title), cases.TitleMost)]),
		Description: strings.TrimSpace(strings.Join(lines, "\n")), Locale: string(lang), Channel: channel}
}

func (s *Service) sent(ctx context.Context, a *Application, r *cases.Receipt, codes []string, sign Signature) error {
	c, err := s.Cases.ByID(ctx, r.CaseID)
	if err != nil {
		return err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return err
	}
	if err := s.keepItems(ctx, a, t); err != nil {
		return err
	}
	name, err := s.Vault.Seal(ctx, a.VaultKeyID, purposeSigner, []byte(text.Line(sign.Name)))
	if err != nil {
		return err
	}
	if err := s.send(ctx, a, append(codes, ""), c.ReceivedAt); err != nil {
		return err
	}
	now := map[string]any{"state": Submitted, "case_id": c.ID, "case_no": c.CaseNo, "signed_by_id": db.Ref(actor.From(ctx).AccountID),
		"signer_cipher": name, "statement": Statement, "received_at": c.ReceivedAt, "received_on": c.ReceivedOn,
		"complete_at": c.ReceivedAt, "complete_on": c.ReceivedOn}
	if a.Counter != nil { // the clerk sends it, and signs nothing
		if now["counter_cipher"], err = s.sealCounter(ctx, a); err != nil {
			return err
		}
		now["signed_by_id"] = nil
	}
	if err := s.changed(ctx, a, now); err != nil {
		return err
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.submit", Kind: "application", ID: a.ID,
		Fields: []audit.Change{{Field: "case", After: c.CaseNo}, {Field: "state", Before: string(Draft), After: string(Submitted)}}})
}
