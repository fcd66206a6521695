package portal

import (
	"slices"
	"strconv"
	"strings"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
)

// other stands for the matter of somebody who is not sure.
const other = "other"

// Steps of filing.
const (
	stepWhat      = "what"
	stepQuestions = "questions"
	stepWhere     = "where"
	stepWho       = "who"
	stepCheck     = "check"
	stepFiled     = "filed" // of a draft whose data is now its receipt
)

// sheet is what somebody has typed so far, as it was typed.
type sheet struct {
	Account     string // whose it is; a guest's is nobody's until they sign in
	Matter      string
	Kind        string
	Title       string
	Description string
	Danger      bool
	Answers     map[string][]string
	SubjectUnit string // code; who is complained about or reported
	SubjectName string
	Address     string
	District    string
	Lat, Lng    string
	For         string // forSelf, forOther, or empty before it was asked
	Behalf      string // the name of the other
	Relation    string
	Privacy     string
	Name        string
	Phone       string
	Email       string
	Channel     string          // by which staff heard of it; nobody else is asked
	Done        map[string]bool // steps that were filled in well
}

// turnTo makes the sheet one of another matter: the words stay, what only the
// old matter asked goes.
func (s *sheet) turnTo(matter string) {
	if s.Matter == matter {
		return
	}
	s.Matter, s.Kind, s.Answers = matter, "", nil
	s.Done = map[string]bool{stepWho: s.Done[stepWho]}
}

func (s *sheet) done(step string, ok bool) {
	if s.Done == nil {
		s.Done = map[string]bool{}
	}
	s.Done[step] = ok
}

// dangerQuestion is the question of some matters that the first step asks of
// everybody: its answer is taken from there.
const dangerQuestion = "danger_now"

func (s *sheet) answers(questions []catalogue.Question) map[string]any {
	return catalogue.Answers(questions, func(name string) []string {
		if name == dangerQuestion {
			return []string{strconv.FormatBool(s.Danger)}
		}
		return s.Answers[name]
	})
}

// filing is the sheet as a command.
func (s *sheet) filing(lang i18n.Lang, region string, questions []catalogue.Question) cases.Filing {
	f := cases.Filing{
		Kind: cases.Kind(s.Kind), Title: s.Title, Description: s.Description, Danger: s.Danger,
		Location:        cases.Location{Lat: degrees(s.Lat), Lng: degrees(s.Lng), Address: s.Address, DistrictCode: s.District},
		Confidentiality: cases.Confidentiality(s.Privacy), Locale: string(lang), Channel: cases.ChannelWeb,
	}
	if s.Matter != other {
		f.MatterCode = s.Matter
		f.Answers = s.answers(questions)
	}
	if accuses(f.Kind) {
		f.Subject = cases.Subject{UnitCode: s.SubjectUnit, Name: s.SubjectName}
	}
	if s.For == forOther {
		f.OnBehalfOf = cases.Behalf{Name: s.Behalf, Relation: s.Relation}
	}
	if f.Confidentiality != cases.AnonymousFiler {
		f.Contact = cases.Contact{Name: s.Name, Phone: dialled(s.Phone, region), Email: s.Email}
	}
	return f
}

// dialled writes a number with its country code; one that cannot be read stays
// as it was typed, to be named.
func dialled(number, region string) string {
	phone, err := idcode.ParsePhone(number, region)
	if err != nil {
		return number
	}
	if phone.Extension != "" {
		return phone.E164 + "#" + phone.Extension
	}
	return phone.E164
}

// degrees reads a coordinate that the map filled in; nobody types it.
func degrees(s string) *float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil
	}
	return &v
}

// firstKind is the kind that most people mean under a matter.
func firstKind(m *catalogue.Matter) cases.Kind {
	if kinds := kindsOf(m); len(kinds) > 0 {
		return kinds[0]
	}
	return ""
}

// kindsOf are the kinds that may be filed here, in the matter's own order.
func kindsOf(m *catalogue.Matter) []cases.Kind {
	if m == nil {
		return cases.Kinds
	}
	var list []cases.Kind
	for _, k := range m.Kinds {
		if slices.Contains(cases.Kinds, cases.Kind(k)) {
			list = append(list, cases.Kind(k))
		}
	}
	return list
}

// visible are the questions to ask, given the answers so far.
func visible(questions []catalogue.Question, answers map[string]any) []catalogue.Question {
	return slices.DeleteFunc(catalogue.ToAsk(questions, answers), func(q catalogue.Question) bool { return q.Name == dangerQuestion })
}

// stepsFor are the steps of a matter; a nil matter is not known yet.
func stepsFor(m *catalogue.Matter, questions []catalogue.Question) []string {
	steps := []string{stepWhat}
	if slices.ContainsFunc(questions, func(q catalogue.Question) bool { return q.Name != dangerQuestion }) {
		steps = append(steps, stepQuestions)
	}
	if m == nil || m.NeedsPlace {
		steps = append(steps, stepWhere)
	}
	return append(steps, stepWho, stepCheck)
}

// belongs says on which step the field of an error is asked.
func belongs(field string) string {
	switch {
	case strings.HasPrefix(field, "answers"):
		return stepQuestions
	case strings.HasPrefix(field, "location"):
		return stepWhere
	case strings.HasPrefix(field, "contact"), field == "channel", strings.HasPrefix(field, "on_behalf_of"), field == "confidentiality":
		return stepWho
	}
	return stepWhat
}
