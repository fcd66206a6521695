package nextstep

import (
	"slices"

	"minqing/internal/outreach"
)

// Kind is why a step is one.
type Kind string

// The kinds, in the order in which they are shown.
const (
	Due     Kind = "due"     // somebody waits for the person
	Expires Kind = "expires" // what the person holds ends
	Offered Kind = "offered" // help that may be theirs
)

// Kinds lists them.
var Kinds = []Kind{Due, Expires, Offered}

// Rule says when a step is shown. Its words are the messages next.CODE (a chip),
// next.CODE.rule (which steps these are), next.CODE.says (its title, where no case
// gives one), next.CODE.why (the rule as the person may check it) and next.CODE.until
// (when it goes away by itself); what it reads is next.reads.NAME.
type Rule struct {
	Code     string
	Kind     Kind
	Priority int      // the lowest first
	Reads    []string // every fact that it rests on, and no other
	Lasts    int      // days for which it is shown; 0: while its facts hold

	// Where it leads, when not to a case: a situation or a matter of the catalogue.
	Situation, Matter string

	// Fits is a definition in the language of segments, for rules on what people
	// told of themselves. It is asked for the purpose of offering help, so that it
	// can use no fact told for another.
	Fits string

	root *outreach.Node
}

// Codes of rules that pages know by name.
const (
	Speak    = "speak"    // something is intended against somebody, and they are heard first
	Pay      = "pay"      // fees that are owed
	Meet     = "duty"     // duties of permits that fall due or were missed
	Entitled = "entitled" // published benefits
)

// judgeDays is how long the home page asks for a judgement. Later it can still
// be given on the case's own page.
const judgeDays = 30

// Rules is the whole of it: nothing else puts a step before anybody. A rule may
// only offer or remind. None is read where a request is accepted, ordered or refused.
var Rules = []*Rule{
	{Code: Speak, Kind: Due, Priority: 8, Reads: []string{"applied", "held", "intended", "spoken", "speak_by"}},
	{Code: "answer", Kind: Due, Priority: 10, Reads: []string{"case", "status", "asked_on"}},
	{Code: Pay, Kind: Due, Priority: 12, Reads: []string{"fee", "paid", "pay_by"}},
	{Code: Meet, Kind: Due, Priority: 14, Reads: []string{"held", "duty", "handed_in", "meet_by"}},
	{Code: "read", Kind: Due, Priority: 20, Reads: []string{"case", "unread", "replied_on"}},
	{Code: "judge_again", Kind: Due, Priority: 30, Reads: []string{"case", "grade", "mended"}},
	{Code: "judge", Kind: Due, Priority: 40, Reads: []string{"case", "concluded_on", "unjudged"}, Lasts: judgeDays},
	{Code: "expires", Kind: Expires, Priority: 50, Reads: []string{"held", "ends_on"}},
	{Code: "offer", Kind: Offered, Priority: 60, Reads: []string{"offer", "answer_by"}},
	{Code: Entitled, Kind: Offered, Priority: 65, Reads: []string{"told", "benefit"}},
	{Code: "opening", Kind: Offered, Priority: 70, Reads: []string{"told"}, Situation: "opening-a-shop",
		Fits: `{"op":"all","of":[{"op":"cond","leaf":"kind","with":{"is":"enterprise"}},{"op":"any","of":[
 {"op":"cond","leaf":"stage","with":{"in":["set_up"]}},{"op":"cond","leaf":"established","with":{"within":90}}]}]}`},
	{Code: "older", Kind: Offered, Priority: 80, Reads: []string{"told"}, Situation: "caring-for-parents",
		Fits: `{"op":"all","of":[{"op":"cond","leaf":"kind","with":{"is":"person"}},{"op":"cond","leaf":"age","with":{"min":65}}]}`},
	{Code: "needs", Kind: Offered, Priority: 90, Reads: []string{"told"}, Matter: "barrier-free",
		Fits: `{"op":"all","of":[{"op":"cond","leaf":"kind","with":{"is":"person"}},{"op":"cond","leaf":"need","with":{"in":["step_free","home_visit"]}}]}`},
}

func init() {
	for _, r := range Rules {
		if r.Fits == "" {
			continue
		}
		root, err := outreach.Parse([]byte(r.Fits))
		if err != nil {
			panic("the rule " + r.Code + ": " + err.Error())
		}
		r.root = root
	}
}

// RuleOf finds a rule; nil when there is none.
func RuleOf(code string) *Rule {
	i := slices.IndexFunc(Rules, func(r *Rule) bool { return r.Code == code })
	if i < 0 {
		return nil
	}
	return Rules[i]
}

func (r *Rule) href() string {
	if r.Situation != "" {
		return "/matters?situation=" + r.Situation
	}
	return "/matters/" + r.Matter
}
