package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// clients is how many connections ask at once.
const clients = 16

// pages are what is asked of the product for an account, and the floor's own
// way to the same rows.
type page struct {
	name  string
	email string
	ours  func(numbers []string) target
	floor func(numbers []string) target
	goal  float64 // of the floor's rate
}

func get(lines ...string) target { return target{method: "GET", lines: lines} }

func each(prefix string, numbers []string) target {
	lines := make([]string, len(numbers))
	for i, n := range numbers {
		lines[i] = prefix + n
	}
	return get(lines...)
}

func filings() target {
	lines := make([]string, 500)
	for i := range lines {
		body, _ := json.Marshal(map[string]any{ // strings and numbers always encode
			"kind": "complaint", "matter_code": "street-light",
			"title":       fmt.Sprintf("The lamp outside number %d stays dark", i+1),
			"description": fmt.Sprintf("Since last week the street lamp in front of number %d has been out. Children walk past it on their way to evening class, and two people have stumbled over the kerb. Please send someone to look at the cable as well: the lamp flickered for days before it went out.", i+1),
			"location":    map[string]any{"district_code": "LJ0101"},
			"contact":     map[string]any{"name": fmt.Sprintf("Bench Resident %d", i), "phone": fmt.Sprintf("1380000%04d", i), "email": fmt.Sprintf("bench%d@example.org", i)},
			"locale":      "en"})
		lines[i] = string(body)
	}
	return target{method: "POST", path: "/api/v1/cases", lines: lines}
}

var pages = []page{
	{"open a case", "handler@demo.test",
		func(n []string) target { return each("/desk/cases/", n) },
		func(n []string) target { return each("/cases/", n) }, 0.40},
	{"queue of a section's handler", "handler@demo.test",
		func([]string) target { return get("/desk?limit=25") },
		func([]string) target { return get("/queue") }, 0.50},
	{"queue of a head of 30 units", "head@demo.test", // as many rows, by the simplest way to them
		func([]string) target { return get("/desk?limit=25") },
		func([]string) target { return get("/everything") }, 0.50},
	{"queue of the city's supervisor", "supervisor@demo.test",
		func([]string) target { return get("/desk?limit=25") },
		func([]string) target { return get("/everything") }, 0.50},
	// Last, for what is filed is then indexed, told and counted by the workers.
	{"file a case", "agent@demo.test",
		func([]string) target { return filings() },
		func([]string) target { t := filings(); t.path = "/cases"; return t }, 0.30},
}

// large is the database of a large hotline, whose work is measured too.
const large = 1

// loads compares product and floor over the same rows, few and many.
func (b *bench) loads(ctx context.Context) error {
	medians := map[string][2]figures{} // by page: over few and over many cases
	for i, size := range []struct {
		name  string
		cases int
	}{{"bench_few", b.few}, {"bench_many", b.many}} {
		if size.cases == 0 {
			continue
		}
		if err := b.over(ctx, size.name, size.cases, i, medians); err != nil {
			return err
		}
	}
	for _, p := range pages {
		m := medians[p.name]
		if p.ours(nil).method == "GET" && m[0].Requests > 0 && m[1].Requests > 0 {
			b.note(fmt.Sprintf("%s: time at %d cases ÷ time at %d", p.name, b.many, b.few), float64(m[1].P50)/float64(m[0].P50), "", atMost(1.5))
		}
	}
	return nil
}

// copied gives the floor a database with the same rows.
func (b *bench) copied(ctx context.Context, name string) error {
	copied := name + "_floor"
	if stands, err := b.stands(ctx, copied); err != nil || stands {
		return err
	}
	if err := b.recreate(ctx, copied, name); err != nil {
		return err
	}
	return b.at(ctx, copied, "VACUUM ANALYZE")
}

