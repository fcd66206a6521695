package seven

import (
	"slices"
	"strings"

	"minqing/internal/calendar"
)

// value is P3: what a service costs both sides. It is told of matters and channels,
// never of a person.
func (r *reading) value() error {
	c, err := r.sum(r.page.Group, mCompleted, mFiled, mFailure, mFinished, mAtOnce)
	if err != nil {
		return err
	}
	cost := r.costs(c[mCompleted])
	burden := r.burdens(c[mCompleted])
	r.failures(c[mFiled], c[mFailure])
	r.avoidable(c[mFailure], cost)
	r.shares("first_contact", c[mAtOnce], c[mFinished])
	return r.net(burden)
}

// pot adds up money of cases whose inputs are known, and notes what is lacking for
// the others.
type pot struct {
	cases, all int64
	money      float64
	lacking    []Need
}

func (p *pot) put(n int64, each float64, lacking []Need) {
	p.all += n
	if len(lacking) > 0 {
		for _, one := range lacking {
			if !slices.Contains(p.lacking, one) {
				p.lacking = append(p.lacking, one)
			}
		}
		return
	}
	p.cases += n
	p.money += float64(n) * each
}

// each is the line of what one case comes to: the numerator is the sum, the
// denominator the cases that it is known of.
func (p *pot) each(figure, item string) Line {
	l := p.sum(figure, item)
	l.Value = nil
	if l.Numerator != nil {
		l.Value = of(p.money / float64(p.cases))
	}
	return l
}

// sum is the line of what all cases come to.
func (p *pot) sum(figure, item string) Line {
	l := Line{Figure: figure, Item: item, Missing: p.lacking}
	if few(p.all) || few(p.cases) || few(p.all-p.cases) && item == "" {
		return Line{Figure: figure, Item: item, Suppressed: true}
	}
	if len(p.lacking) > 0 && p.cases > 0 {
		l.Note = "seven.note.part_known"
	}
	if p.cases > 0 {
		l.Numerator, l.Denominator, l.Value = of(p.money), whole(p.cases), of(p.money)
	}
	return l
}

// need is the input's value, or a note that it is lacking.
func (r *reading) need(lacking *[]Need, k Kind, item, part string) float64 {
	in := r.input(k, item, part)
	if in == nil {
		*lacking = append(*lacking, Need{k, item, part})
		return 0
	}
	return in.Value()
}

// costOf is what a case of a matter by a channel costs the government: staff of
// each grade, the channel, and its share of everything else.
func (r *reading) costOf(matter, channel string) (cost float64, lacking []Need) {
	staffed := false
	for _, grade := range Grades {
		if in := r.input(StaffMinutes, matter, grade); in != nil {
			staffed = true
			if in.Amount > 0 {
				cost += in.Value() / 60 * r.need(&lacking, HourlyCost, grade, "")
			}
		}
	}
	if !staffed {
		lacking = append(lacking, Need{StaffMinutes, matter, Grades[0]})
	}
	cost += r.need(&lacking, ChannelCost, channel, "")
	cost += r.need(&lacking, Overhead, "", "")
	return cost, lacking
}

// costs says what completed cases cost, by matter and by channel, and gives what
// one of each matter and channel costs.
func (r *reading) costs(completed map[string]int64) func(matter, channel string) (float64, []Need) {
	all, matters, channels := &pot{}, map[string]*pot{}, map[string]*pot{}
	pots := func(of map[string]*pot, key string) *pot {
		if of[key] == nil {
			of[key] = &pot{}
		}
		return of[key]
	}
	for item, n := range completed {
		matter, channel, _ := strings.Cut(item, "|")
		if !r.covers(item) || matter == "" || channel == "offer" {
			continue
		}
		cost, lacking := r.costOf(matter, channel)
		for _, p := range []*pot{all, pots(matters, matter), pots(channels, channel)} {
			p.put(n, cost, lacking)
		}
	}
	r.eaches("cost_to_serve", all, matters)
	r.eaches("cost_by_channel", all, channels)
	return r.costOf
}

