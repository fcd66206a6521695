package outreach

import (
	"context"
	"slices"
	"strconv"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
)

// Preview is what a definition would come to, for the actor as its owner.
type Preview struct {
	Size   Count
	Sample []constituents.View // masked; nothing for a small size or for planning
	Nobody []Part              // the parts that leave nobody, when the size is zero
}

// Part is a part of a definition that leaves nobody: alone, or together with
// others.
type Part struct {
	Paths []string
	Says  []string // in the language that was asked for
	Never bool     // its opposite holds for everybody of whom it is known
}

const sampleSize = 5

// Preview counts a definition without keeping anything.
func (s *Service) Preview(ctx context.Context, root *Node, p Purpose, l i18n.Lang) (Preview, error) {
	if err := s.Access.Can(ctx, access.SegmentWrite); err != nil {
		return Preview{}, err
	}
	w, err := s.world(ctx)
	if err != nil {
		return Preview{}, err
	}
	if err := s.allowed(ctx, w, root, p); err != nil {
		return Preview{}, err
	}
	r, err := s.reach(ctx, actor.From(ctx).AccountID)
	if err != nil {
		return Preview{}, err
	}
	ids, args := w.compile(root, r, nil).ids()
	var n int64
	if err := s.DB.Reader(ctx).Raw("SELECT COUNT(*) FROM ("+ids+") r", args...).Scan(&n).Error; err != nil {
		return Preview{}, fail("count a definition", err)
	}
	out := Preview{Size: count(n)}
	switch {
	case n == 0:
		e := &emptiness{s: s, ctx: ctx, w: w, r: r, lang: l}
		out.Nobody, err = e.parts("n", root)
	case n >= Few && p.Members():
		out.Sample, err = s.sample(ctx, ids, args)
	}
	return out, err
}

func (s *Service) sample(ctx context.Context, ids string, args []any) ([]constituents.View, error) {
	var some []string
	if err := s.DB.Reader(ctx).Raw("SELECT r.id FROM ("+ids+") r ORDER BY r.id LIMIT "+strconv.Itoa(sampleSize), args...).Scan(&some).Error; err != nil {
		return nil, fail("take a sample", err)
	}
	return s.masked(ctx, some)
}

// masked gives people as lists may show them, in the order of the ids.
func (s *Service) masked(ctx context.Context, ids []string) ([]constituents.View, error) {
	views, err := s.Constituents.MaskedAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]constituents.View, 0, len(ids))
	for _, id := range ids {
		v := views[id]
		v.Phone, v.Email, v.Address = "", "", "" // a list says who, not how to reach them
		out = append(out, v)
	}
	return out, nil
}

// Sentences says in every language what a definition means.
func (s *Service) Sentences(ctx context.Context, root *Node) (i18n.Text, error) {
	w, err := s.world(ctx)
	if err != nil {
		return nil, err
	}
	out := i18n.Text{}
	for _, l := range i18n.Langs {
		out[l] = s.sentence(w, l, root)
	}
	return out, nil
}

// emptiness looks for the parts of a definition that leave nobody.
type emptiness struct {
	s    *Service
	ctx  context.Context //nolint:containedctx // lives as long as one question
	w    world
	r    reach
	lang i18n.Lang
}

// anybody says whether a node holds for somebody.
func (e *emptiness) anybody(n *Node) (bool, error) {
	ids, args := e.w.compile(n, e.r, nil).ids()
	var found int
	err := e.s.DB.Reader(e.ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 AS one FROM ("+ids+") r LIMIT 1) q", args...).Scan(&found).Error
	return found > 0, db.Fault(err, "", "")
}

func (e *emptiness) part(paths []string, nodes ...*Node) Part {
	p := Part{Paths: paths, Never: len(nodes) == 1 && nodes[0].Op == Not}
	for _, n := range nodes {
		p.Says = append(p.Says, e.w.say(e.s.Words, e.lang, n, true))
	}
	return p
}

// parts explains a node that holds for nobody: by those of its parts that hold
// for nobody either, else by the fewest that do not go together.
func (e *emptiness) parts(path string, n *Node) (out []Part, err error) {
	if n.Op != All && n.Op != Any {
		return []Part{e.part([]string{path}, n)}, nil
	}
	for i, one := range n.Of {
		some := false
		if n.Op == All {
			if some, err = e.anybody(one); err != nil {
				return nil, err
			}
		}
		if some {
			continue
		}
		more, err := e.parts(path+"."+strconv.Itoa(i), one)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if len(out) > 0 {
		return out, nil
	}
	return e.together(path, n)
}

// together finds parts that hold for somebody each, and for nobody at once: it
// drops one after the other of those that are not needed for that.
func (e *emptiness) together(path string, n *Node) ([]Part, error) {
	kept := make([]int, len(n.Of))
	for i := range kept {
		kept[i] = i
	}
	pick := func(which []int) *Node {
		some := &Node{Op: All}
		for _, i := range which {
			some.Of = append(some.Of, n.Of[i])
		}
		return some
	}
	for i := len(n.Of) - 1; i >= 0 && len(kept) > 1; i-- {
		without := slices.DeleteFunc(slices.Clone(kept), func(k int) bool { return k == i })
		some, err := e.anybody(pick(without))
		if err != nil {
			return nil, err
		}
		if !some {
			kept = without
		}
	}
	var paths []string
	for _, i := range kept {
		paths = append(paths, path+"."+strconv.Itoa(i))
	}
	return []Part{e.part(paths, pick(kept).Of...)}, nil
}
