package outreach

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/place"
)

// ParamType says what values a parameter takes.
type ParamType string

// The types of parameters.
const (
	Number   ParamType = "number"
	Choice   ParamType = "choice"   // of a list that the code has
	Matter   ParamType = "matter"   // codes of matters or of fields of matters
	District ParamType = "district" // codes of districts; what lies in one counts too
	Permit   ParamType = "permit"   // codes of permit types
	Word     ParamType = "word"     // a text, compared as it is
)

// Param is one parameter of a condition. What is not Required may be left out,
// and then does not narrow.
type Param struct {
	Name     string
	Type     ParamType
	Required bool
	Many     bool
	Min, Max int      // of a number
	Default  string   // what a form offers first
	Choices  []string // of a choice
	Words    string   // beginning of the message keys of the choices
}

// world is what definitions speak of as it stands: matters, districts, permit types,
// today.
type world struct {
	snap    *catalogue.Snapshot
	areas   *place.Map
	permits []permittypes.Type
	today   calendar.Date
	now     time.Time
	hashes  bool // what is joined is hashed
}

func (s *Service) world(ctx context.Context) (world, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return world{}, err
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return world{}, err
	}
	permits, err := s.PermitTypes.Known(ctx)
	now := s.Now().UTC().Truncate(time.Microsecond)
	return world{snap: snap, areas: areas, permits: permits, now: now, hashes: s.DB.Hashes(), today: calendar.DateOf(now, s.Zone)}, err
}

// check says what of a definition cannot be used, each part by its path, and what
// of it the purpose does not cover.
func (w world) check(root *Node, purpose Purpose) error {
	if err := root.shape(); err != nil {
		return err
	}
	var c fault.Check
	cost := 0
	root.each("n", 1, func(path string, _ int, n *Node) bool {
		if n.Op != Cond {
			return true
		}
		leaf := LeafOf(n.Leaf)
		if leaf == nil {
			c.That(false, path, "segment.leaf.unknown")
			return true
		}
		cost += leaf.Cost
		c.That(leaf.For(purpose), path, "segment.leaf.purpose", "Leaf", i18n.Key("segment.leaf."+leaf.Kind), "Purpose", i18n.Key("segment.purpose."+string(purpose)))
		w.values(&c, path, leaf, n.With)
		return true
	})
	c.That(cost <= CostMost, "definition", "segment.definition.cost", "Cost", cost, "Max", CostMost)
	return c.Err()
}

func (w world) values(c *fault.Check, path string, leaf *Leaf, with map[string]Values) {
	for name := range with {
		c.That(slices.ContainsFunc(leaf.Params, func(p Param) bool { return p.Name == name }), path, "segment.param.unknown")
	}
	given := 0
	for _, p := range leaf.Params {
		values := with[p.Name]
		at := path + "." + p.Name
		if len(values) == 0 || len(values) == 1 && values[0] == "" {
			c.That(!p.Required, at, "segment.param.required")
			continue
		}
		given++
		c.That(len(values) <= ValuesMost && (p.Many || len(values) == 1), at, "segment.param.many", "Max", ValuesMost)
		for _, v := range values {
			if key, pairs := w.value(p, v); key != "" {
				c.That(false, at, key, pairs...)
				break
			}
		}
	}
	named := slices.ContainsFunc(leaf.Params, func(p Param) bool { return p.Required }) // then it is said at that one
	c.That(given > 0 || named || len(leaf.Params) == 0 || leaf.Bare, path, "segment.param.none")
	if leaf.Check != nil && given > 0 {
		leaf.Check(c, path, with)
	}
}

// value gives the message that says why a value is none of the parameter's.
func (w world) value(p Param, v string) (key string, pairs []any) {
	if utf8.RuneCountInString(v) > valueMost {
		return "segment.param.choice", nil
	}
	ok := p.Type == Word && !strings.ContainsRune(v, 0)
	switch p.Type {
	case Number:
		n, err := strconv.Atoi(v)
		if err != nil || n < p.Min || n > p.Max || strconv.Itoa(n) != v {
			return "segment.param.number", []any{"Min", p.Min, "Max", p.Max}
		}
		ok = true
	case Choice:
		ok = slices.Contains(p.Choices, v)
	case Matter:
		ok = w.field(v) != nil || w.matter(v) != nil
	case District:
		ok = w.district(v) != nil
	case Permit:
		ok = w.permit(v) != nil
	}
	if !ok {
		return "segment.param.choice", nil
	}
	return "", nil
}

// field, matter, district and permit know codes only: an id in their place is none.
func (w world) field(code string) *catalogue.Field {
	if f, err := w.snap.Field(code); err == nil && f.Code == code {
		return f
	}
	return nil
}

func (w world) matter(code string) *catalogue.Matter {
	if m, err := w.snap.Matter(code); err == nil && m.Code == code {
		return m
	}
	return nil
}

func (w world) district(code string) *place.District {
	if d, err := w.areas.District(code); err == nil && d.Code == code {
		return d
	}
	return nil
}

func (w world) permit(code string) *permittypes.Type {
	if i := slices.IndexFunc(w.permits, func(t permittypes.Type) bool { return t.Code == code }); i >= 0 {
		return &w.permits[i]
	}
	return nil
}

// matters are the ids of the matters that the codes stand for, in their order.
func (w world) matters(codes Values) (ids []string) {
	for _, code := range codes {
		if f := w.field(code); f != nil {
			for _, m := range w.snap.Matters {
				if m.FieldID == f.ID {
					ids = append(ids, m.ID)
				}
			}
		} else if m := w.matter(code); m != nil {
			ids = append(ids, m.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// districts are those that the codes stand for, with all that lies in them.
func (w world) districts(codes Values) (ids, names []string) {
	for _, d := range w.areas.Districts {
		for _, around := range w.areas.Chain(d) {
			if slices.Contains(codes, around.Code) {
				ids, names = append(ids, d.ID), append(names, d.Code)
				break
			}
		}
	}
	return ids, names
}
