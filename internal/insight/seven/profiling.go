package seven

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/stats"
)

// profiling is P1: who is served and what they need.
func (r *reading) profiling() error {
	for _, one := range []func() error{r.served, r.needs, r.known, r.gaps} {
		if err := one(); err != nil {
			return err
		}
	}
	return nil
}

// keys are everybody, or whoever the page is of, first, and then all groups.
func (r *reading) keys() []string {
	out := []string{r.page.Group}
	for _, g := range r.page.Groups {
		if g.Key != r.page.Group {
			out = append(out, g.Key)
		}
	}
	return out
}

// served says how many of each group came, of how many there are.
func (r *reading) served() error {
	keys := r.keys()
	people, err := r.different(mPeople, keys)
	if err != nil {
		return err
	}
	cases, err := r.each(keys, mFiled)
	if err != nil {
		return err
	}
	filed := map[string]int64{}
	for _, k := range keys {
		filed[k] = r.total(cases[k][mFiled])
	}
	for figure, of := range map[string]func(string) int64{"penetration": func(k string) int64 { return people[k][""] }, "contact_rate": func(k string) int64 { return filed[k] }} {
		var lines, parts []Line
		var behind []int64
		for i, k := range keys {
			l := perMille(figure, k, of(k), r.input(Population, k, ""), figure == "contact_rate")
			if i == 0 {
				whole := l
				whole.Item = ""
				r.say(whole)
				if k == "" {
					continue
				}
			}
			if strings.HasPrefix(k, DistrictGroup) { // nobody lives in two
				parts, behind = append(parts, l), append(behind, of(k))
				continue
			}
			lines = append(lines, l)
		}
		protect(parts, behind)
		r.say(append(lines, parts...)...)
	}
	return nil
}

// needs says which matters a group brings more often than everybody.
func (r *reading) needs() error {
	if r.page.Group == "" {
		r.say(Line{Figure: "concentration", Note: "seven.note.choose_group"})
		return nil
	}
	own, err := r.sum(r.page.Group, mFiled)
	if err != nil {
		return err
	}
	every, err := r.sum("", mFiled)
	if err != nil {
		return err
	}
	mine, all := byMatter(own[mFiled]), byMatter(every[mFiled])
	var ns, n int64
	for _, c := range mine {
		ns += c
	}
	for _, c := range all {
		n += c
	}
	var lines []Line
	for matter, nsm := range mine {
		if r.page.Matter != "" && matter != r.page.Matter {
			continue
		}
		l := Line{Figure: "concentration", Item: matter}
		if few(nsm) {
			l.Suppressed = true
		} else if q, ok := stats.LocationQuotient(nsm, ns, all[matter], n); ok {
			l.Numerator, l.Denominator = whole(nsm), whole(ns)
			l.Value, l.Low, l.High, l.Marked = of(q.Value), of(q.Low), of(q.High), q.Marks(nsm)
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(deref(b.Value), deref(a.Value)), cmp.Compare(a.Item, b.Item))
	})
	whole := Line{Figure: "concentration", Note: "seven.note.none_marked"}
	if slices.ContainsFunc(lines, func(l Line) bool { return l.Marked }) {
		whole.Note = "seven.note.marked"
	}
	r.say(whole)
	r.say(lines...)
	return nil
}

func deref(x *float64) float64 {
	if x == nil {
		return -1
	}
	return *x
}

// byMatter adds up cases by matter, without those that have none.
func byMatter(of map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for item, n := range of {
		if matter, _, _ := strings.Cut(item, "|"); matter != "" {
			out[matter] += n
		}
	}
	return out
}

