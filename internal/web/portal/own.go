package portal

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

type ownPage struct{ Following }

type ownView struct {
	web.Page
	caseID    string
	CaseNo    string
	Steps     []web.Step
	Promise   *promise
	Stands    *web.Notice // the time limit is suspended
	NeedsInfo bool
	Asked     web.Notice  // what we want to know, above the answer
	Together  *web.Notice // it is handled with others
	Facts     []web.SummaryRow
	Messages  []turn
	Text      web.Field
	CanSay    bool
	Withdraw  *web.Field
	Appeal    *web.Field
	Renew     bool // a new query code can be had
	Judge     *judgeForm
	Judged    *web.Words
	Mending   *web.Words // what follows from a bad judgement
	What      string
	Voice     *ownVoice
}

// promise is by when we answer; a limit that ends with the day is told by its day.
type promise struct {
	At          time.Time
	WholeDay    bool
	Left        web.Chip
	Provisional bool
}

type turn struct {
	At   time.Time
	Mine bool
	By   web.Words
	Text string
}

func (p *ownPage) key(c *gin.Context) cases.Key {
	no := c.Param("case_no")
	return cases.Key{CaseNo: no, QueryCode: p.Kit.Kept(c, cookie.Code(no))} // without the cookie the account decides
}

func (p *ownPage) show(c *gin.Context) error {
	v, err := p.view(c)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		c.Redirect(303, p.otherWay(c))
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.read(c.Request.Context(), v.caseID); err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/own", v)
}

// otherWay leads on from a code that does not hold, perhaps because there is a
// newer one: who is signed in gets their case by the account, others type it.
func (p *ownPage) otherWay(c *gin.Context) string {
	k := p.key(c)
	if k.QueryCode != "" {
		p.Kit.Keep(c, cookie.Code(k.CaseNo), "")
		if actor.From(c.Request.Context()).ConstituentID != "" {
			return "/cases/" + url.PathEscape(k.CaseNo)
		}
	}
	return "/track?case_no=" + url.QueryEscape(k.CaseNo)
}

// read notes that the person who is signed in has seen what we told them of the
// case. A query code may be in other hands, so it notes nothing.
func (p *ownPage) read(ctx context.Context, caseID string) error {
	me, err := p.Cases.Constituents.Family(ctx, actor.From(ctx).ConstituentID)
	if err != nil || len(me) == 0 {
		return err
	}
	unopened, err := p.Notify.Unopened(ctx, me, notify.Kinds...)
	if err != nil || !slices.Contains(unopened, caseID) {
		return err // looking again writes nothing
	}
	return p.Notify.MarkRead(ctx, me, caseID)
}

func (p *ownPage) view(c *gin.Context) (*ownView, error) {
	ctx := c.Request.Context()
	one, err := p.Cases.Track(ctx, p.key(c))
	if err != nil {
		return nil, err
	}
	zone, err := p.Cases.Zone(ctx, &one.Case)
	if err != nil {
		return nil, err
	}
	v := &ownView{Page: p.Kit.Page(c, web.Plain(one.Title)), caseID: one.ID, CaseNo: one.CaseNo, What: one.Description}
	v.Steps = steps(one, i18n.Format{Lang: v.Lang, Zone: zone})
	if one.Status == cases.NeedInfo {
		v.NeedsInfo = true
		v.Asked = web.Notice{Tone: web.ToneDue, Title: web.Say("follow.need_info.title"), Words: web.Say("follow.need_info.words")}
		if one.AwaitsCorrection() && one.Track != catalogue.TrackPermit {
			v.Asked.Words = web.Say("follow.need_info.anew")
		}
	}
	if err := p.promise(ctx, v, one, zone); err != nil {
		return nil, err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	v.Stands, err = stands(one, snap, zone, p.Now())
	if err != nil {
		return nil, err
	}
	if one.Follows != "" {
		v.Together = &web.Notice{Tone: web.ToneInfo, Title: web.Say("follow.merged.title"), Words: web.Say("follow.merged.words")}
	}
	v.facts(one, snap)
	v.talk(one, snap)
	v.acts(one)
	if err := p.voice(ctx, v, one, snap); err != nil {
		return nil, err
	}
	return v, p.judge(ctx, v, one)
}

// steps are the five plain words, each with the day on which it was last
// reached. A case that was withdrawn or not accepted shows how far it came, and
// that end instead of the rest.
func steps(one *cases.View, f i18n.Format) []web.Step {
	now, far := one.Standing().Stage(), 1
	days := map[int]time.Time{1: one.ReceivedAt}
	for _, e := range one.Events {
		if e.FromStatus != e.ToStatus {
			stage := e.ToStatus.Stage()
			days[stage] = e.At
			if stage < 5 {
				far = max(far, stage)
			}
		}
	}
	cut := one.Status == cases.Withdrawn || one.Status == cases.NotAccepted || one.Status == cases.Transferred
	var list []web.Step
	for i := 1; i <= 5; i++ {
		if cut && i > far && i < 5 {
			continue
		}
		s := web.Step{Words: web.Say("case.stage." + string(rune('0'+i))), State: "next"}
		switch {
		case i < now:
			s.State = "past"
		case i == now:
			s.State = "now"
		}
		if at, ok := days[i]; ok && i <= now {
			s.Note = web.Plain(f.Day(at))
		}
		list = append(list, s)
	}
	if cut {
		list[len(list)-1].Words = web.Say("case.status." + string(one.Status))
	}
	return list
}

// promise says by when we answer, until we have.
func (p *ownPage) promise(ctx context.Context, v *ownView, one *cases.View, zone *time.Location) error {
	if one.DueAt == nil || one.Standing().Stage() >= 4 {
		return nil
	}
	left, err := p.Cases.DaysLeft(ctx, &one.Case)
	if err != nil {
		return err
	}
	chip := web.Chip{Tone: web.ToneInfo, Icon: "clock"}
	switch {
	case left < 0:
		chip = web.Chip{Tone: web.ToneOver}
	case left == 0:
		chip = web.Chip{Tone: web.ToneDue}
	}
	chip.Words.Key, chip.Words.Args = i18n.DaysLeft(left)
	at := one.DueAt.In(zone)
	v.Promise = &promise{At: *one.DueAt, WholeDay: at.Hour() == 23 && at.Minute() == 59, Left: chip, Provisional: one.DueProvisional}
	return nil
}

// stands says why the time limit is suspended, and until when.
func stands(one *cases.View, snap *catalogue.Snapshot, zone *time.Location, now time.Time) (*web.Notice, error) {
	if one.SuspendedUntil == nil {
		return nil, nil
	}
	t, err := snap.Suspension(one.Suspension)
	if err != nil {
		return nil, err
	}
	day := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		day[l] = i18n.Format{Lang: l}.Day(one.SuspendedUntil.UTC())
	}
	key := "follow.stands.words"
	if calendar.DateOf(now, zone) > *one.SuspendedUntil {
		key = "follow.stands.past"
	}
	return &web.Notice{Tone: web.ToneInfo, Title: web.Say("follow.stands.title"), Words: web.Say(key, "Why", t.Name, "Day", day)}, nil
}

