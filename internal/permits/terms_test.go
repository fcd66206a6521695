package permits_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/document/documenttest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// lasting makes the type one of a permit for something that begins and ends.
func (w *town) lasting(validity string) *register.Service {
	r := w.withRegister()
	name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.En: s} }
	questions, err := catalogue.SchemaOf([]catalogue.Question{{Name: permittypes.EventBegins, Type: catalogue.QuestionDate, Title: name("第一天")},
		{Name: permittypes.EventEnds, Type: catalogue.QuestionDate, Title: name("最後一天"), Required: true}})
	require.NoError(w.t, err)
	w.law.Questions, w.law.Validity, w.law.RenewalWindow = questions, validity, 0
	return r
}

// asksFor sends an application for something from one day to another.
func (w *town) asksFor(who context.Context, begins, ends string) (id, no string) {
	w.t.Helper()
	a, err := w.Begin(who, "food")
	require.NoError(w.t, err)
	answers := map[string]any{permittypes.EventEnds: ends}
	if begins != "" {
		answers[permittypes.EventBegins] = begins
	}
	require.NoError(w.t, w.Answer(who, a.ID, a.Version, answers))
	w.attach(who, a.ID, "plan", "平面圖")
	w.attach(who, a.ID, "lease", "租約")
	r, err := w.Submit(who, a.ID, w.own(who, a.ID).Application.Version, signed, i18n.ZhHant)
	require.NoError(w.t, err)
	return a.ID, r.CaseNo
}

// TestAPermitBeginsWithWhatItAllows: valid from the first day that was applied for,
// never before the decision, and to the last day that was applied for or as long as the
// type says from there. The paper and the credential say the same.
func TestAPermitBeginsWithWhatItAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		system, r := actor.AsSystem(t.Context(), "test"), w.lasting("event")
		for name, c := range map[string]struct {
			validity, begins, ends string
			from, until            string
			stands                 register.State
		}{
			"later":              {"event", "2026-04-10", "2026-04-20", "2026-04-10", "2026-04-20", register.Future},
			"begun-already":      {"event", "2026-02-20", "2026-04-20", "2026-03-02", "2026-04-20", register.Valid},
			"today":              {"event", "2026-03-02", "2026-03-02", "2026-03-02", "2026-03-02", register.Valid},
			"nothing-was-said":   {"event", "", "2026-04-20", "2026-03-02", "2026-04-20", register.Valid},
			"as-long-as-allowed": {"9m", "2026-04-10", "2026-04-20", "2026-04-10", "2027-01-09", register.Future},
		} {
			w.law.Validity = c.validity
			ming := w.person(name)
			id, no := w.asksFor(ming, c.begins, c.ends)
			w.decided(handler, head, no)
			o := w.own(ming, id)
			require.Equal(t, date(t, c.from), *o.Decision.ValidFrom, name)
			require.Equal(t, date(t, c.until), *o.Decision.ValidUntil, name)
			p, err := r.ByNo(system, o.Decision.PermitNo)
			require.NoError(t, err)
			require.Equal(t, []any{date(t, c.from), date(t, c.until), c.stands}, []any{p.ValidFrom, *p.ValidUntil, p.On(r.Today())}, name)

			token, err := r.Credential(system, p)
			require.NoError(t, err)
			claims, err := r.ReadCredential(system, token)
			require.NoError(t, err)
			require.Equal(t, date(t, c.from).Start(r.Zone).Unix(), claims.NotBefore)
			require.Equal(t, date(t, c.from), claims.Permit.ValidFrom)
			for lang, label := range map[i18n.Lang]string{i18n.ZhHant: "有效期起", i18n.ZhHans: "有效期起", i18n.En: "Valid from"} {
				pdf, err := r.Print(system, register.Paper{Permit: p, Lang: lang, Holder: "王小明"})
				require.NoError(t, err)
				text := documenttest.Text(t, pdf)
				require.Contains(t, text, label+i18n.Format{Lang: lang}.Date(date(t, c.from).UTC()), name)
				require.Equal(t, c.stands == register.Future, containsAny(text, "還沒生效", "尚未生效", "not in force yet"), name)
			}
		}
	})
}