// known says how much of what is needed to serve people is verified and fresh, of
// those who came in the twelve months up to the last count.
func (r *reading) known() error {
	found := []struct {
		Measure, Item string
		N             int64
	}{}
	err := r.s.DB.Reader(r.ctx).Raw("SELECT measure, item, CAST(SUM(n) AS bigint) AS n FROM seven_cells WHERE group_key = ? AND measure IN ? AND unit_id = ? GROUP BY measure, item",
		r.page.Group, []string{mProfiled, mVerified}, r.page.Unit.ID).Scan(&found).Error
	if err != nil {
		return fail("read what is known of people", err)
	}
	var people int64
	for _, f := range found {
		if f.Measure == mProfiled {
			people = f.N
		}
	}
	whole := Line{Figure: "completeness"}
	var weights, got float64
	var lines []Line
	for _, field := range Fields {
		w := r.input(FieldWeight, field, "")
		if w == nil || w.Amount == 0 {
			lines = append(lines, Line{Figure: "completeness", Item: field, Note: "seven.note.no_purpose", Missing: []Need{{Kind: FieldWeight, Item: field}}})
			continue
		}
		var fresh int64
		for _, f := range found {
			if name, age, ok := strings.Cut(f.Item, "|"); ok && f.Measure == mVerified && name == field {
				if months, _ := strconv.ParseInt(age, 10, 64); months*100 <= w.Whole {
					fresh += f.N
				}
			}
		}
		lines = append(lines, share("completeness", field, fresh, people))
		weights, got = weights+w.Value(), got+w.Value()*float64(fresh)
	}
	switch {
	case few(people):
		whole.Suppressed = true
	case weights == 0:
		whole.Missing = []Need{{Kind: FieldWeight}}
	case people < stats.RateLeast:
		whole.Few = people > 0
	default:
		whole.Numerator, whole.Denominator = of(got), of(weights*float64(people))
		whole.Value = of(got / (weights * float64(people)))
	}
	r.say(whole)
	r.say(lines...)
	return nil
}

// gaps compare how groups fare.
func (r *reading) gaps() error {
	of, err := r.each(append([]string{""}, r.keys()...), mDue, mOnTime, mJudged, mSatisfied)
	if err != nil {
		return err
	}
	r.gap("gap_on_time", of, mOnTime, mDue)
	r.gap("gap_satisfaction", of, mSatisfied, mJudged)
	return nil
}

// gap says each group's rate, and best less worst: of segments where two can be
// compared, else of districts.
func (r *reading) gap(figure string, of map[string]counts, part, all string) {
	rates := map[string]stats.Rate{}
	for k, c := range of {
		rates[k] = stats.Rate{Numerator: r.total(c[part]), Denominator: r.total(c[all])}
	}
	everybody := rates[""]
	whole := Line{Figure: figure, Note: "seven.note.no_two"}
	for _, kind := range []string{SegmentGroup, DistrictGroup} {
		best, worst, n := "", "", 0
		for _, g := range r.page.Groups {
			if !strings.HasPrefix(g.Key, kind) || stats.ReliabilityOf(rates[g.Key].Denominator) == stats.TooFew {
				continue
			}
			if n++; n == 1 || rates[g.Key].Value() > rates[best].Value() {
				best = g.Key
			}
			if n == 1 || rates[g.Key].Value() < rates[worst].Value() {
				worst = g.Key
			}
		}
		if n >= 2 {
			whole = difference(figure, "", rates[best], rates[worst])
			whole.Note, whole.Part = "seven.note.gap", best+"|"+worst
			break
		}
	}
	r.say(whole)
	var lines []Line
	var behind []int64
	for _, g := range r.page.Groups {
		l := share(figure, g.Key, rates[g.Key].Numerator, rates[g.Key].Denominator)
		if l.Value != nil && everybody.Defined() && everybody.Numerator > 0 {
			l.Part = strconv.FormatFloat(*l.Value/everybody.Value(), 'f', 2, 64)
		}
		if strings.HasPrefix(g.Key, DistrictGroup) {
			lines, behind = append(lines, l), append(behind, rates[g.Key].Denominator)
			continue
		}
		r.say(l)
	}
	protect(lines, behind)
	r.say(lines...)
}
