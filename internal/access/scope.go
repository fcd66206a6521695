package access

import (
	"slices"
	"strconv"
	"strings"
)

// Object is what a verb is done on: the paths of the units that have to do
// with it, and of the units and the accounts of the people that it complains about.
type Object struct {
	UnitPaths       []string
	SubjectPaths    []string
	SubjectAccounts []string
}

// Scope is the things that a verb covers: everything, or what belongs to some
// unit subtrees, less what complains about units of the actor's own.
type Scope struct {
	Everything bool
	Prefixes   []string // unit paths, sorted, none within another
	Recused    []string // unit paths; what complains about one of them is left out
	Self       string   // account; what complains about this person is left out
	Named      bool     // and there is such a thing
}

// twoTrees says whether some things of the kind are whistle-blowers': cases, and
// reports, which count either those or all others.
func twoTrees(kind string) bool { return kind == "case" || kind == "report" }

// seal begins the unit paths of whistle-blowers' cases. It sorts behind every
// character of a unit's code.
const seal = "~"

// Sealed is the path under which a unit has whistle-blowers' cases: they stand in
// a tree of their own, which no scope over the tree of units reaches into.
func Sealed(path string) string { return seal + path }

// unsealed takes a path apart: that of the unit, and whether it is sealed.
func unsealed(path string) (string, bool) { return strings.CutPrefix(path, seal) }

// Open and Closed say whether a scope reaches cases at all that are not, and
// that are, of whistle-blowers.
func (sc Scope) Open() bool {
	return sc.Everything || len(sc.Prefixes) > 0 && !strings.HasPrefix(sc.Prefixes[0], seal)
}

// Closed is explained at Open.
func (sc Scope) Closed() bool {
	return sc.Everything || len(sc.Prefixes) > 0 && strings.HasPrefix(sc.Prefixes[len(sc.Prefixes)-1], seal)
}

// scopeOf is what the grants cover for a verb.
func (p *policy) scopeOf(grants []Grant, v Verb) Scope {
	var sc Scope
	var prefixes []string
	recused := false
	for _, g := range grants {
		for _, whistle := range []bool{false, true} {
			if whistle && !twoTrees(kindOf(v)) || !p.may(g.Role, v, Facts{Whistle: whistle}) {
				continue
			}
			path := g.UnitPath
			if whistle {
				path = Sealed(path)
			}
			prefixes = append(prefixes, path)
			recused = recused || !p.may(g.Role, v, Facts{Whistle: whistle, Recused: true})
		}
	}
	sc.Prefixes = disjoint(prefixes)
	if recused {
		sc.Recused, sc.Self = above(grants), grants[0].AccountID
		sc.Named = grants[0].Named
	}
	return sc
}

func disjoint(prefixes []string) []string {
	slices.Sort(prefixes)
	var out []string
	for _, p := range prefixes {
		if n := len(out); n == 0 || !strings.HasPrefix(p, out[n-1]) {
			out = append(out, p)
		}
	}
	return out
}

// above lists the units that the holder of the grants belongs to: those of the
// grants, that in which they work, and every unit above these, except the government as a whole, for a
// complaint about that must be handled by somebody inside it.
func above(grants []Grant) []string {
	var out []string
	add := func(path string) {
		for i := strings.IndexByte(path, '/') + 1; i < len(path); i++ {
			if path[i] == '/' {
				out = append(out, path[:i+1])
			}
		}
	}
	for _, g := range grants {
		add(g.UnitPath)
		if g.HomePath != nil {
			add(*g.HomePath)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Covers says whether a unit path is in the scope.
func (sc Scope) Covers(path string) bool {
	if sc.Everything {
		return true
	}
	i, found := slices.BinarySearch(sc.Prefixes, path)
	return found || i > 0 && strings.HasPrefix(path, sc.Prefixes[i-1])
}

// Allows says whether a thing is in the scope: one of its units is covered and
// it complains neither about the actor nor about a unit of theirs.
func (sc Scope) Allows(o Object) bool {
	if sc.Self != "" && slices.Contains(o.SubjectAccounts, sc.Self) {
		return false
	}
	for _, s := range o.SubjectPaths {
		if _, own := slices.BinarySearch(sc.Recused, s); own {
			return false
		}
	}
	return slices.ContainsFunc(o.UnitPaths, sc.Covers)
}

// Key is a text that is the same for the same scope.
func (sc Scope) Key() string {
	key := strconv.FormatBool(sc.Everything) + " " + strings.Join(sc.Prefixes, ",") + " " + strings.Join(sc.Recused, ",")
	if sc.Named {
		key += " " + sc.Self
	}
	return key
}

// Recuses says whether the scope leaves complaints out.
func (sc Scope) Recuses() bool { return len(sc.Recused) > 0 || sc.Named }

// Where is the scope as SQL over a column of unit paths. A path ends in "/",
// and "0" follows "/", so a subtree is a range of the sorted column. Recused
// is not in it: add WhereSubject and WherePerson where the thing may complain
// about a unit or a person.
func (sc Scope) Where(column string) (string, []any) {
	if sc.Everything {
		return "1 = 1", nil
	}
	if len(sc.Prefixes) == 0 {
		return "1 = 0", nil
	}
	parts := make([]string, 0, len(sc.Prefixes))
	args := make([]any, 0, 2*len(sc.Prefixes))
	for _, p := range sc.Prefixes {
		parts = append(parts, column+" >= ? AND "+column+" < ?")
		args = append(args, p, strings.TrimSuffix(p, "/")+"0")
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ")", args
	}
	return "((" + strings.Join(parts, ") OR (") + "))", args
}

// WhereSubject is the rest of the scope as SQL over the path of a unit that is
// complained about; true where the column is NULL.
func (sc Scope) WhereSubject(column string) (string, []any) {
	if len(sc.Recused) == 0 {
		return "1 = 1", nil
	}
	args := make([]any, len(sc.Recused))
	for i, p := range sc.Recused {
		args[i] = p
	}
	return "(" + column + " IS NULL OR " + column + " NOT IN (" + strings.Repeat(", ?", len(args))[2:] + "))", args
}

// WherePerson is what the scope says of the account of a person who is complained
// about; true where the column is NULL.
func (sc Scope) WherePerson(column string) (string, []any) {
	if !sc.Named {
		return "1 = 1", nil
	}
	return "(" + column + " IS NULL OR " + column + " <> ?)", []any{sc.Self}
}
