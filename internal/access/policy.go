package access

import (
	"bufio"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// policy is casbin behind a table of verdicts. A verdict depends on the role,
// the verb and a few facts, so each is asked once and remembered.
type policy struct {
	model string
	lines []line // of policies/, in their order

	mu       sync.RWMutex
	casbin   *casbin.Enforcer
	verdicts map[question]bool
}

// line is a rule of policies/: p with five values or g with two.
type line struct {
	kind   string
	values []string
}

// question is what casbin is asked.
type question struct {
	role  string
	verb  Verb
	facts Facts
}

// Facts are what the conditions of policies/policy.csv may look at, as r.obj.
type Facts struct {
	Recused bool // the thing is a complaint about a unit of the actor's own
	Whistle bool // the thing is a whistle-blower's case
}

func loadPolicy(files fs.FS) (*policy, error) {
	text, err := fs.ReadFile(files, "model.conf")
	if err != nil {
		return nil, fmt.Errorf("read the access model: %w", err)
	}
	p := &policy{model: string(text)}
	for _, name := range []string{"policy.csv", "roles.csv"} {
		lines, err := readLines(files, name)
		if err != nil {
			return nil, err
		}
		p.lines = append(p.lines, lines...)
	}
	return p, p.change(nil)
}

func kindOf(v Verb) string {
	kind, _, _ := strings.Cut(string(v), ".")
	return kind
}

func readLines(files fs.FS, name string) (list []line, err error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the access rules: %w", err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		text := strings.TrimSpace(scan.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		values := strings.Split(text, ",")
		for i := range values {
			values[i] = strings.TrimSpace(values[i])
		}
		l := line{values[0], values[1:]}
		if l.kind == "p" && len(l.values) != 5 || l.kind == "g" && len(l.values) != 2 || l.kind != "p" && l.kind != "g" {
			return nil, fmt.Errorf("%s line %d: want p with five values or g with two", name, n)
		}
		list = append(list, l)
	}
	return list, scan.Err()
}

// change puts in force what policies/ says with the changes made to it, in the
// order in which they were decided.
func (p *policy) change(changes []RuleChange) error {
	m, err := model.NewModelFromString(p.model)
	if err != nil {
		return fmt.Errorf("read the access model: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return fmt.Errorf("start casbin: %w", err)
	}
	for _, l := range changed(p.lines, changes) {
		if l.kind == "p" {
			_, err = e.AddPolicy(l.values)
		} else {
			_, err = e.AddGroupingPolicy(l.values)
		}
		if err != nil {
			return fmt.Errorf("take a rule of access: %w", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.casbin, p.verdicts = e, map[question]bool{}
	return nil
}

// with is the policy as it would be with those changes.
func (p *policy) with(changes []RuleChange) (*policy, error) {
	other := &policy{model: p.model, lines: p.lines}
	return other, other.change(changes)
}

// may says whether the role's rules allow the verb under the facts. A rule that
// cannot be judged is a refusal: a missing attribute must never open a door.
func (p *policy) may(role string, v Verb, facts Facts) bool {
	q := question{role, v, facts}
	p.mu.RLock()
	verdict, known := p.verdicts[q]
	p.mu.RUnlock()
	if known {
		return verdict
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, err := p.casbin.Enforce(role, kindOf(v), string(v), facts)
	verdict = err == nil && ok
	p.verdicts[q] = verdict
	return verdict
}
