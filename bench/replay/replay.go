package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/exchange"
	"minqing/internal/text"
)

// pace says how the days go by.
type pace struct {
	every  time.Duration // the job that warns runs this often, and whenever something happens
	intake time.Duration // a message is accepted, dispatched, signed in and assigned this long after it came
}

// outcome is what became of a message, or what should have.
type outcome struct {
	age, left int               // working days since the receipt, and to the due time, when it was concluded
	ends      map[string]ending // by kind of clock
	onTime    string            // as the export says it
	warnings  []warning         // in the order of time
}

type ending struct {
	due   time.Time
	state string // met or late
}

// warning is one warning of a clock.
type warning struct {
	at    time.Time
	clock string
	level int
	due   time.Time
	to    string // who hears of it, sorted
}

// step is something that happens to a message.
type step struct {
	at    time.Time
	index int // of the message
	kind  int
}

const (
	files = iota
	takesIn
	replies
)

// taken is when a message is taken in: not after its reply.
func (p pace) taken(m message) time.Time {
	if at := m.created.Add(p.intake); at.Before(m.replied) {
		return at
	}
	return m.replied
}

// steps are what happens to all messages, in the order of time.
func (p pace) steps(list []message) (all []step) {
	for i, m := range list {
		all = append(all, step{m.created, i, files}, step{p.taken(m), i, takesIn}, step{m.replied, i, replies})
	}
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.kind, b.kind)) })
	return all
}

// replayed are the outcomes of all messages, in their order.
type replayed struct {
	town *town
	list []message
	pace pace

	cases map[int]*cases.Case
	index map[string]int // of messages, by the id of their case
	seen  []outcome
	runs  int // of the job that warns
}

// replay lets everything happen in the order of time.
func replay(ctx context.Context, w *town, list []message, p pace) (*replayed, error) {
	r := &replayed{town: w, list: list, pace: p, cases: map[int]*cases.Case{}, index: map[string]int{}, seen: make([]outcome, len(list))}
	open := 0
	for _, s := range p.steps(list) {
		for tick := w.at.Truncate(p.every).Add(p.every); open > 0 && tick.Before(s.at); tick = tick.Add(p.every) {
			if err := r.warn(ctx, tick); err != nil {
				return nil, err
			}
		}
		if err := r.warn(ctx, s.at); err != nil {
			return nil, err
		}
		if err := r.act(ctx, s); err != nil {
			return nil, fmt.Errorf("message %s of %s: %w", list[s.index].id, list[s.index].created.Format(time.DateTime), err)
		}
		switch s.kind {
		case files:
			open++
		case replies:
			open--
		}
	}
	return r, r.judge(ctx)
}

func (r *replayed) act(ctx context.Context, s step) error {
	m, w := r.list[s.index], r.town
	ctx = system(ctx)
	switch s.kind {
	case files:
		guest := actor.With(ctx, actor.Actor{Kind: actor.Anonymous})
		receipt, err := w.cases.File(guest, cases.Filing{Kind: cases.HelpRequest, MatterCode: m.promise.matter, Title: m.title, Description: m.text,
			Contact: cases.Contact{Name: "匿名"}, Confidentiality: cases.Normal, Locale: "zh-Hans", Channel: cases.ChannelWeb})
		if err != nil {
			return err
		}
		r.cases[s.index], r.index[receipt.CaseID] = &cases.Case{CaseNo: receipt.CaseNo}, s.index
		return nil
	case takesIn:
		return r.do(ctx, s.index, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: w.staff["handler "+m.promise.unit]})
	}
	left, err := w.cases.DaysLeft(ctx, r.cases[s.index])
	if err != nil {
		return err
	}
	r.seen[s.index].left = left
	return r.do(ctx, s.index, cases.Reply{Text: text.MaskFree(m.reply)}, cases.Conclude{Outcome: cases.Explained}) // a number of a person would be refused
}

func (r *replayed) do(ctx context.Context, index int, list ...cases.Command) error {
	for _, cmd := range list {
		c, err := r.town.cases.Act(ctx, r.cases[index].CaseNo, 0, cmd)
		if err != nil {
			return fmt.Errorf("%s: %w", cmd.Action(), err)
		}
		r.cases[index] = c
	}
	return nil
}

var jobText = map[db.Engine]string{db.SQLite: "json(args)", db.PostgreSQL: "args"}

// warn runs the job that warns at a time, and asks for each warning who hears of
// it, as the job that tells them does.
func (r *replayed) warn(ctx context.Context, at time.Time) error {
	w := r.town
	w.at, r.runs = at, r.runs+1
	ctx = system(ctx)
	if err := w.cases.Warn(ctx); err != nil {
		return err
	}
	var rows []struct {
		ID   int64
		Args string
	}
	err := w.db.From(ctx).Raw("SELECT id, CAST("+jobText[w.db.Engine()]+" AS TEXT) AS args FROM river_job WHERE kind = 'case.warned' AND id > ? ORDER BY id", w.told).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("read who is to be warned: %w", err)
	}
	for _, row := range rows {
		w.told = row.ID
		var one cases.Warned
		if err := json.Unmarshal([]byte(row.Args), &one); err != nil {
			return fmt.Errorf("read a warning: %w", err)
		}
		who, err := w.cases.Warnees(ctx, one)
		if err != nil {
			return err
		}
		for i, id := range who {
			who[i] = w.names[id]
		}
		slices.Sort(who)
		o := &r.seen[r.index[one.CaseID]]
		o.warnings = append(o.warnings, warning{at: at, clock: string(one.Clock), level: int(one.Level), due: time.Unix(one.DueUnix, 0), to: strings.Join(who, ", ")})
	}
	return nil
}

// judge reads what became of each case in the end.
func (r *replayed) judge(ctx context.Context) error {
	ctx = system(ctx)
	onTime, err := r.town.exported(ctx)
	if err != nil {
		return err
	}
	snap, err := r.town.cases.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	for i := range r.list {
		v, err := r.town.cases.View(ctx, r.cases[i].CaseNo)
		if err != nil {
			return err
		}
		unit, err := snap.Unit(v.UnitID)
		if err != nil {
			return err
		}
		cal, err := r.town.cases.Clocks.Of(snap, unit)
		if err != nil {
			return err
		}
		o := &r.seen[i]
		o.age, o.onTime, o.ends = cal.WorkingDaysBetween(v.ReceivedOn, calendar.DateOf(*v.ConcludedAt, cal.Zone())), onTime[v.CaseNo], map[string]ending{}
		for _, k := range []clocks.Kind{clocks.Acceptance, clocks.SignIn, clocks.Contact, clocks.Conclusion} {
			if one := v.Clock(k); one != nil && one.DueAt != nil {
				o.ends[string(k)] = ending{due: *one.DueAt, state: string(one.State)}
			}
		}
	}
	return nil
}

// exported is the column on_time of the export, by case number.
func (w *town) exported(ctx context.Context) (map[string]string, error) {
	var file bytes.Buffer
	if _, err := w.exchange.Export(ctx, exchange.TableCases, "csv", &file); err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the export: %w", err)
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	no, onTime := slices.Index(rows[0], "case_no"), slices.Index(rows[0], "on_time")
	said := map[string]string{}
	for _, row := range rows[1:] {
		said[row[no]] = row[onTime]
	}
	return said, nil
}
