package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// Decided brings applications for permits that were decided in the last year.
type Decided struct {
	Cases   *cases.Service
	Permits *permits.Service
	Types   *permittypes.Service

	r    *rand.Rand
	also *rand.Rand // of what was told beside, so that the rest of the year stays as it is
	snap *catalogue.Snapshot
	all  []permits.Past
}

// decidedTypes are the kinds of permits with how many of each were decided, how many
// days each takes, and what of its papers has to be corrected how often.
var decidedTypes = []struct {
	code    string
	n       int
	days    float64
	answers map[string]any
	correct map[string]float64
	doubted map[string]permits.Doubt // answers that half of those notices asked about too
}{
	{"outdoor-sign", 36, 6, map[string]any{"place": "湖濱路 88 號", "lit": false, "area": 4, "roof": false, "own_building": false}, map[string]float64{"drawing": 0.34, "consent": 0.22, "photo": 0.1},
		map[string]permits.Doubt{"area": {Reason: "面積和設計圖不一致，請按圖填寫。", Before: json.Number("2.5")}}},
	{"road-occupation", 34, 5, map[string]any{"digging": true, "carriageway": true}, map[string]float64{"plan": 0.3, "traffic": 0.2}, nil},
	{"tree-felling", 14, 9, map[string]any{"act": "fell"}, map[string]float64{"photo": 0.25}, nil},
}

// decidedReasons are why a paper had to be corrected.
var decidedReasons = []string{"沒有標明尺寸。", "照片看不清楚，請重拍。", "日期已過，請附最近三個月的。", "缺少簽名。"}

// Load writes the cases with their stories and the applications, in the open
// transaction, and gives them for what follows.
func (l *Decided) Load(ctx context.Context, holders []string, until time.Time) ([]permits.Past, error) {
	var err error
	if l.snap, err = l.Cases.Catalogue.Snapshot(ctx); err != nil {
		return nil, err
	}
	l.r, l.also = rand.New(rand.NewPCG(11, 4)), rand.New(rand.NewPCG(11, 5))
	total := int64(0)
	for _, d := range decidedTypes {
		total += int64(d.n)
	}
	seq, err := l.Cases.ReserveNumbers(ctx, total)
	if err != nil {
		return nil, err
	}
	var lives []cases.Life
	for _, d := range decidedTypes {
		t, err := l.Types.Type(ctx, d.code)
		if err != nil {
			return nil, err
		}
		for range d.n {
			life, past, err := l.one(ctx, t, seq, until)
			if err != nil {
				return nil, fmt.Errorf("invent an application for %s: %w", d.code, err)
			}
			seq++
			past.Answers, past.HolderID = d.answers, holders[l.r.IntN(len(holders))]
			life.Requester = past.HolderID
			l.corrections(past, d.correct)
			if len(past.Corrected) > 0 && l.also.Float64() < 0.5 {
				past.Doubted = d.doubted
			}
			lives, l.all = append(lives, *life), append(l.all, *past)
		}
	}
	if err := l.Cases.InsertLives(ctx, lives); err != nil {
		return nil, err
	}
	for i := range l.all {
		l.all[i].Case = &lives[i].Case
	}
	return l.all, l.Permits.Bring(ctx, l.all)
}

// corrections says what had to be corrected. Who is asked once is asked for all.
func (l *Decided) corrections(p *permits.Past, often map[string]float64) {
	p.Corrected = map[string]string{}
	for _, m := range p.Type.Needed(p.Answers) {
		if m.Required && m.HeldFrom == "" && l.r.Float64() < often[m.Code] {
			p.Corrected[m.Code] = pick(l.r, decidedReasons)
		}
	}
	if len(p.Corrected) > 0 {
		received := p.Case.ReceivedAt
		gap := p.AcceptedAt.Sub(received)
		p.NoticeAt, p.AnsweredAt = received.Add(gap/3).Truncate(time.Second), received.Add(gap*2/3).Truncate(time.Second)
	}
}

// one is the case of an application from its receipt to the decision.
func (l *Decided) one(ctx context.Context, t *permittypes.Type, seq int64, until time.Time) (*cases.Life, *permits.Past, error) {
	m, err := l.snap.Matter(t.MatterCode)
	if err != nil {
		return nil, nil, err
	}
	if m.UnitID == nil {
		return nil, nil, fmt.Errorf("the matter %s has no unit", m.Code)
	}
	u, err := l.snap.Unit(*m.UnitID)
	if err != nil {
		return nil, nil, err
	}
	cal, err := l.Cases.Clocks.Of(l.snap, u)
	if err != nil {
		return nil, nil, err
	}
	work := func(days int, from time.Time) time.Time {
		day := cal.AddWorkingDays(calendar.DateOf(from, cal.Zone()), days)
		return day.Start(cal.Zone()).Add(time.Duration(9*60+l.r.IntN(400)) * time.Minute).UTC()
	}
	received := work(0, until.Add(-time.Duration(45+l.r.IntN(300))*day))
	started, err := l.Cases.Clocks.Start(l.snap, u, m, false, received)
	if err != nil {
		return nil, nil, err
	}
	lang := pick(l.r, []i18n.Lang{i18n.ZhHant, i18n.ZhHant, i18n.ZhHans, i18n.En})
	on := calendar.DateOf(received, cal.Zone())
	source := fmt.Sprintf("decided-%d", seq)
	title := l.Permits.Words.T(lang, "permit.title", i18n.Args{"Type": t.Name.In(lang)})
	c := cases.Case{ID: db.NewID(received), CaseNo: l.Cases.MakeNumber(on.Year(), seq), Track: m.Track, Kind: cases.PermitApplication, Status: cases.Submitted,
		Confidentiality: cases.Normal, Channel: cases.ChannelWeb, Locale: string(lang), MatterID: &m.ID, MatterVersion: m.Version, UnitID: u.ID, Title: title, Description: t.Summary.In(lang),
		Answers: "{}", HandlingLimit: started.Limit, ReceivedAt: received, ReceivedOn: on, ResponseDueAt: &started.Response.Due, ResponseDueOn: &started.Response.On,
		DueAt: &started.Due.Due, DueOn: &started.Due.On, DueProvisional: started.Due.Provisional, CalendarVersion: started.Due.CalendarVersion, CodeGeneration: 1,
		CodeKey: l.Cases.Vault.CurrentKey(), Source: Source, SourceID: &source, CreatedAt: received}
	p := &permits.Past{Case: &c, Type: t, Zone: cal.Zone(), Grants: l.r.Float64() < 0.86}
	if !p.Grants {
		p.Reasons = "設置的位置會遮住號誌，不符合設置標準。"
	}
	if err := l.staff(ctx, p, u); err != nil {
		return nil, nil, err
	}
	return l.story(p, u, work), p, nil
}