// over runs every page over one database, which it makes.
func (b *bench) over(ctx context.Context, name string, n, which int, medians map[string][2]figures) error {
	address, err := b.city(ctx, name, n)
	if err != nil {
		return err
	}
	if err := b.copied(ctx, name); err != nil {
		return err
	}
	ours, _, err := start(ctx, "product", "/readyz", b.env(address), b.program, "serve", "--demo")
	if err != nil {
		return err
	}
	defer ours.stop()
	floor, _, err := start(ctx, "floor", "/cases/none", nil, b.floor, "--database", b.database(name+"_floor"), "--unit", "CG03")
	if err != nil {
		return err
	}
	defer floor.stop()
	if err := b.at(ctx, name, widenHead); err != nil {
		return err
	}
	if err := b.settled(ctx, name); err != nil {
		return err
	}
	numbers, err := b.numbers(ctx, name, "CG03", 200)
	if err != nil {
		return err
	}
	for _, p := range pages {
		title := fmt.Sprintf("%s, %d cases", p.name, n)
		if !b.only.MatchString(title) {
			continue
		}
		m, err := b.compare(ctx, title, name, p, ours, floor, numbers)
		if err != nil {
			return err
		}
		both := medians[p.name]
		both[which] = m
		medians[p.name] = both
		if strings.HasPrefix(p.name, "queue") && which == large {
			b.steady(title, m)
		}
	}
	if err := b.permits(ctx, fmt.Sprintf("anybody checks a permit, %d cases", n), name, ours); err != nil {
		return err
	}
	if which == large {
		if err := b.casework(ctx, name, address, n, ours, numbers); err != nil {
			return err
		}
		if err := b.settled(ctx, name); err != nil { // what it left to the workers is no part of a report
			return err
		}
	}
	if title := fmt.Sprintf("performance report, %d cases", n); b.only.MatchString(title) {
		return b.reportPage(ctx, title, ours)
	}
	b.memory("after load", ours, 128)
	return nil
}

// compare runs floor and product in turn.
func (b *bench) compare(ctx context.Context, title, database string, p page, ours, floor *server, numbers []string) (figures, error) {
	mine, theirs := p.ours(numbers), p.floor(numbers)
	mine.server, theirs.server = ours, floor
	var err error
	if mine.cookie, err = signIn(ctx, ours, p.email); err != nil {
		return figures{}, err
	}
	theirs.cookie = "floor=" + floorCookie
	var a, z []figures
	for round := range b.rounds {
		f, err := b.warmed(ctx, theirs, round == 0)
		if err != nil {
			return figures{}, err
		}
		o, err := b.warmed(ctx, mine, round == 0)
		if err != nil {
			return figures{}, err
		}
		if mine.method == "POST" { // or the floor's next turn would pay for our workers
			if err := b.settled(ctx, database); err != nil {
				return figures{}, err
			}
		}
		z, a = append(z, f), append(a, o)
	}
	o, f := middle(a), middle(z)
	b.results = append(b.results, result{name: title, ours: &o, floor: &f, value: o.rate() / f.rate(), unit: "of the floor's rate", goal: atLeast(p.goal)},
		result{name: title + ", p99", value: float64(o.P99) / float64(f.P99), unit: "× the floor's p99", goal: atMost(3)})
	b.say("%s: %.2f of the floor", title, o.rate()/f.rate())
	return o, nil
}

// warmed loads a target after two seconds that do not count: they fill caches and
// open connections. Before every round of what writes they do so again, for the
// ANALYZE of settled has every connection plan its statements anew.
func (b *bench) warmed(ctx context.Context, t target, first bool) (figures, error) {
	if first || t.method == "POST" {
		if _, err := b.load(ctx, t, clients, 2*time.Second); err != nil {
			return figures{}, err
		}
	}
	return b.load(ctx, t, clients, b.seconds)
}

// reportPage times one official who opens the report again and again.
func (b *bench) reportPage(ctx context.Context, title string, s *server) error {
	cookie, err := signIn(ctx, s, "official@demo.test")
	if err != nil {
		return err
	}
	t := get("/insight/performance", "/insight/performance?group_by=district", "/insight/performance?group_by=matter", "/insight/performance?group_by=month")
	t.server, t.cookie = s, cookie
	f, err := b.load(ctx, t, 1, b.seconds)
	if err != nil {
		return err
	}
	b.results = append(b.results, result{name: title, ours: &f, value: float64(f.P50) / 1000, unit: "ms", goal: atMost(50)})
	b.memory("after load", s, 128)
	return nil
}
