package offers

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// Lists gives the lists of a benefit, the newest first: ListsMost, and one more where
// there are more.
func (s *Service) Lists(ctx context.Context, benefitID string) (lists []List, err error) {
	if err := s.DB.Reader(ctx).Raw(listRows+"l.benefit_id = ? ORDER BY l.id DESC LIMIT ?", benefitID, ListsMost+1).Scan(&lists).Error; err != nil {
		return nil, fail("list the lists of a benefit", err)
	}
	return lists, nil
}

// ListOf gives a list of a benefit that the actor may read.
func (s *Service) ListOf(ctx context.Context, listID string) (*List, *Benefit, error) {
	return s.listFor(ctx, listID, access.OfferRead)
}

func (s *Service) listFor(ctx context.Context, listID string, v access.Verb) (*List, *Benefit, error) {
	l, b, err := s.listed(ctx, listID)
	if err != nil {
		return nil, nil, err
	}
	b, err = s.get(ctx, b.ID, v)
	return l, b, err
}

// Offer is what one person may get, or got.
type Offer struct {
	ID             string
	ListID         string
	BenefitID      string
	ConstituentID  string
	Period         int
	State          State
	Why            string
	Reason         string
	NoteCipher     []byte
	ToldAt         *time.Time
	RespondBy      *time.Time
	RespondOn      *calendar.Date
	AnsweredAt     *time.Time
	SettledAt      *time.Time
	CaseID         *string
	CodeGeneration int
	CodeKey        string
	Version        int64
	CreatedAt      time.Time

	MovesMoney bool // by the version of the benefit that was matched
	WindowDays int
	Law        i18n.Text
	CaseNo     string
}

const offerRows = `SELECT o.id, o.list_id, o.benefit_id, o.constituent_id, o.period, o.state, o.why, o.reason, o.note_cipher, o.told_at, o.respond_by, o.respond_on, o.answered_at, o.settled_at,
 o.case_id, o.code_generation, o.code_key, o.version, o.created_at, v.moves_money, v.window_days, v.law, COALESCE(c.case_no, '') AS case_no
 FROM offers o JOIN offer_lists l ON l.id = o.list_id JOIN benefit_versions v ON v.benefit_id = l.benefit_id AND v.no = l.benefit_no LEFT JOIN cases c ON c.id = o.case_id WHERE `

// Verdicts are what the conditions came to when somebody was last looked at.
func (o *Offer) Verdicts() (v outreach.Verdicts) {
	_ = json.Unmarshal([]byte(o.Why), &v) // what cannot be read counts as unknown
	return v
}

// Row is an offer with whom it is for, masked.
type Row struct {
	Offer
	Person constituents.View
}

// Page is a part of a list.
type Page struct {
	Items []Row
	Next  string
}

const rowsShown = 50

// Rows lists the people of a list, in the order in which they were matched; of one
// state, or all.
func (s *Service) Rows(ctx context.Context, l *List, state State, cursor string) (page Page, err error) {
	after, err := db.DecodeCursor(cursor, 1)
	if err != nil {
		return page, err
	}
	where, args := "o.list_id = ?", []any{l.ID}
	if state != "" {
		where, args = where+" AND o.state = ?", append(args, state)
	}
	if after != nil {
		if !isID(after[0]) {
			return page, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
		where, args = where+" AND o.id > ?", append(args, after[0])
	}
	var list []Offer
	if err := s.DB.Reader(ctx).Raw(offerRows+where+" ORDER BY o.id LIMIT "+strconv.Itoa(rowsShown+1), args...).Scan(&list).Error; err != nil {
		return page, fail("read a list", err)
	}
	if len(list) > rowsShown {
		list = list[:rowsShown]
		page.Next = db.EncodeCursor(list[rowsShown-1].ID)
	}
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = o.ConstituentID
	}
	people, err := s.Constituents.MaskedAll(ctx, ids)
	for _, o := range list {
		p := people[o.ConstituentID]
		p.Phone, p.Email, p.Address = "", "", "" // a list says who, not how to reach them
		page.Items = append(page.Items, Row{Offer: o, Person: p})
	}
	return page, err
}

