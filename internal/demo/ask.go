package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
)

// Asking is somebody known who asks for something at a time.
type Asking struct {
	ConstituentID string
	At            time.Time
}

// Ask writes the cases in which people who are known ask for help in a matter. The
// same again adds nothing.
func (l *Loader) Ask(ctx context.Context, matter string, list []Asking) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Asking) int { return a.At.Compare(b.At) })
	own := *l
	own.Filers = map[string]Filer{}
	o := LoadOptions{Cases: len(list), Seed: askSeed, From: calendar.DateOf(list[0].At, time.UTC), To: calendar.DateOf(l.Cases.Now(), time.UTC)}
	r, err := own.begin(ctx, o)
	if err != nil {
		return 0, err
	}
	r.plan, r.fates = make([]arrival, len(list)), map[int]*fate{}
	for i, a := range list {
		own.Filers[a.ConstituentID] = Filer{ConstituentID: a.ConstituentID}
		r.plan[i].at = a.At.UTC().Truncate(time.Second)
		r.fates[i] = &fate{who: a.ConstituentID, matter: matter, kind: cases.HelpRequest, days: 1 + float64(i%4)}
	}
	n, err := r.all(ctx, 1)
	if err != nil {
		return n, fmt.Errorf("write who asks for %s: %w", matter, err)
	}
	return n, nil
}

// askSeed tells these cases from those of a load.
const askSeed = 1 << 20

// Takers are those who asked for what a campaign told of, within so many days:
// some of those told, and fewer of those held back, who thought of it themselves.
func Takers(began time.Time, days int, told, control []string) (list []Asking) {
	add := func(who string, n int) {
		// Most in the first days, by day.
		day := n * n * 7 % (days - 1) * (n%3 + 1) / 3
		list = append(list, Asking{ConstituentID: who, At: began.AddDate(0, 0, day).Add(time.Duration(60+n*37%600) * time.Minute)})
	}
	for n, who := range told {
		if n%20%3 == 0 {
			add(who, n)
		}
	}
	for n, who := range control {
		if n%7 == 2 {
			add(who, n)
		}
	}
	return list
}