// eaches says what one case comes to, of all and of each item.
func (r *reading) eaches(figure string, all *pot, by map[string]*pot) {
	lines, people := items(figure, by, (*pot).each)
	total := protect(lines, people)
	head := all.each(figure, "")
	if total {
		head = Line{Figure: figure, Suppressed: true}
	}
	r.say(head)
	r.say(lines...)
}

func items(figure string, by map[string]*pot, say func(*pot, string, string) Line) (lines []Line, people []int64) {
	of := map[string]int64{}
	for item, p := range by {
		of[item] = p.all
	}
	for _, item := range largest(of) {
		lines = append(lines, say(by[item], figure, item))
		people = append(people, by[item].all)
	}
	return lines, people
}

// burdens says what a case comes to for who asks, before and after a service was
// changed, and gives what was saved. Who is granted a benefit unasked fills in
// nothing and goes nowhere.
func (r *reading) burdens(completed map[string]int64) *pot {
	all, saved := &pot{}, &pot{}
	now, gain := map[string]*pot{}, map[string]*pot{}
	for item, n := range completed {
		matter, channel, _ := strings.Cut(item, "|")
		if !r.covers(item) || matter == "" {
			continue
		}
		if now[matter] == nil {
			now[matter], gain[matter] = &pot{}, &pot{}
		}
		var lacking, before []Need
		burden := 0.0
		if channel != "offer" {
			burden = r.burdenOf(matter, &lacking)
		}
		was := r.need(&before, BaselineMinutes, matter, "")/60*r.need(&before, ValueOfTime, "", "") + r.need(&before, BaselinePocket, matter, "")
		before = append(before, lacking...)
		for _, p := range []*pot{all, now[matter]} {
			p.put(n, burden, lacking)
		}
		for _, p := range []*pot{saved, gain[matter]} {
			p.put(n, was-burden, before)
		}
	}
	r.eaches("burden", all, now)
	r.sums("burden_total", all, now)
	r.sums("time_saved", saved, gain)
	return saved
}

// burdenOf is what one case of a matter costs who asks, in time and money.
func (r *reading) burdenOf(matter string, lacking *[]Need) float64 {
	minutes := r.need(lacking, FormMinutes, matter, "") + r.need(lacking, TravelMinutes, matter, "") + r.need(lacking, WaitingMinutes, matter, "")
	return minutes/60*r.need(lacking, ValueOfTime, "", "") + r.need(lacking, OutOfPocket, matter, "")
}

func (r *reading) sums(figure string, all *pot, by map[string]*pot) {
	lines, people := items(figure, by, (*pot).sum)
	head := all.sum(figure, "")
	if protect(lines, people) {
		head = Line{Figure: figure, Suppressed: true}
	}
	r.say(head)
	r.say(lines...)
}

// Reasons are why a contact would not have been made had another gone well.
var Reasons = []string{Chaser, Correction, Repeat, Handling}

// failures says which share of contacts good handling would have spared. Contacts
// are cases, chasers and answers to what was asked for.
func (r *reading) failures(filed, failure map[string]int64) {
	by := r.by(failure, 2)
	contacts := r.total(filed) + by[Chaser] + by[Correction]
	head := share("failure", "", r.total(failure), contacts)
	var lines []Line
	var people []int64
	for _, reason := range Reasons {
		lines, people = append(lines, share("failure", reason, by[reason], contacts)), append(people, by[reason])
	}
	if protect(lines, people) {
		head = Line{Figure: "failure", Suppressed: true}
	}
	r.say(head)
	r.say(lines...)
}

