package permittypes

import (
	"strings"

	"minqing/internal/i18n"
)

// Guide leads by yes or no to what somebody needs. Its first question is where
// everybody begins.
type Guide struct {
	Questions []GuideQuestion `json:"questions" yaml:"questions"`
	Outcomes  []Outcome       `json:"outcomes" yaml:"outcomes"`
}

// GuideQuestion is answered by yes or no; each answer leads to another question
// or to an outcome, by code.
type GuideQuestion struct {
	Code string    `json:"code" yaml:"code"`
	Text i18n.Text `json:"text" yaml:"text"`
	Hint i18n.Text `json:"hint,omitempty" yaml:"hint,omitempty"`
	Yes  string    `json:"yes" yaml:"yes"`
	No   string    `json:"no" yaml:"no"`
}

// Outcome ends the guide: the permits that are needed, or none, and why.
type Outcome struct {
	Code  string    `json:"code" yaml:"code"`
	Needs []string  `json:"needs,omitempty" yaml:"needs,omitempty"` // codes of types; none: no permit is needed
	Why   i18n.Text `json:"why" yaml:"why"`
}

// Answered is a question of the guide with the answer given.
type Answered struct {
	Question *GuideQuestion
	Yes      bool
	Before   string // the answers before this one
}

// Path is how far the answers lead.
type Path struct {
	Answers string     // those that were used: "y" and "n", in order
	Trail   []Answered // what was answered
	Next    *GuideQuestion
	Outcome *Outcome // set when Next is nil, unless the guide is broken or empty
}

// Walk follows answers written as "y" and "n". What comes after a sign that is
// neither, or after the end, is not looked at.
func (g *Guide) Walk(answers string) Path {
	var p Path
	if len(g.Questions) == 0 {
		return p
	}
	p.Next = &g.Questions[0]
	for p.Next != nil && len(p.Trail) < len(answers) && len(p.Trail) < len(g.Questions) {
		a := answers[len(p.Trail)]
		if a != 'y' && a != 'n' {
			break
		}
		q := p.Next
		p.Trail = append(p.Trail, Answered{Question: q, Yes: a == 'y', Before: answers[:len(p.Trail)]})
		p.Answers = answers[:len(p.Trail)]
		to := q.No
		if a == 'y' {
			to = q.Yes
		}
		p.Next, p.Outcome = g.question(to), g.outcome(to)
	}
	return p
}

func (g *Guide) question(code string) *GuideQuestion {
	for i := range g.Questions {
		if g.Questions[i].Code == code {
			return &g.Questions[i]
		}
	}
	return nil
}

func (g *Guide) outcome(code string) *Outcome {
	for i := range g.Outcomes {
		if g.Outcomes[i].Code == code {
			return &g.Outcomes[i]
		}
	}
	return nil
}

// trouble says what is wrong with where the answers lead: a code that is
// missing or stands twice, a circle, or something that no answer leads to.
func (g *Guide) trouble() (at, key, code string) {
	seen := map[string]bool{}
	for _, q := range g.Questions {
		if seen[q.Code] {
			return "guide." + q.Code, "twice", q.Code
		}
		seen[q.Code] = true
	}
	for _, o := range g.Outcomes {
		if seen[o.Code] {
			return "guide." + o.Code, "twice", o.Code
		}
		seen[o.Code] = true
	}
	const open, done = 1, 2
	state := map[string]int{}
	var walk func(code, from string) (string, string, string)
	walk = func(code, from string) (string, string, string) {
		if !seen[code] {
			return "guide." + from, "nowhere", code
		}
		q := g.question(code)
		if state[code] == open {
			return "guide." + from, "circle", code
		}
		if q == nil || state[code] == done {
			state[code] = done
			return "", "", ""
		}
		state[code] = open
		for _, to := range []string{q.Yes, q.No} {
			if at, key, code := walk(to, q.Code); key != "" {
				return at, key, code
			}
		}
		state[code] = done
		return "", "", ""
	}
	if len(g.Questions) == 0 {
		return "guide", "empty", ""
	}
	if at, key, code := walk(g.Questions[0].Code, g.Questions[0].Code); key != "" {
		return at, key, strings.TrimSpace(code)
	}
	for _, q := range g.Questions {
		if state[q.Code] == 0 {
			return "guide." + q.Code, "unreached", q.Code
		}
	}
	for _, o := range g.Outcomes {
		if state[o.Code] == 0 {
			return "guide." + o.Code, "unreached", o.Code
		}
	}
	return "", "", ""
}