// Counts says how many of a list stand in each state.
func (s *Service) Counts(ctx context.Context, l *List) (map[State]int64, error) {
	var rows []struct {
		State State
		N     int64
	}
	if err := s.DB.Reader(ctx).Raw("SELECT state, COUNT(*) AS n FROM offers WHERE list_id = ? GROUP BY state", l.ID).Scan(&rows).Error; err != nil {
		return nil, fail("count a list", err)
	}
	out := map[State]int64{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, nil
}

// Explained is why somebody is on a list.
type Explained struct {
	Row
	Reason *outreach.Reason // what it came to when the person was matched, or looked at again to be granted
	Note   string
}

// Explain says of one person on a list what every condition came to. It is noted
// in the log of reads.
func (s *Service) Explain(ctx context.Context, listID, offerID string, lang i18n.Lang) (*Explained, *List, *Benefit, error) {
	l, b, err := s.listFor(ctx, listID, access.OfferRead)
	if err != nil {
		return nil, nil, nil, err
	}
	o, err := s.one(ctx, "o.id = ? AND o.list_id = ?", offerID, listID)
	if err != nil {
		return nil, nil, nil, err
	}
	out := &Explained{Row: Row{Offer: *o}}
	if out.Reason, err = s.reasonOf(ctx, l.Definition, o.Verdicts(), lang); err != nil {
		return nil, nil, nil, err
	}
	if out.Person, err = s.Constituents.Masked(ctx, o.ConstituentID); err != nil {
		return nil, nil, nil, err
	}
	if out.Note, err = s.note(ctx, o); err != nil {
		return nil, nil, nil, err
	}
	return out, l, b, s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Read(ctx, "constituent", o.ConstituentID, []string{"offer"}, b.Name.In(i18n.En))
	})
}

func (s *Service) reasonOf(ctx context.Context, definition string, v outreach.Verdicts, lang i18n.Lang) (*outreach.Reason, error) {
	root, err := outreach.Parse([]byte(definition))
	if err != nil {
		return nil, err
	}
	terms, err := s.Outreach.Terms(ctx, root)
	if err != nil {
		return nil, err
	}
	return s.Outreach.Reason(terms, v, lang), nil
}

func (s *Service) one(ctx context.Context, where string, args ...any) (*Offer, error) {
	for _, a := range args {
		if id, ok := a.(string); ok && !isID(id) {
			return nil, errMissing
		}
	}
	var list []Offer
	if err := s.DB.From(ctx).Raw(offerRows+where, args...).Scan(&list).Error; err != nil {
		return nil, fail("read an offer", err)
	}
	if len(list) == 0 {
		return nil, errMissing
	}
	return &list[0], nil
}

// TrimReasons are why somebody may be taken off a list.
var TrimReasons = []string{"record_wrong", "has_it", "moved", "deceased", "other"}

// NoteMost is the longest note, in characters.
const NoteMost = 500

const purposeNote = "offer.note"

// Trim takes somebody off a list that waits to be confirmed, with a reason.
func (s *Service) Trim(ctx context.Context, listID, offerID, reason, note string) error {
	l, b, err := s.listFor(ctx, listID, access.OfferRead)
	if err != nil {
		return err
	}
	if err := s.mayTrim(ctx, l, b); err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	var c fault.Check
	c.That(slices.Contains(TrimReasons, reason), "reason", "offer.trim.reason")
	c.That(reason != "other" || note != "", "note", "offer.trim.note")
	c.That(utf8.RuneCountInString(note) <= NoteMost, "note", "offer.text.long", "Max", NoteMost)
	if err := c.Err(); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		o, err := s.one(ctx, "o.id = ? AND o.list_id = ?", offerID, listID)
		if err != nil {
			return err
		}
		sealed, err := s.sealNote(ctx, o, note)
		if err != nil {
			return err
		}
		n, err := s.exec(ctx, "take somebody off a list", "UPDATE offers SET state = 'trimmed', reason = ?, note_cipher = ?, version = version + 1, updated_at = ? WHERE id = ? AND state = 'matched'",
			reason, sealed, s.now(), offerID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.changed")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer.trim", Kind: "offer", ID: offerID, Fields: []audit.Change{{Field: "state", Before: string(Matched), After: string(Trimmed)}}, Reason: reason})
	})
}