// avoidable is what those contacts cost.
func (r *reading) avoidable(failure map[string]int64, cost func(matter, channel string) (float64, []Need)) {
	p := &pot{}
	for item, n := range failure {
		parts := strings.Split(item, "|")
		if len(parts) != 3 || !r.covers(item) || parts[0] == "" {
			continue
		}
		each, lacking := cost(parts[0], parts[1])
		p.put(n, each, lacking)
	}
	r.say(p.sum("avoidable_cost", ""))
}

// The parts of net value, the last one with its sign turned.
const (
	PartTime     = "time_saved"
	PartAgency   = "agency_saving"
	PartBenefits = "benefits"
	PartCost     = "incremental_cost"
)

// net adds up what a period was worth. Its parts are always told; where one is
// lacking there is no sum.
func (r *reading) net(saved *pot) error {
	months := float64(monthsBetween(r.page.From, r.page.To))
	parts := map[string]Line{PartTime: saved.sum("net_value", PartTime)}
	for part, k := range map[string]Kind{PartAgency: AgencySaving, PartCost: IncrementalCost} {
		l := Line{Figure: "net_value", Item: part}
		switch in := r.input(k, "", ""); {
		case !r.whole():
			l.Note = "seven.note.whole_government"
		case in == nil:
			l.Missing = []Need{{Kind: k}}
		default:
			l.Value = of(in.Value() * months)
		}
		parts[part] = l
	}
	benefits, err := r.benefits()
	if err != nil {
		return err
	}
	parts[PartBenefits] = benefits
	head, sum := Line{Figure: "net_value"}, 0.0
	ready := true
	for _, part := range []string{PartTime, PartAgency, PartBenefits, PartCost} {
		l := parts[part]
		head.Missing = append(head.Missing, l.Missing...)
		head.Suppressed = head.Suppressed || l.Suppressed
		if l.Value == nil {
			ready = false
			continue
		}
		if part == PartCost {
			sum -= *l.Value
		} else {
			sum += *l.Value
		}
	}
	switch {
	case ready && !head.Suppressed:
		head.Value = of(sum)
		if len(head.Missing) > 0 {
			head.Note = "seven.note.part_known"
		}
	case !r.whole():
		head.Note = "seven.note.whole_government"
	}
	r.say(head, parts[PartTime], parts[PartAgency], parts[PartBenefits], parts[PartCost])
	return nil
}

// whole says that the page is of the whole government and of everybody: what was
// saved and spent is entered for that alone.
func (r *reading) whole() bool { return r.all && r.page.Group == "" && r.page.Matter == "" }

func monthsBetween(from, to calendar.Date) int {
	y, m := from.YearMonth()
	y2, m2 := to.YearMonth()
	return (y2-y)*12 + int(m2-m) + 1
}

// benefits are what was granted in the period to people who did not have to ask:
// each grant with the amount of its benefit.
func (r *reading) benefits() (Line, error) {
	l := Line{Figure: "net_value", Item: PartBenefits}
	if r.page.Group != "" || r.page.Matter != "" {
		l.Note = "seven.note.whole_government"
		return l, nil
	}
	var c struct{ People, Amount int64 }
	err := r.s.DB.Reader(r.ctx).Raw(`SELECT COUNT(*) AS people, CAST(COALESCE(SUM(b.amount), 0) AS bigint) AS amount FROM offers o JOIN benefits b ON b.id = o.benefit_id JOIN units u ON u.id = b.unit_id
 WHERE o.state = 'granted' AND o.settled_at >= ? AND o.settled_at < ? AND u.path >= ? AND u.path < ?`,
		r.page.From.Start(r.s.Zone).UTC(), r.page.To.Add(1).Start(r.s.Zone).UTC(), r.page.Unit.Path, strings.TrimSuffix(r.page.Unit.Path, "/")+"0").Scan(&c).Error
	if err != nil {
		return l, fail("read what was granted", err)
	}
	if few(c.People) {
		return Line{Figure: "net_value", Item: PartBenefits, Suppressed: true}, nil
	}
	l.Denominator, l.Value = whole(c.People), of(float64(c.Amount))
	return l, nil
}