// TestDaysThatCannotBeAreNamedWhenApplying: by their field, before anything is sent,
// and once more when a draft that lay is sent after its last day.
func TestDaysThatCannotBeAreNamedWhenApplying(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.lasting("event")
		ming := w.person("ming")
		a, err := w.Begin(ming, "food")
		require.NoError(t, err)
		version := a.Version
		for _, c := range []struct{ begins, ends, key string }{
			{"2026-04-20", "2026-04-19", "permit.answer.ends_first"},
			{"2026-02-20", "2026-02-19", "permit.answer.ends_first"},
			{"2026-02-20", "2026-03-01", "permit.answer.ended"},
			{"", "2026-03-01", "permit.answer.ended"},
			{"2026-02-20", "2026-03-02", ""},
			{"2026-03-04", "2026-03-04", ""},
		} {
			answers := map[string]any{permittypes.EventEnds: c.ends}
			if c.begins != "" {
				answers[permittypes.EventBegins] = c.begins
			}
			err := w.Answer(ming, a.ID, version, answers)
			version++
			require.Equal(t, c.ends, w.own(ming, a.ID).Application.Answers[permittypes.EventEnds], "what was typed is kept")
			if c.key == "" {
				require.NoError(t, err, c)
				continue
			}
			e, ours := fault.As(err)
			require.True(t, ours && len(e.Fields) == 1, "%v: %v", c, err)
			require.Equal(t, []string{"answers.event_ends", c.key}, []string{e.Fields[0].Name, e.Fields[0].Key})
			for lang, words := range map[i18n.Lang][2]string{i18n.ZhHant: {"早於第一天", "已經過了"}, i18n.ZhHans: {"早于开始日期", "已经过去"}, i18n.En: {"before the first", "is over"}} {
				said := w.Words.T(lang, c.key, nil)
				require.True(t, containsAny(said, words[:]...), said)
			}
		}
		w.attach(ming, a.ID, "plan", "平面圖")
		w.attach(ming, a.ID, "lease", "租約")
		w.be(at(t, "2026-03-05"))
		_, err = w.Submit(ming, a.ID, w.own(ming, a.ID).Application.Version, signed, i18n.ZhHant)
		kind(t, fault.Invalid, err, "permit.answer.ended")
		w.be(at(t, "2026-03-04"))
		_, err = w.Submit(ming, a.ID, w.own(ming, a.ID).Application.Version, signed, i18n.ZhHant)
		require.NoError(t, err)
	})
}

// TestWhatIsOverIsNotGranted: neither drafted nor decided, and refusing it stays
// possible.
func TestWhatIsOverIsNotGranted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.lasting("event")
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.asksFor(ming, "2026-03-03", "2026-03-05")
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.cases.Act(handler, no, 0, cases.Assign{})
		require.NoError(t, err)
		grants := true
		w.be(at(t, "2026-03-05"))
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &grants})
		require.NoError(t, err, "its last day is not over")
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
		require.NoError(t, err)
		w.be(at(t, "2026-03-06"))
		_, err = w.Decide(handler, no, 0)
		kind(t, fault.Conflict, err, "permit.decide.ended")
		require.Equal(t, permits.Accepted, w.own(ming, id).Application.State)

		other, late := w.asksFor(w.person("hua"), "2026-03-06", "2026-03-06")
		_, err = w.Examine(handler, late, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		w.be(at(t, "2026-03-09"))
		_, err = w.cases.Act(handler, late, 0, cases.Assign{})
		require.NoError(t, err)
		_, err = w.DraftDecision(handler, late, 0, permits.Drafting{Grants: &grants})
		kind(t, fault.Conflict, err, "permit.decide.ended")
		decideNo := false
		_, err = w.DraftDecision(handler, late, 0, permits.Drafting{Grants: &decideNo, Reasons: "活動已經結束。"})
		require.NoError(t, err)
		require.NotEmpty(t, other)
	})
}

