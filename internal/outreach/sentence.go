package outreach

import (
	"slices"
	"strings"

	"minqing/internal/i18n"
)

// sentence says in words what a definition means. It says nothing of who may be
// counted: that is the owner's scope, which the page says beside.
func (s *Service) sentence(w world, l i18n.Lang, root *Node) string {
	key := "segment.sentence"
	if kind, rest := ofKind(root); rest != nil {
		key, root = key+"."+kind, rest
	}
	return s.Words.T(l, key, i18n.Args{"What": w.say(s.Words, l, root, true)})
}

// ofKind splits the condition off that everybody is a person, or an enterprise, of which
// the sentence speaks then; rest is nil where there is none, or nothing else.
func ofKind(root *Node) (kind string, rest *Node) {
	if root.Op != All || len(root.Of) < 2 {
		return "", nil
	}
	i := slices.IndexFunc(root.Of, func(n *Node) bool { return n.Op == Cond && n.Leaf == "kind" })
	if i < 0 || !slices.Contains([]string{"person", "enterprise"}, root.Of[i].With["is"].First()) {
		return "", nil
	}
	return root.Of[i].With["is"].First(), &Node{Op: All, Of: slices.Concat(root.Of[:i], root.Of[i+1:])}
}

// say writes a node; top says that no brackets are needed around it.
func (w world) say(b *i18n.Bundle, l i18n.Lang, n *Node, top bool) string {
	switch n.Op {
	case Cond:
		return w.sayLeaf(b, l, n)
	case Not:
		return b.T(l, "segment.not", i18n.Args{"What": w.say(b, l, n.Of[0], true)})
	}
	parts := make([]string, len(n.Of))
	for i, part := range n.Of {
		parts[i] = w.say(b, l, part, false)
	}
	said := strings.Join(parts, b.T(l, "segment.join."+string(n.Op), nil))
	if top || len(parts) == 1 {
		return said
	}
	return b.T(l, "segment.brackets", i18n.Args{"What": said})
}

// sayLeaf writes a condition with what it is narrowed by.
func (w world) sayLeaf(b *i18n.Bundle, l i18n.Lang, n *Node) string {
	leaf := LeafOf(n.Leaf)
	if leaf == nil {
		return n.Leaf
	}
	var pieces []string
	for _, p := range leaf.Params {
		v := n.With[p.Name]
		if v.First() == "" {
			continue
		}
		args := i18n.Args{"Value": w.listed(b, l, p, v)}
		if p.Type == Number {
			args["Count"] = number(v)
		}
		pieces = append(pieces, b.T(l, "segment.piece."+leaf.Kind+"."+p.Name, args))
	}
	return b.T(l, "segment.says."+leaf.Kind, i18n.Args{"Pieces": strings.Join(pieces, b.T(l, "segment.join.pieces", nil))})
}

// listed writes the values of a parameter as one text.
func (w world) listed(b *i18n.Bundle, l i18n.Lang, p Param, v Values) string {
	out := make([]string, len(v))
	for i, one := range v {
		out[i] = w.name(b, l, p, one)
	}
	return strings.Join(out, b.T(l, "segment.join.or", nil))
}

// name is what a value of a parameter is called.
func (w world) name(b *i18n.Bundle, l i18n.Lang, p Param, value string) string {
	switch p.Type {
	case Choice:
		return b.T(l, p.Words+value, nil)
	case Matter:
		if f := w.field(value); f != nil {
			return f.Name.In(l)
		}
		if m := w.matter(value); m != nil {
			return m.Name.In(l)
		}
	case District:
		if d := w.district(value); d != nil {
			return d.Name.In(l)
		}
	case Permit:
		if t := w.permit(value); t != nil {
			return t.Name.In(l)
		}
	}
	return value
}
