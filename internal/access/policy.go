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
	mu       sync.RWMutex
	casbin   *casbin.Enforcer
	verdicts map[question]bool
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
	m, err := model.NewModelFromString(string(text))
	if err != nil {
		return nil, fmt.Errorf("read the access model: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("start casbin: %w", err)
	}
	for _, name := range []string{"policy.csv", "roles.csv"} {
		if err := loadRules(e, files, name); err != nil {
			return nil, err
		}
	}
	return &policy{casbin: e, verdicts: map[question]bool{}}, nil
}

func kindOf(v Verb) string {
	kind, _, _ := strings.Cut(string(v), ".")
	return kind
}

func loadRules(e *casbin.Enforcer, files fs.FS, name string) error {
	f, err := files.Open(name)
	if err != nil {
		return fmt.Errorf("read the access rules: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ",")
		rule := make([]any, 0, len(parts)-1)
		for _, p := range parts[1:] {
			rule = append(rule, strings.TrimSpace(p))
		}
		switch {
		case strings.TrimSpace(parts[0]) == "p" && len(rule) == 5:
			_, err = e.AddPolicy(rule...)
		case strings.TrimSpace(parts[0]) == "g" && len(rule) == 2:
			_, err = e.AddGroupingPolicy(rule...)
		default:
			return fmt.Errorf("%s line %d: want p with five values or g with two", name, n)
		}
		if err != nil {
			return fmt.Errorf("%s line %d: %w", name, n, err)
		}
	}
	return lines.Err()
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