// TestAChangeHasTheDaysOfThePermit: they are filled in, its end stays, and it counts at
// once; a renewal of what lasts nine months begins when that ends, and nobody asks when,
// even where the type wants an answer.
func TestAChangeHasTheDaysOfThePermit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.lasting("event")
		w.law.Facts = []string{permittypes.EventBegins}
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.asksFor(ming, "2026-03-04", "2026-06-30")
		w.decided(handler, head, no)
		permit := w.own(ming, id).Decision.PermitNo
		was, err := r.ByNo(ming, permit)
		require.NoError(t, err)
		require.Equal(t, "2026-03-04", was.Particulars[permittypes.EventBegins])
		w.be(w.clock().Add(72 * time.Hour))
		a, err := w.About(ming, permit, permits.ForChange)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"begins": "2026-03-04", "event_ends": "2026-06-30"}, w.own(ming, a.ID).Application.Answers)
		w.attach(ming, a.ID, "plan", "新平面圖")
		receipt, err := w.Submit(ming, a.ID, w.own(ming, a.ID).Application.Version, signed, i18n.ZhHant)
		require.NoError(t, err)
		w.decided(handler, head, receipt.CaseNo)
		p, err := r.ByNo(ming, w.own(ming, a.ID).Decision.PermitNo)
		require.NoError(t, err)
		require.Equal(t, []any{date(t, "2026-03-05"), date(t, "2026-06-30")}, []any{p.ValidFrom, *p.ValidUntil})

		w.law.Validity, w.law.RenewalWindow = "9m", 366
		b, err := w.About(ming, p.PermitNo, permits.ForRenewal)
		require.NoError(t, err)
		o := w.own(ming, b.ID)
		require.Empty(t, o.Application.Answers)
		require.Len(t, o.Questions, 1)
		require.Equal(t, permittypes.EventEnds, o.Questions[0].Name)

		name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.En: s} }
		w.law.Questions, err = catalogue.SchemaOf([]catalogue.Question{{Name: permittypes.EventBegins, Type: catalogue.QuestionDate, Title: name("第一天"), Required: true},
			{Name: "seats", Type: catalogue.QuestionNumber, Title: name("座位"), Required: true}})
		require.NoError(t, err)
		kind(t, fault.Invalid, w.Answer(ming, b.ID, o.Application.Version, map[string]any{}), "answers.seats")
		o = w.own(ming, b.ID)
		require.NoError(t, w.Answer(ming, b.ID, o.Application.Version, map[string]any{"seats": 3}))
		fresh, err := w.Begin(w.person("hua"), "food")
		require.NoError(t, err)
		kind(t, fault.Invalid, w.Answer(w.citizens["hua"], fresh.ID, fresh.Version, map[string]any{"seats": 3}), "answers.begins")
		w.attach(ming, b.ID, "plan", "新平面圖")
		receipt, err = w.Submit(ming, b.ID, w.own(ming, b.ID).Application.Version, signed, i18n.ZhHant)
		require.NoError(t, err)
		part, err := w.Part(handler, receipt.CaseNo)
		require.NoError(t, err)
		require.Len(t, part.Questions, 1, "nor does the unit read an empty answer")
		w.decided(handler, head, receipt.CaseNo)
		next, err := r.ByNo(ming, w.own(ming, b.ID).Decision.PermitNo)
		require.NoError(t, err)
		require.Equal(t, date(t, "2026-07-01"), next.ValidFrom)
		require.Equal(t, "2026-07-01", next.Particulars[permittypes.EventBegins], "the permit says no day of the one before")
	})
}

// TestAnEventMayMoveBeforeItBegins: a permit that is not in force yet can be changed, and
// the new one begins no earlier.
func TestAnEventMayMoveBeforeItBegins(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.lasting("event")
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.asksFor(ming, "2026-04-10", "2026-04-20")
		w.decided(handler, head, no)
		a, err := w.About(ming, w.own(ming, id).Decision.PermitNo, permits.ForChange)
		require.NoError(t, err)
		w.attach(ming, a.ID, "plan", "新平面圖")
		receipt, err := w.Submit(ming, a.ID, w.own(ming, a.ID).Application.Version, signed, i18n.ZhHant)
		require.NoError(t, err)
		w.decided(handler, head, receipt.CaseNo)
		p, err := r.ByNo(ming, w.own(ming, a.ID).Decision.PermitNo)
		require.NoError(t, err)
		require.Equal(t, []any{date(t, "2026-04-10"), date(t, "2026-04-20")}, []any{p.ValidFrom, *p.ValidUntil})
	})
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(one string) bool { return strings.Contains(text, one) })
}
