package permits

import (
	"context"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/text"
)

// Where a fault lies that a later notice names. What could be seen when the unit looked
// before is asked for by the head alone, with a reason that the applicant reads: the
// notice is given once and completely (行政許可法 art. 32 (4)).
const (
	LiesNew   = "new"   // in what was sent since
	LiesAsked = "asked" // what an earlier notice asked for is still not so in what was sent since
	LiesSeen  = "seen"  // in what lay there before, and was not asked for
)

// lookedAt is when the unit last had to say all that it could see: with the last notice,
// or the acceptance; nil while it has said nothing.
func (p *Part) lookedAt() (at *time.Time) {
	if n := len(p.Notices); n > 0 {
		at = &p.Notices[n-1].GivenAt
	}
	if a := p.Application.AcceptedAt; a != nil && (at == nil || a.After(*at)) {
		at = a
	}
	return at
}

// lay says whether a version of a material lay before the unit when it last looked.
func (p *Part) lay(m *Material) bool {
	at := p.lookedAt()
	return at != nil && m.SentAt != nil && !m.SentAt.After(*at)
}

// since says that a material was sent after the unit last looked.
func (p *Part) since(it *Item) bool {
	return p.lookedAt() != nil && it.Given() && it.Now.SentAt != nil && !p.lay(it.Now)
}

// Since are the given materials that were sent after the unit last looked: something
// new may arise from them.
func (p *Part) Since() (list []Item) {
	for i := range p.Items {
		if p.since(&p.Items[i]) {
			list = append(list, p.Items[i])
		}
	}
	return list
}

// Replaced says that a material took the place of one that lay there when the unit last
// looked, so that a fault in it may be old or new.
func (p *Part) Replaced(it *Item) bool { return p.since(it) && len(p.laid(it)) > 0 }

// AskedBefore says whether an earlier notice asked for a material.
func (p *Part) AskedBefore(code string) bool {
	return slices.ContainsFunc(p.Notices, func(n Notice) bool { return n.reason(code) != "" })
}

// laid are the versions of a material that lay there when the unit last looked, the
// newest first.
func (p *Part) laid(it *Item) (list []Version) {
	for _, v := range it.Previous {
		if p.lay(&v.Material) && (len(v.Files) > 0 || v.Original != "") {
			list = append(list, v)
		}
	}
	return list
}

// freshness is what a version of a material holds that did not lie there before.
type freshness struct {
	whole   bool // no version lay there: all of it is new
	changed bool // its contents differ from what lay there
}

// fresh compares, of the materials that an examination finds fault with or that
// something arises from, the contents with what lay there, by the ids of their versions.
// It reads files, and stands before the transaction: what was sent does not change.
func (s *Service) fresh(ctx context.Context, p *Part, e Examination) (map[string]freshness, error) {
	out := map[string]freshness{}
	for i := range p.Items {
		it := &p.Items[i]
		arises := slices.ContainsFunc(e.Further, func(f Further) bool { return f.From == it.Code })
		if !p.since(it) || e.Verdicts[it.Code].Verdict != Correct && !arises {
			continue
		}
		laid := p.laid(it)
		if len(laid) == 0 {
			out[it.Now.ID] = freshness{whole: true, changed: true}
			continue
		}
		changed, err := s.differs(ctx, it, laid)
		if err != nil {
			return nil, err
		}
		out[it.Now.ID] = freshness{changed: changed}
	}
	return out, nil
}

// differs says whether a version has a file that none before had, or lacks one that the
// last before had. A file that was sent again under another name is the same. What an
// original on paper says no program knows: it may be new.
func (s *Service) differs(ctx context.Context, it *Item, laid []Version) (bool, error) {
	if it.Now.Original != "" {
		return true, nil
	}
	known := map[string]string{}
	same := func(a *Material, f files.File, b *Material, g files.File) (bool, error) {
		if f.Size != g.Size {
			return false, nil
		}
		var sums [2]string
		for i, one := range []struct {
			m *Material
			f files.File
		}{{a, f}, {b, g}} {
			if known[one.f.ID] == "" {
				sum, err := s.digestOf(ctx, one.m, one.f.ID)
				if err != nil {
					return false, err
				}
				known[one.f.ID] = sum
			}
			sums[i] = known[one.f.ID]
		}
		return sums[0] == sums[1], nil
	}
	among := func(m *Material, f files.File, versions []Version) (bool, error) {
		for i := range versions {
			for _, g := range versions[i].Files {
				if is, err := same(m, f, &versions[i].Material, g); is || err != nil {
					return is, err
				}
			}
		}
		return false, nil
	}
	for _, f := range it.Files {
		if was, err := among(it.Now, f, laid); !was || err != nil {
			return true, err
		}
	}
	now := []Version{{Material: *it.Now, Files: it.Files}}
	for _, f := range laid[0].Files {
		if still, err := among(&laid[0].Material, f, now); !still || err != nil {
			return true, err
		}
	}
	return false, nil
}

// place says where the fault in a material lies, of a notice after the unit has looked
// before; wrong statements are named lies.CODE.
func (p *Part) place(it *Item, said string, known map[string]freshness, c *fault.Check) string {
	if p.lookedAt() == nil {
		return ""
	}
	if it.arises != "" {
		return LiesNew
	}
	if !it.Given() {
		return LiesSeen // that it is not there could be seen
	}
	f := known[it.Now.ID]
	field := "lies." + it.Code
	switch {
	case f.whole:
		return LiesNew
	case !f.changed:
		c.That(said == "" || said == LiesSeen, field, "permit.lies.unchanged")
		return LiesSeen
	case said == LiesAsked:
		c.That(p.AskedBefore(it.Code), field, "permit.lies.not_asked")
	default:
		c.That(said == LiesNew || said == LiesSeen, field, "permit.lies.required")
	}
	return said
}

// again refuses what could be seen before, unless the head asks for it with a reason;
// it gives that reason, empty where none is needed.
func (p *Part) again(e Examination, wrong *faults) (string, error) {
	seen := slices.ContainsFunc(wrong.items, func(it *Item) bool { return it.lies == LiesSeen }) ||
		slices.ContainsFunc(wrong.answers, func(a NoticeAnswer) bool { return a.Lies == LiesSeen })
	if !seen {
		return "", nil
	}
	if err := p.View.May(access.PermitRenotice); err != nil {
		return "", fault.New(fault.Forbidden, "permit.again.head")
	}
	if text.Lines(e.Again) == "" {
		return "", fault.InvalidInput(fault.Field{Name: "again", Key: "permit.again.required"})
	}
	return text.Lines(e.Again), nil
}