// Untrim puts somebody back on a list that still waits.
func (s *Service) Untrim(ctx context.Context, listID, offerID string) error {
	l, b, err := s.listFor(ctx, listID, access.OfferRead)
	if err != nil {
		return err
	}
	if err := s.mayTrim(ctx, l, b); err != nil {
		return err
	}
	if !isID(offerID) {
		return errMissing
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "put somebody back on a list", "UPDATE offers SET state = 'matched', reason = '', note_cipher = NULL, version = version + 1, updated_at = ? WHERE id = ? AND list_id = ? AND state = 'trimmed'",
			s.now(), offerID, listID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "offer.changed")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer.untrim", Kind: "offer", ID: offerID, Fields: []audit.Change{{Field: "state", Before: string(Trimmed), After: string(Matched)}}})
	})
}

// mayTrim says whether the actor may change who is on a list: whoever writes or
// confirms offers of the unit, while it waits.
func (s *Service) mayTrim(ctx context.Context, l *List, b *Benefit) error {
	if l.State != Open {
		return fault.New(fault.Conflict, "offer.list.settled")
	}
	if s.May(ctx, b, access.OfferWrite) {
		return nil
	}
	return s.Access.CanOn(ctx, access.OfferConfirm, access.Object{UnitPaths: []string{b.UnitPath}})
}

// sealNote seals a note under the person's own key; nil for an empty one, and for
// somebody who was erased.
func (s *Service) sealNote(ctx context.Context, o *Offer, note string) ([]byte, error) {
	if note == "" {
		return nil, nil
	}
	var keys []string
	if err := s.DB.From(ctx).Raw("SELECT vault_key_id FROM constituents WHERE id = ? AND erased_at IS NULL", o.ConstituentID).Scan(&keys).Error; err != nil || len(keys) == 0 {
		return nil, db.Fault(err, "", "")
	}
	return s.Vault.Seal(ctx, keys[0], purposeNote, []byte(note))
}

func (s *Service) note(ctx context.Context, o *Offer) (string, error) {
	if len(o.NoteCipher) == 0 {
		return "", nil
	}
	note, err := s.Vault.Open(ctx, purposeNote, o.NoteCipher)
	if err != nil && isErased(err) {
		return "", nil
	}
	return string(note), err
}

// MayConfirm says why the actor may not confirm a list; nil when they may. Whoever
// matched it or wrote its conditions never may, nor their deputy: two people look at every list.
func (s *Service) MayConfirm(ctx context.Context, l *List, b *Benefit) error {
	ctx, err := s.Access.CanAs(ctx, access.OfferConfirm, access.Object{UnitPaths: []string{b.UnitPath}})
	if err != nil {
		return err
	}
	if l.State != Open {
		return fault.New(fault.Conflict, "offer.list.settled")
	}
	var authors []struct {
		AuthorID   string
		AuthorAsID *string
	}
	err = s.DB.From(ctx).Raw("SELECT author_id, author_as_id FROM benefit_versions WHERE benefit_id = ? AND no <= ?", l.BenefitID, l.BenefitNo).Scan(&authors).Error
	if err != nil {
		return fail("read who wrote a benefit", err)
	}
	a := actor.From(ctx)
	own := a.Is(&l.AuthorID, l.AuthorAsID)
	for _, one := range authors {
		own = own || a.Is(&one.AuthorID, one.AuthorAsID)
	}
	if own {
		return fault.New(fault.Forbidden, "offer.confirm.own")
	}
	return nil
}
