package seven

import (
	"slices"
	"strings"

	"minqing/internal/stats"
)

// persistency is P2: whether people come back by choice, by the channel that they
// chose, and with trust.
func (r *reading) persistency() error {
	c, err := r.sum(r.page.Group, mCohort, mReturned, mClosed, mAgain, mDigital, mFellBack)
	if err != nil {
		return err
	}
	r.say(share("repeat_use", "", sumOf(c[mReturned]), sumOf(c[mCohort])))
	r.shares("recontact", c[mAgain], c[mClosed])
	if err := r.retention(); err != nil {
		return err
	}
	r.shares("fallback", c[mFellBack], c[mDigital])
	r.trust()
	r.stays()
	return r.consents()
}

func sumOf(of map[string]int64) (n int64) {
	for _, m := range of {
		n += m
	}
	return n
}

// retention says by which channel people came next: of each channel those who
// stayed with it, and then from each to each.
func (r *reading) retention() error {
	found, err := r.different(mNext, []string{r.page.Group})
	if err != nil {
		return err
	}
	from := map[string]int64{}
	to := map[string]map[string]int64{}
	for item, n := range found[r.page.Group] {
		a, b, _ := strings.Cut(item, ">")
		if to[a] == nil {
			to[a] = map[string]int64{}
		}
		from[a] += n
		to[a][b] += n
	}
	var stay, all int64
	for a, n := range from {
		stay, all = stay+to[a][a], all+n
	}
	r.say(share("retention", "", stay, all))
	for _, a := range largest(from) {
		r.say(share("retention", a, to[a][a], from[a]))
		var lines []Line
		var people []int64
		for _, b := range largest(to[a]) {
			l := share("retention", a, to[a][b], from[a])
			l.Part = b
			lines, people = append(lines, l), append(people, to[a][b])
		}
		protect(lines, people)
		r.say(lines...)
	}
	return nil
}

// quarters is how many of them a slope needs, and how many it takes at most.
const (
	quartersLeast = 6
	quartersMost  = 12
)

// trust says how the share of people who trust moves, from what was surveyed.
func (r *reading) trust() {
	var list []Input
	for _, in := range r.in { // the newest first
		if in.Kind == Trust && in.AsOf <= r.page.To && len(list) < quartersMost {
			list = append(list, in)
			r.used[in.ID] = in
		}
	}
	slices.Reverse(list)
	missing := []Need{{Kind: Trust}}
	slope, change := Line{Figure: "trust_slope"}, Line{Figure: "trust_change"}
	if len(list) < quartersLeast {
		slope.Missing, slope.Note = missing, "seven.note.quarters"
	} else {
		var x, y []float64
		for _, in := range list {
			x, y = append(x, float64(in.AsOf)/365.25), append(y, in.Value()/in.Of()*100)
		}
		slope.Value = of(stats.TheilSen(x, y))
		slope.Denominator = whole(int64(len(list)))
	}
	if len(list) < 2 {
		change.Missing = missing
	} else {
		rate := func(in Input) stats.Rate { return stats.Rate{Numerator: in.Amount / 100, Denominator: in.Whole / 100} }
		change = difference("trust_change", "", rate(list[len(list)-1]), rate(list[len(list)-2]))
	}
	r.say(slope, change)
}

func (r *reading) stays() {
	in := r.input(EnterpriseStay, "", "")
	if in == nil {
		r.say(Line{Figure: "enterprise_stay", Missing: []Need{{Kind: EnterpriseStay}}})
		return
	}
	r.say(share("enterprise_stay", "", in.Amount/100, in.Whole/100))
}

// consents says how many opt-ins at the beginning of the period were not withdrawn
// by its end. They are given to the government as a whole, so that only its page
// tells of them.
func (r *reading) consents() error {
	l := Line{Figure: "consent", Note: "seven.note.whole_government"}
	if r.all {
		var c struct{ Held, Kept int64 }
		err := r.s.DB.Reader(r.ctx).Raw("SELECT CAST(COALESCE(SUM(n), 0) AS bigint) AS held, CAST(COALESCE(SUM(CASE WHEN month > ? THEN n ELSE 0 END), 0) AS bigint) AS kept FROM seven_cells WHERE group_key = ? AND measure = ? AND month >= ? AND since < ?",
			firstOfMonth(r.page.To), r.page.Group, mConsent, r.page.From, r.page.From).Scan(&c).Error
		if err != nil {
			return fail("read how many consents were kept", err)
		}
		l = share("consent", "", c.Kept, c.Held)
	}
	r.say(l)
	return nil
}
