package permittypes

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Rule says for which answers something is wanted; the empty rule is "always".
//
//	rule = all { "or" all }
//	all  = one { "and" one }
//	one  = "not" one | "(" rule ")" | test
//	test = question                         yes was answered, or anything at all
//	     | question "is" ["not"] value      one answer was, or was not, chosen
//	     | question "in" "(" value { "," value } ")"
//	     | question ("<"|"<="|">"|">=") number
//
// Values are words, numbers, dates, yes, no, or anything in double quotes. A
// rule always has a result: a test of what was not answered does not hold.
type Rule string

// Bounds of a rule, so that it can be read by people and never costs much.
const (
	ruleLongest = 500 // characters
	ruleDeepest = 12  // levels of brackets and "not"
)

// RuleError says what is wrong with a rule and where.
type RuleError struct {
	At   int    // character from 1
	Key  string // message
	Text string // what stands there
}

// Error is for logs.
func (e *RuleError) Error() string { return e.Key + " at " + strconv.Itoa(e.At) + ": " + e.Text }

// Operators of tests.
const (
	opAnswered = ""
	opIs       = "is"
	opIsNot    = "is not"
	opIn       = "in"
)

// expr is a rule as a tree: "and" and "or" over several, "not" over one, or a test.
type expr struct {
	join     string // "and", "or", "not"; "" for a test
	parts    []*expr
	question string
	op       string
	values   []string
	at       int // where the question stands
	valueAt  []int
}

// Holds says whether the rule holds for the answers. A rule that cannot be
// read holds: asking for a paper too many is mended more easily than one too few.
func (r Rule) Holds(answers map[string]any) bool {
	e, err := r.parse()
	return err != nil || e == nil || e.holds(answers)
}

// Parse says what is wrong with the form of the rule, as a *RuleError.
func (r Rule) Parse() error {
	_, err := r.parse()
	return err
}

func (e *expr) holds(answers map[string]any) bool {
	switch e.join {
	case "and":
		return !slices.ContainsFunc(e.parts, func(p *expr) bool { return !p.holds(answers) })
	case "or":
		return slices.ContainsFunc(e.parts, func(p *expr) bool { return p.holds(answers) })
	case "not":
		return !e.parts[0].holds(answers)
	}
	given := answerTexts(answers[e.question])
	chosen := slices.ContainsFunc(given, func(v string) bool {
		return slices.ContainsFunc(e.values, func(w string) bool { return sameValue(v, w) })
	})
	switch e.op {
	case opAnswered:
		return len(given) > 0 && !(len(given) == 1 && (given[0] == "false" || given[0] == ""))
	case opIs, opIn:
		return chosen
	case opIsNot:
		return len(given) > 0 && !chosen
	}
	return len(given) == 1 && compare(given[0], e.op, e.values[0])
}

// sameValue takes yes for true, no for false and 5.0 for 5.
func sameValue(given, wanted string) bool {
	switch wanted {
	case "yes":
		wanted = "true"
	case "no":
		wanted = "false"
	}
	if given == wanted {
		return true
	}
	a, errA := strconv.ParseFloat(given, 64)
	b, errB := strconv.ParseFloat(wanted, 64)
	return errA == nil && errB == nil && a == b
}

// compare holds numbers against numbers, and dates, which sort as text, against dates.
func compare(given, op, wanted string) bool {
	order := strings.Compare(given, wanted)
	a, errA := strconv.ParseFloat(given, 64)
	b, errB := strconv.ParseFloat(wanted, 64)
	switch {
	case errA == nil && errB == nil && !math.IsNaN(a) && !math.IsNaN(b):
		order = 0
		if a < b {
			order = -1
		} else if a > b {
			order = 1
		}
	case !isDate(given) || !isDate(wanted):
		return false
	}
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func answerTexts(answer any) []string {
	switch v := answer.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{strconv.FormatBool(v)}
	case json.Number:
		return []string{v.String()}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	case int:
		return []string{strconv.Itoa(v)}
	case int64:
		return []string{strconv.FormatInt(v, 10)}
	case []string:
		return v
	case []any:
		var list []string
		for _, one := range v {
			list = append(list, answerTexts(one)...)
		}
		return list
	}
	return nil
}
