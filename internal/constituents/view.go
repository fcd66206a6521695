package constituents

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// View is a constituent as somebody may see it: masked, or in the clear after
// Reveal. Erased says that the key was destroyed and nothing can be read.
type View struct {
	ID       string
	Kind     Kind
	Name     string
	Phone    string
	Email    string
	Address  string
	Locale   string
	Verified bool // one of the ways to reach the person was proven
	Erased   bool
	ErasedAt *time.Time // nil for one whose key was destroyed before this was kept
}

// Masked shows enough to recognise what one already knows, and no more.
func (s *Service) Masked(ctx context.Context, id string) (View, error) {
	views, err := s.MaskedAll(ctx, []string{id})
	if err != nil {
		return View{}, err
	}
	v, ok := views[id]
	if !ok {
		return View{}, errMissing
	}
	return v, nil
}

var errMissing = fault.New(fault.NotFound, "constituents.missing")

// MaskedAll is Masked for the rows of a list, with one query for all.
func (s *Service) MaskedAll(ctx context.Context, ids []string) (map[string]View, error) {
	views, err := s.clear(ctx, ids)
	if err != nil {
		return nil, err
	}
	for id, v := range views {
		views[id] = v.mask()
	}
	return views, nil
}

func (v View) mask() View {
	if v.Kind == Person {
		v.Name = idcode.MaskName(v.Name)
	}
	v.Phone, v.Email, v.Address = idcode.MaskPhone(v.Phone), idcode.MaskEmail(v.Email), idcode.MaskAddress(v.Address)
	return v
}

// reasonMost is the longest reason, in characters.
const reasonMost = 500

// Reveal shows a constituent in the clear. Whether the actor may is the
// caller's question, for it depends on the case at hand; the reason goes into
// the audit trail and the log of reads before anything is opened.
func (s *Service) Reveal(ctx context.Context, id, reason string) (View, error) {
	return s.reveal(ctx, "constituent", id, id, reason)
}

// RevealIn is Reveal where the trail must not say whom: of a whistle-blower's case
// it keeps the number, and no trace that would tell who filed it.
func (s *Service) RevealIn(ctx context.Context, caseNo, id, reason string) (View, error) {
	return s.reveal(ctx, "case", caseNo, id, reason)
}

func (s *Service) reveal(ctx context.Context, kind, about, id, reason string) (View, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.That(reason != "", "reason", "constituents.reveal.reason")
	c.That(utf8.RuneCountInString(reason) <= reasonMost, "reason", "constituents.reveal.long", "Max", reasonMost)
	if err := c.Err(); err != nil {
		return View{}, err
	}
	var view View
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		views, err := s.clear(ctx, []string{id})
		if err != nil {
			return err
		}
		v, ok := views[id]
		if !ok {
			return errMissing
		}
		view = v
		fields := v.shown()
		reason, err := s.sealReason(ctx, id, reason)
		if err != nil {
			return err
		}
		if err := s.Audit.Read(ctx, kind, about, fields, reason); err != nil {
			return err
		}
		e := audit.Entry{Action: "constituent.reveal", Kind: kind, ID: about, Reason: reason}
		for _, f := range fields {
			e.Fields = append(e.Fields, audit.Change{Field: f})
		}
		return s.Audit.Record(ctx, e)
	})
	if err != nil {
		return View{}, err // nothing is shown that was not logged
	}
	return view, nil
}

