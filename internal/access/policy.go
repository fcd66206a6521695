package access

import (
	"bufio"
	"fmt"
	"io/fs"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// policy is casbin behind a table of verdicts: with a few roles and a few dozen
// verbs every answer is computed once, at the start.
type policy struct {
	allowed map[string]map[Verb]bool // by role
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
	p := &policy{allowed: map[string]map[Verb]bool{}}
	for _, role := range Roles {
		p.allowed[role] = map[Verb]bool{}
		for _, v := range Verbs {
			ok, err := e.Enforce(role, kindOf(v), string(v))
			p.allowed[role][v] = err == nil && ok // an error is a refusal
		}
	}
	return p, nil
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
		case strings.TrimSpace(parts[0]) == "p" && len(rule) == 4:
			_, err = e.AddPolicy(rule...)
		case strings.TrimSpace(parts[0]) == "g" && len(rule) == 2:
			_, err = e.AddGroupingPolicy(rule...)
		default:
			return fmt.Errorf("%s line %d: want p with four values or g with two", name, n)
		}
		if err != nil {
			return fmt.Errorf("%s line %d: %w", name, n, err)
		}
	}
	return lines.Err()
}

// may says whether any of the role's rules allows the verb.
func (p *policy) may(role string, v Verb) bool { return p.allowed[role][v] }
