package outreach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	n, some, err := s.drawn(ctx, root, ids, args)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Size: count(n)}
	switch {
	case n == 0:
		e := &emptiness{s: s, ctx: ctx, w: w, r: r, lang: l}
		out.Nobody, err = e.parts("n", root)
	case n >= Few && p.Members():
		out.Sample, err = s.masked(ctx, some)
	}
	return out, err
}

// drawn counts the people of a definition and takes some of them by lot: the same ones each
// time it is looked at, others for another definition, and none because of when their record
// was made. The last twelve digits of an id are drawn at random (db.NewID); those are taken
// that come next from where the definition says to begin. People are read once for both, and
// never sorted whole.
func (s *Service) drawn(ctx context.Context, root *Node, ids string, args []any) (n int64, some []string, err error) {
	text, err := root.JSON()
	if err != nil {
		return 0, nil, err
	}
	begin := sha256.Sum256([]byte(text))
	const lot = "substr(CAST(r.id AS text), 25)"
	var rows []struct {
		ID string
		N  int64
	}
	// Made before anything is taken from it: for a few rows PostgreSQL would else plan as if it
	// could stop early, and read every case for each of them.
	err = s.DB.Reader(ctx).Raw("WITH r AS MATERIALIZED ("+ids+") SELECT r.id, (SELECT COUNT(*) FROM r) AS n FROM r ORDER BY CASE WHEN "+lot+" < ? THEN 1 ELSE 0 END, "+lot+", r.id LIMIT "+strconv.Itoa(sampleSize),
		append(slices.Clone(args), hex.EncodeToString(begin[:6]))...).Scan(&rows).Error
	if err != nil {
		return 0, nil, fail("count a definition", err)
	}
	for _, r := range rows {
		n, some = r.N, append(some, r.ID)
	}
	return n, some, nil
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