func (v View) shown() []string {
	var fields []string
	for _, f := range []struct{ name, value string }{{"name", v.Name}, {"phone", v.Phone}, {"email", v.Email}, {"address", v.Address}} {
		if f.value != "" {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func (s *Service) points(ctx context.Context, ids []string) ([]point, error) {
	var points []point
	err := s.DB.From(ctx).Where("constituent_id IN ? AND (valid_to IS NULL OR valid_to > ?)", ids, s.Now()).
		Order("preferred, valid_from, id").Find(&points).Error
	if err != nil {
		return nil, db.Fault(err, "", "")
	}
	return points, nil
}

// NamesToMask gives the names of people in the clear, to be masked in texts that
// others read; they are never shown.
func (s *Service) NamesToMask(ctx context.Context, ids []string) (names []string, err error) {
	views, err := s.clear(ctx, ids)
	for _, v := range views {
		if v.Name != "" {
			names = append(names, v.Name)
		}
	}
	return names, err
}

func (s *Service) clear(ctx context.Context, ids []string) (map[string]View, error) {
	if len(ids) == 0 {
		return map[string]View{}, nil
	}
	a := s.Ask()
	if err := s.DB.Together(ctx, a.reads("c.id IN ?", ids)...); err != nil {
		return nil, db.Fault(err, "", "")
	}
	return a.clear(ctx)
}

// Asked are constituents that are read together with what names them.
type Asked struct {
	s    *Service
	rows []reachable
}

// reachable is a constituent with one way to reach it, or with none: a row each.
type reachable struct {
	ID          string
	Kind        Kind
	Locale      string
	NameCipher  []byte
	ErasedAt    *time.Time
	PointKind   *PointKind
	ValueCipher []byte
	VerifiedAt  *time.Time
	Preferred   *bool
	ValidFrom   *time.Time
	PointID     *string
}

// byPreference puts the preferred and newest way last. The rows are put in order here:
// for these few a sort of PostgreSQL's costs as much as finding them.
func byPreference(a, b reachable) int {
	switch {
	case a.PointID == nil && b.PointID == nil:
		return 0
	case a.PointID == nil || b.PointID != nil && *b.Preferred && !*a.Preferred:
		return -1
	case b.PointID == nil || *a.Preferred && !*b.Preferred:
		return 1
	}
	return cmp.Or(a.ValidFrom.Compare(*b.ValidFrom), cmp.Compare(*a.PointID, *b.PointID))
}

// Ask begins; Of are the questions, Masked the answer once they were asked.
func (s *Service) Ask() *Asked { return &Asked{s: s} }

// Of asks for those whose ids a select gives, and for how to reach them now.
func (a *Asked) Of(ids db.Sub) []db.Read { return a.reads(a.s.DB.Among("c.id", ids), ids.Args...) }

func (a *Asked) reads(which string, args ...any) []db.Read {
	return []db.Read{db.Rows(&a.rows, `SELECT c.id, c.kind, c.locale, c.name_cipher, c.erased_at, p.kind AS point_kind, p.value_cipher, p.verified_at,
 p.preferred, p.valid_from, p.id AS point_id FROM constituents c LEFT JOIN contact_points p ON p.constituent_id = c.id AND (p.valid_to IS NULL OR p.valid_to > ?)
 WHERE `+which, append([]any{a.s.Now()}, args...)...)}
}

// Masked shows those of the ids that were found, masked.
func (a *Asked) Masked(ctx context.Context, ids []string) (map[string]View, error) {
	a.rows = slices.DeleteFunc(a.rows, func(r reachable) bool { return !slices.Contains(ids, r.ID) })
	views, err := a.clear(ctx)
	for id, v := range views {
		views[id] = v.mask()
	}
	return views, err
}

func (a *Asked) clear(ctx context.Context) (map[string]View, error) {
	s := a.s
	sealed := make([][]byte, 0, 2*len(a.rows))
	for _, r := range a.rows {
		sealed = append(sealed, r.NameCipher)
		if r.PointKind != nil {
			sealed = append(sealed, r.ValueCipher)
		}
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		return nil, err
	}
	slices.SortFunc(a.rows, byPreference)
	var err error
	views := make(map[string]View, len(a.rows))
	for _, r := range a.rows { // the preferred and newest point comes last
		v, known := views[r.ID]
		if !known {
			v = View{ID: r.ID, Kind: r.Kind, Locale: r.Locale, Erased: r.ErasedAt != nil, ErasedAt: r.ErasedAt}
			if v.Name, err = s.open(ctx, purposeName, r.NameCipher, &v); err != nil {
				return nil, err
			}
		}
		if r.PointKind != nil {
			value, err := s.open(ctx, r.PointKind.purpose(), r.ValueCipher, &v)
			if err != nil {
				return nil, err
			}
			v.add(*r.PointKind, value, r.VerifiedAt != nil)
		}
		views[r.ID] = v
	}
	return views, nil
}

func (v *View) add(kind PointKind, value string, proven bool) {
	v.Verified = v.Verified || proven
	switch kind {
	case Phone:
		v.Phone = value
	case Email:
		v.Email = value
	case Address:
		v.Address = value
	}
}

func (s *Service) open(ctx context.Context, purpose string, sealed []byte, v *View) (string, error) {
	plain, err := s.Vault.Open(ctx, purpose, sealed)
	if errors.Is(err, vault.ErrErased) {
		v.Erased = true
		return "", nil
	}
	return string(plain), err
}
