package outreach

import (
	"strconv"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
)

// Leaf is a condition that a definition may use: what it asks, for which purposes
// it may be asked, and the SQL that answers. Its words are the messages
// segment.leaf.KIND (a name), segment.says.KIND (in a sentence) and, for every
// parameter, segment.param.KIND.NAME and segment.piece.KIND.NAME.
type Leaf struct {
	Kind     string
	Section  string // of the list in the builder
	Params   []Param
	Purposes []Purpose
	Scoped   bool        // rests on cases or permits, so on what its owner may see of them
	Bare     bool        // means something without any parameter
	Reads    access.Verb // shows on a record the fact that it asks for; empty where everybody sees it who opens one
	Cost     int         // 1: one column of the person's row; more: a set is made first
	Check    func(c *fault.Check, path string, with map[string]Values)

	sql func(b *builder, with map[string]Values) cond
}

// The sections of the registry.
const (
	Person      = "person"
	Enterprise  = "enterprise"
	Cases       = "cases"
	Evaluations = "evaluations"
	Permits     = "permits"
)

// Sections lists them in the order of forms.
var Sections = []string{Person, Enterprise, Permits, Cases, Evaluations}

// LeafOf finds a condition; nil when there is none of that kind.
func LeafOf(kind string) *Leaf {
	for _, l := range Leaves {
		if l.Kind == kind {
			return l
		}
	}
	return nil
}

// Window is how many days back a condition on cases may look.
const Window = 1830

func days(required bool, initial string) Param {
	return Param{Name: "within", Type: Number, Required: required, Min: 1, Max: Window, Default: initial}
}

func atLeast(least int, initial string) Param {
	return Param{Name: "at_least", Type: Number, Min: least, Max: 1000, Default: initial}
}

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// ordered refuses a range that ends before it begins.
func ordered(low, high string) func(c *fault.Check, path string, with map[string]Values) {
	return func(c *fault.Check, path string, with map[string]Values) {
		from, err1 := strconv.Atoi(with[low].First())
		to, err2 := strconv.Atoi(with[high].First())
		c.That(err1 != nil || err2 != nil || from <= to, path+"."+high, "segment.param.reversed")
	}
}

var (
	matterParam   = Param{Name: "matter", Type: Matter, Many: true}
	districtParam = Param{Name: "district", Type: District, Many: true}
	kindParam     = Param{Name: "kind", Type: Choice, Many: true, Choices: names(cases.Kinds), Words: "case.kind."}
	channelParam  = Param{Name: "channel", Type: Choice, Many: true, Words: "case.channel.",
		Choices: []string{cases.ChannelWeb, cases.ChannelPhone, cases.ChannelCounter, cases.ChannelEmail, cases.ChannelAPI, cases.ChannelImport}}
	stateParam = Param{Name: "state", Type: Choice, Choices: []string{"open", "ended"}, Words: "segment.state."}
	worksParam = Param{Name: "works", Type: Choice, Choices: []string{"yes"}, Words: "segment.yesno."}
	lateParam  = Param{Name: "late", Type: Choice, Choices: []string{"yes", "no"}, Words: "segment.yesno."}
)

// Leaves is the registry, in the order in which the builder offers it.
var Leaves = []*Leaf{
	{Kind: "kind", Section: Person, Purposes: anyPurpose, Cost: 1, sql: kindSQL,
		Params: []Param{{Name: "is", Type: Choice, Required: true, Choices: []string{"person", "enterprise"}, Words: "segment.kind."}}},
	{Kind: "age", Section: Person, Purposes: reaching, Reads: access.RecordNeeds, Cost: 1, sql: ageSQL, Check: ordered("min", "max"),
		Params: []Param{{Name: "min", Type: Number, Max: 130, Default: "65"}, {Name: "max", Type: Number, Max: 130}}},
	{Kind: "district", Section: Person, Purposes: anyPurpose, Reads: access.RecordNeeds, Cost: 1, sql: districtSQL,
		Params: []Param{{Name: "in", Type: District, Required: true, Many: true}}},
	{Kind: "language", Section: Person, Purposes: anyPurpose, Cost: 1, sql: languageSQL,
		Params: []Param{{Name: "in", Type: Choice, Required: true, Many: true, Choices: []string{"zh-Hant", "zh-Hans", "en"}, Words: "segment.language."}}},
	{Kind: "need", Section: Person, Purposes: []Purpose{Offer, Notice}, Reads: access.RecordNeeds, Cost: 5, sql: needSQL,
		Params: []Param{{Name: "in", Type: Choice, Required: true, Many: true, Words: "segment.need.",
			Choices: []string{"large_type", "sign_language", "interpreter", "step_free", "phone_only", "home_visit", "easy_language"}}}},
	{Kind: "relation", Section: Person, Purposes: services, Reads: access.RecordRelations, Cost: 5, sql: relationSQL,
		Params: []Param{{Name: "is", Type: Choice, Required: true, Many: true, Words: "segment.relation.",
			Choices: []string{"member", "has_member", "guardian", "has_guardian", "agent", "has_agent", "household"}}}},
	{Kind: "stage", Section: Enterprise, Purposes: reaching, Reads: access.RecordNeeds, Cost: 1, sql: stageSQL,
		Params: []Param{{Name: "in", Type: Choice, Required: true, Many: true, Choices: []string{"set_up", "operating", "changing", "closing"}, Words: "segment.stage."}}},
	{Kind: "industry", Section: Enterprise, Purposes: reaching, Reads: access.RecordNeeds, Cost: 1, sql: industrySQL,
		Params: []Param{{Name: "is", Type: Word, Required: true}}},
	{Kind: "established", Section: Enterprise, Purposes: services, Reads: access.RecordNeeds, Cost: 1, sql: establishedSQL,
		Params: []Param{{Name: "within", Type: Number, Required: true, Min: 1, Max: 36600, Default: "90"}}},
	{Kind: "permits", Section: Permits, Purposes: anyPurpose, Scoped: true, Cost: 5, sql: permitsSQL, Params: permitParams},
	{Kind: "works", Section: Permits, Purposes: []Purpose{Notice, Planning}, Cost: 5, sql: worksSQL,
		Params: []Param{{Name: "soon", Type: Number, Required: true, Max: 365, Default: worksSoon}}},
	{Kind: "cases", Section: Cases, Purposes: anyPurpose, Scoped: true, Cost: 10, sql: casesSQL,
		Params: []Param{atLeast(1, "1"), days(true, "90"), matterParam, districtParam, kindParam, channelParam, stateParam, lateParam, worksParam}},
	{Kind: "repeated", Section: Cases, Purposes: mending, Scoped: true, Cost: 20, sql: repeatedSQL,
		Params: []Param{atLeast(2, "2"), days(true, "90"), matterParam, districtParam}},
	{Kind: "graded", Section: Evaluations, Purposes: mending, Scoped: true, Cost: 10, sql: gradedSQL, Check: ordered("min", "max"),
		Params: []Param{{Name: "min", Type: Number, Min: 1, Max: 5}, {Name: "max", Type: Number, Min: 1, Max: 5, Default: "2"}, days(true, "90"), matterParam,
			{Name: "contact", Type: Choice, Choices: []string{"none", "some"}, Words: "segment.contact."}}},
}
