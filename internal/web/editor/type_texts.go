package editor

import (
	"cmp"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// textsPart is what a type is called and rests on, who may apply and who decides.
func textsPart(ref references) part[file] {
	return &single[file]{name: "texts", fields: []string{"code", "name", "summary", "legal", "law", "remedies", "audience", "matter"}, fill: func(s *sheet, f *file) {
		s.texts("name", &f.Name, 0)
		s.texts("summary", &f.Summary, 3)
		s.boxes("audience", &f.Audience, named("permittype.audience.", permittypes.ForEnterprise, permittypes.ForPerson))
		s.pick("matter", &f.MatterCode, orNone("permitedit.choose", ref.matters))
		s.texts("legal", &f.Legal, 3)
		law := cmp.Or(f.Law, permittypes.LawPRC)
		s.choose("law", &law, named("permittype.law.", permittypes.Laws...))
		if f.Law = law; law == permittypes.LawPRC { // which says so by saying nothing
			f.Law = ""
		}
		s.texts("remedies", &f.Remedies, 4)
		s.yes("withdrawn", &f.Withdrawn)
	}}
}

// limitsPart is how long everything takes, and how long the permit lasts.
func limitsPart() part[file] {
	fields := []string{"completeness", "statutory", "promised", "extension", "issue", "validity", "renewal_window", "quota"}
	return &single[file]{name: "limits", fields: fields, fill: func(s *sheet, f *file) {
		s.limit("completeness", &f.Completeness)
		counts := []calendar.Unit{calendar.WorkingDays, calendar.Days}
		if f.OfTaiwan() {
			counts = append(counts, calendar.Months)
		}
		s.limitIn("statutory", &f.Statutory, counts)
		s.limitIn("promised", &f.Promised, counts)
		s.limitIn("extension", &f.Extension, counts, optional)
		s.limit("issue", &f.Issue)
		s.term("validity", &f.Validity, []string{"", "event", "m", "y"})
		s.whole("renewal_window", &f.RenewalWindow)
		quota := int(f.Quota)
		s.whole("quota", &quota)
		f.Quota = int64(quota)
	}}
}

// factsPart are the answers that stand on the permit for everybody to see.
func factsPart() part[file] {
	return &single[file]{name: "facts", fields: []string{"facts"}, fill: func(s *sheet, f *file) {
		var all []web.Option
		for _, q := range f.Ask {
			all = append(all, web.Option{Value: q.Name, Words: web.Data(q.Title)})
		}
		was := slices.Clone(f.Facts)
		s.boxes("facts", &f.Facts, all)
		slices.SortStableFunc(f.Facts, func(a, b string) int { return rank(was, a) - rank(was, b) }) // a ticked box keeps its place
	}}
}

func rank(list []string, one string) int {
	if i := slices.Index(list, one); i >= 0 {
		return i
	}
	return len(list)
}