// staff picks who handled it, and somebody else who signed.
func (l *Decided) staff(ctx context.Context, p *permits.Past, u *catalogue.Unit) error {
	handlers, err := l.Cases.Access.NearestIn(ctx, u.Path, "handler")
	if err != nil {
		return err
	}
	heads, err := l.Cases.Access.NearestIn(ctx, u.Path, "head", "supervisor")
	if err != nil || len(heads) == 0 {
		return err
	}
	p.ApprovedID = heads[0]
	for _, id := range slices.Concat(handlers, heads) {
		if p.ByID = id; id != p.ApprovedID {
			break
		}
	}
	return nil
}

// story tells what was done to the case, day by day.
func (l *Decided) story(p *permits.Past, u *catalogue.Unit, work func(int, time.Time) time.Time) *cases.Life {
	c := p.Case
	life := &cases.Life{}
	act := func(at time.Time, a cases.Action, to cases.Status, who string, public bool, data map[string]any) {
		kind := actor.Staff
		if who == "" {
			kind = actor.Anonymous
		}
		if data == nil {
			data = map[string]any{}
		}
		life.Events = append(life.Events, cases.LifeEvent{At: at, Action: a, From: c.Status, To: to, Actor: kind, AccountID: who, UnitID: u.ID, Public: public, Data: data})
		c.Status = to
	}
	act(c.ReceivedAt, cases.ActFile, cases.Submitted, "", true, nil)
	p.AcceptedAt = work(1+l.r.IntN(4), c.ReceivedAt)
	day := calendar.DateOf(p.AcceptedAt, p.Zone)
	c.ContactedAt, c.ContactedOn = &p.AcceptedAt, &day
	act(p.AcceptedAt, cases.ActAccept, cases.SignedIn, p.ByID, true, nil)
	c.HandlerID = db.Ref(p.ByID)
	act(p.AcceptedAt.Add(20*time.Minute), cases.ActAssign, cases.Handling, p.ByID, false, nil)
	from := p.AcceptedAt
	if l.r.Float64() < 0.22 { // an expert looks at it
		stops := work(1, from)
		from = work(3+l.r.IntN(6), stops)
		until := calendar.DateOf(from, p.Zone).Add(1)
		act(stops, cases.ActSuspend, c.Status, p.ByID, true, map[string]any{"reason": "expert", "until": until.String(), "old_due": c.DueAt.UTC().Format(time.RFC3339)})
		act(from, cases.ActResume, c.Status, p.ByID, true, nil)
	}
	replied := work(1+l.r.IntN(7), from)
	c.RepliedAt = &replied
	act(replied, cases.ActReply, cases.Replied, p.ByID, false, map[string]any{"review": true})
	key := map[bool]string{true: "permit.letter.grant", false: "permit.letter.refuse"}[p.Grants]
	life.Messages = append(life.Messages, cases.LifeMessage{Event: len(life.Events) - 1, Direction: "out", Kind: "reply", Published: true, AccountID: p.ByID, UnitID: u.ID,
		Text: l.Permits.Words.T(i18n.Lang(c.Locale), key, i18n.Args{"Type": p.Type.Name.In(i18n.Lang(c.Locale))}) + "\n\n" + p.Reasons})
	act(replied.Add(90*time.Minute), cases.ActReviewReply, cases.Reviewed, p.ApprovedID, true, map[string]any{"approved": true})
	p.DecidedAt = replied.Add(150 * time.Minute)
	outcome := map[bool]cases.Outcome{true: cases.Resolved, false: cases.NotSupported}[p.Grants]
	ended := calendar.DateOf(p.DecidedAt, p.Zone)
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.ConclusionNo = &p.DecidedAt, &ended, outcome, 1
	act(p.DecidedAt, cases.ActConclude, cases.Concluded, p.ByID, true, map[string]any{"outcome": outcome})
	life.Units = []cases.LifeUnit{{Unit: u, Role: "lead", Open: false, Status: cases.Concluded, HandlerID: c.HandlerID, Since: c.ReceivedAt}}
	life.Case = *c
	return life
}