func (v *ownView) facts(one *cases.View, snap *catalogue.Snapshot) {
	add := func(key string, w web.Words) { v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: w}) }
	add("follow.status", web.Say("case.status."+string(one.Status)))
	if one.Outcome != "" {
		add("follow.outcome", web.Say("case.outcome."+string(one.Outcome)))
	}
	if one.Appealed && slices.Contains([]cases.Status{cases.Concluded, cases.NotAccepted, cases.Merged}, one.Status) {
		add("follow.appealed", web.Say("follow.appealed.words"))
	}
	if one.AppealDeclined {
		add("follow.appealed", web.Say("follow.appealed.declined"))
	}
	if u, err := snap.Unit(one.UnitID); err == nil {
		add("follow.unit", web.Data(u.Name))
	}
	if !one.RouteReason.Empty() && !diverted(one) {
		add("follow.route", web.Data(one.RouteReason))
	}
	if one.MatterID != nil {
		if m, err := snap.Matter(*one.MatterID); err == nil {
			add("follow.matter", web.Data(m.Name))
		}
	}
	add("follow.kind", web.Say("case.kind."+string(one.Kind)))
	if one.Address != "" {
		add("follow.address", web.Plain(one.Address))
	}
	if one.Confidentiality != cases.Normal {
		add("follow.privacy", web.Say("case.confidentiality."+string(one.Confidentiality)))
	}
}

// diverted says whether the case was kept from the unit that it is about: the
// rule's reason then names that unit.
func diverted(one *cases.View) bool {
	return slices.ContainsFunc(one.Events, func(e cases.Event) bool { return e.Facts().Diverted })
}

func (v *ownView) talk(one *cases.View, snap *catalogue.Snapshot) {
	for _, m := range one.Messages {
		t := turn{At: m.At, Mine: m.Direction == "in", By: web.Say("follow.you"), Text: m.Text}
		if !t.Mine {
			t.By = web.Say("follow.government")
			if m.UnitID != nil {
				if u, err := snap.Unit(*m.UnitID); err == nil {
					t.By = web.Data(u.Name)
				}
			}
		}
		v.Messages = append(v.Messages, t)
	}
}

func (v *ownView) acts(one *cases.View) {
	v.Renew = slices.Contains(one.Actions, cases.ActRenewCode)
	v.CanSay = slices.Contains(one.Actions, cases.ActMessage)
	v.Text = web.Field{Name: "text", Label: web.Say("follow.say.label"), Rows: 5, Max: cases.TextMost}
	if v.NeedsInfo {
		v.Text.Label = web.Say("follow.answer.label")
	}
	if slices.Contains(one.Actions, cases.ActWithdraw) {
		v.Withdraw = &web.Field{Name: "withdraw_reason", Label: web.Say("follow.withdraw.reason"), Optional: true, Rows: 3, Max: cases.TextMost}
	}
	if slices.Contains(one.Actions, cases.ActAppeal) {
		v.Appeal = &web.Field{Name: "appeal_reason", Label: web.Say("follow.appeal.reason"), Rows: 4, Max: cases.TextMost}
	}
}

// judge offers the evaluation of a concluded case, or says that it was given.
func (p *ownPage) judge(ctx context.Context, v *ownView, one *cases.View) error {
	if !one.Status.Ended() {
		return nil
	}
	given, err := p.Satisfaction.Of(ctx, &one.Case)
	if err != nil {
		return err
	}
	if given != nil {
		w := web.Say("satisfaction.grade." + string(rune('0'+given.Grade)))
		v.Judged = &w
	}
	if one.Rectify.Owed() && one.RectifyDueAt != nil {
		zone, err := p.Cases.Zone(ctx, &one.Case)
		if err != nil {
			return err
		}
		key := "follow.judge.owed"
		if p.Now().After(*one.RectifyDueAt) {
			key = "follow.judge.late"
		}
		w := web.Say(key, "Day", i18n.Format{Lang: v.Lang}.Day(one.RectifyDueAt.In(zone)))
		v.Mending = &w
	} else if one.Rectify == cases.Mended {
		w := web.Say("follow.judge.again")
		v.Mending = &w
	}
	if one.Judging() == 0 {
		return nil
	}
	f := newJudgeForm(satisfaction.Judgement{})
	v.Judge = &f
	return nil
}
