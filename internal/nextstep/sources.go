package nextstep

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/satisfaction"
)

// found are the steps of a rule on cases, on what is owed, on what ends, and on what
// was offered.
func (s *Service) found(ctx context.Context, r *Rule, me []string, list []cases.Case, unread []string) ([]Step, error) {
	switch r.Code {
	case "expires":
		return s.ending(ctx, me)
	case "offer":
		return s.offered(ctx, me)
	case "answer":
		return s.asked(ctx, list)
	case Speak:
		return s.sayings(ctx, me)
	case Pay:
		return s.unpaid(ctx)
	case Meet:
		return s.pressing(ctx, me)
	}
	var out []Step
	take := func(c *cases.Case) *Step {
		out = append(out, s.ofCase(c))
		return &out[len(out)-1]
	}
	switch r.Code {
	case "read":
		for i := range list {
			if c := &list[i]; slices.Contains(unread, c.ID) && c.Status != cases.NeedInfo {
				take(c).fact("replied_on", s.day(first(c.ConcludedAt, c.RepliedAt)))
			}
		}
	case "judge", "judge_again":
		unjudged := satisfaction.Unjudged(list)
		for i := range unjudged {
			c := &unjudged[i]
			switch round := c.Judging(); {
			case round == cases.Rounds && r.Code == "judge_again":
				step := take(c)
				step.Facts = append(step.Facts, Fact{Name: "grade", Value: strconv.FormatInt(c.Grade, 10)})
			case round == 1 && r.Code == "judge" && c.ConcludedAt != nil:
				step, day := take(c), s.day(c.ConcludedAt)
				step.fact("concluded_on", day)
				until := day.Add(r.Lasts)
				step.Until = &until
			}
		}
	}
	return out, nil
}

func (s *Service) ofCase(c *cases.Case) Step {
	return Step{Case: c, Title: c.Title, Href: "/cases/" + c.CaseNo, Facts: []Fact{{Name: "case", Value: c.CaseNo}}}
}

func (t *Step) fact(name string, d *calendar.Date) {
	if d != nil {
		t.Facts = append(t.Facts, Fact{Name: name, Day: d})
	}
}

func (s *Service) day(at *time.Time) *calendar.Date {
	if at == nil {
		return nil
	}
	d := calendar.DateOf(*at, s.Zone)
	return &d
}

func first(times ...*time.Time) *time.Time {
	for _, t := range times {
		if t != nil {
			return t
		}
	}
	return nil
}

// asked are the cases that wait for their requester, with the day of the question.
func (s *Service) asked(ctx context.Context, list []cases.Case) ([]Step, error) {
	var out []Step
	for i := range list {
		if list[i].Status == cases.NeedInfo {
			out = append(out, s.ofCase(&list[i]))
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	ids := make([]string, len(out))
	for i := range out {
		ids[i] = out[i].Case.ID
	}
	var rows []struct {
		CaseID string
		At     time.Time
	}
	err := s.DB.Reader(ctx).Raw(`SELECT e.case_id, e.at FROM case_events e WHERE e.case_id IN ? AND e.to_status = 'need_info' ORDER BY e.case_id, e.seq`, ids).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read when something was asked: %w", db.Fault(err, "", ""))
	}
	when := map[string]*time.Time{}
	for i := range rows {
		when[rows[i].CaseID] = &rows[i].At
	}
	for i := range out {
		out[i].fact("asked_on", s.day(when[out[i].Case.ID]))
	}
	return out, nil
}

func (s *Service) ending(ctx context.Context, me []string) ([]Step, error) {
	if s.Endings == nil {
		return nil, nil
	}
	list, err := s.Endings.Ending(ctx, me, calendar.DateOf(s.Now(), s.Zone).Add(soon))
	out := make([]Step, len(list))
	for i, e := range list {
		out[i] = Step{Text: e.Title, Href: e.Href, Until: &e.EndsOn, Facts: []Fact{{Name: "held", Value: e.No}, {Name: "ends_on", Day: &e.EndsOn}}}
	}
	return out, err
}

func (s *Service) offered(ctx context.Context, me []string) ([]Step, error) {
	if s.Offers == nil {
		return nil, nil
	}
	list, err := s.Offers.Waiting(ctx, me)
	out := make([]Step, len(list))
	for i, o := range list {
		out[i] = Step{Text: o.Title, Href: o.Href, Until: o.AnswerBy}
		out[i].fact("answer_by", o.AnswerBy)
	}
	return out, err
}

// entitled are the published benefits that may be theirs.
func (s *Service) entitled(ctx context.Context, l i18n.Lang) ([]Step, error) {
	if s.Benefits == nil {
		return nil, nil
	}
	list, err := s.Benefits.Entitled(ctx, l)
	out := make([]Step, len(list))
	for i, b := range list {
		out[i] = Step{Text: b.Name, Href: b.Href, Facts: []Fact{{Name: "whom", Value: b.Whom}}}
		for _, words := range b.Says {
			out[i].Facts = append(out[i].Facts, Fact{Name: "told", Value: words})
		}
	}
	return out, err
}

// known is the step of a rule on what the person told, if it holds.
func (s *Service) known(ctx context.Context, r *Rule, id string, l i18n.Lang) ([]Step, error) {
	if s.Known == nil {
		return nil, nil
	}
	holds, says, err := s.Known.Fits(ctx, id, r.root, l)
	if err != nil || !holds {
		return nil, err
	}
	step := Step{Href: r.href()}
	for _, words := range says {
		step.Facts = append(step.Facts, Fact{Name: "told", Value: words})
	}
	return []Step{step}, nil
}
