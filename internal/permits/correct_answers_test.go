package permits_test

import (
	"context"
	"io"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// branched makes the type ask more, where a kitchen is asked about further.
func branched(t *testing.T, w *town) {
	t.Helper()
	name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.En: s} }
	questions, err := catalogue.SchemaOf([]catalogue.Question{
		{Name: "seats", Type: catalogue.QuestionNumber, Title: name("座位"), Required: true},
		{Name: "shop", Type: catalogue.QuestionText, Title: name("店名"), Required: true},
		{Name: "form", Type: catalogue.QuestionChoice, Title: name("形式"), Required: true, Options: []catalogue.Option{{Value: "bar", Label: name("飲料")}, {Value: "kitchen", Label: name("熱食")}}},
		{Name: "hood", Type: catalogue.QuestionText, Title: name("抽油煙機"), Required: true, ShowIf: &catalogue.ShowIf{Question: "form", Values: []string{"kitchen"}}}})
	require.NoError(t, err)
	w.law.Questions = questions
	w.law.Materials = append(w.law.Materials, permittypes.Material{Code: "smoke", Name: name("油煙檢測"), Required: true, If: "form is kitchen"})
}

var opened = map[string]any{"seats": 20, "shop": "小喫", "form": "bar"}

// applied is an application with these answers and both papers.
func (w *town) applied(who context.Context, answers map[string]any) (id, caseNo string) {
	w.t.Helper()
	a, err := w.Begin(who, "food")
	require.NoError(w.t, err)
	require.NoError(w.t, w.Answer(who, a.ID, a.Version, answers))
	w.attach(who, a.ID, "plan", "平面圖")
	w.attach(who, a.ID, "lease", "租約")
	r, err := w.Submit(who, a.ID, w.own(who, a.ID).Application.Version, signed, i18n.ZhHant)
	require.NoError(w.t, err)
	return a.ID, r.CaseNo
}

func objecting(to map[string]string) permits.Examination {
	e := permits.Examination{Verdicts: fine("plan", "lease"), Answers: map[string]permits.Objection{}}
	for name, why := range to {
		e.Answers[name] = permits.Objection{Reason: why}
	}
	return e
}

func names(list []catalogue.Question) (out []string) {
	for _, q := range list {
		out = append(out, q.Name)
	}
	return out
}

// One notice asks for answers, each with its reason; just these can be corrected, and
// what follows from them; the old ones stay.
func TestAnswersAreCorrectedOneByOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		branched(t, w)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.applied(ming, opened)
		e := objecting(map[string]string{"form": "  ", "hood": "沒有問過。"})
		e.Due = "2026-03-16"
		_, err := w.Examine(handler, no, 0, e)
		require.ElementsMatch(t, []string{"why.form", "why.hood"}, wrongFields(t, err), "without a reason, and what was not asked")
		e = objecting(map[string]string{"form": "與平面圖不符。"})
		_, err = w.Examine(handler, no, 0, e)
		kind(t, fault.Invalid, err, "permit.due.required")
		e.Due = "2026-03-16"
		c, err := w.Examine(handler, no, 0, e)
		require.NoError(t, err)
		require.Equal(t, cases.NeedInfo, c.Status)

		o := w.own(ming, id)
		require.Equal(t, 1, o.Open().Count())
		require.Equal(t, []string{"form"}, names(o.Correction.Questions))
		require.Equal(t, "與平面圖不符。", o.Correction.Why("form"))
		kind(t, fault.Invalid, w.Corrected(ming, id, o.Application.Version), "permit.answers.waits")
		w.be(at(t, "2026-03-04"))
		err = w.CorrectAnswers(ming, id, o.Application.Version, map[string]any{"form": "kitchen", "shop": "改名", "seats": 900})
		require.Equal(t, []string{"answers.hood"}, wrongFields(t, err), "the new answer calls for another")
		kind(t, fault.Conflict, w.CorrectAnswers(ming, id, o.Application.Version, map[string]any{"form": "bar"}), "permit.changed")
		o = w.own(ming, id)
		require.Equal(t, []string{"form", "hood"}, names(o.Correction.Questions))
		require.Empty(t, o.Correction.Why("hood"))
		kind(t, fault.Invalid, w.Corrected(ming, id, o.Application.Version), "answers.hood")
		require.NoError(t, w.CorrectAnswers(ming, id, o.Application.Version, map[string]any{"hood": "兩臺"}))
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, "bar", p.Application.Answers["form"], "what is not sent yet is the applicant's alone")
		require.Len(t, p.Items, 3)

		o = w.own(ming, id)
		require.Equal(t, "smoke", o.Items[3].Code, "the new answer calls for a document too")
		require.NotEmpty(t, o.Items[3].Asked)
		kind(t, fault.Conflict, attachErr(w, ming, id, "plan"), "permit.material.settled")
		kind(t, fault.Invalid, w.Corrected(ming, id, o.Application.Version), "material.smoke")
		w.attach(ming, id, "smoke", "檢測報告")
		require.NoError(t, w.Corrected(ming, id, w.own(ming, id).Application.Version))

		p, err = w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"seats": 20.0, "shop": "小喫", "form": "kitchen", "hood": "兩臺"}, p.Application.Answers)
		require.Equal(t, permits.Submitted, p.Application.State)
		require.Equal(t, date(t, "2026-03-11"), p.AcceptBy.On, "the limit counts from the correction")
		require.Len(t, p.Changes, 2)
		require.Equal(t, []any{"form", "bar", "kitchen"}, []any{p.Changes[0].Name, p.Changes[0].Before, p.Changes[0].After})
		require.Equal(t, []any{"hood", nil, "兩臺"}, []any{p.Changes[1].Name, p.Changes[1].Before, p.Changes[1].After})
		require.Equal(t, "檢測報告", textOf(t, w, handler, no, p, "smoke"))
		require.Contains(t, saidIn(p.View), "形式, 抽油煙機", "the story says what changed")
		o = w.own(ming, id)
		require.Nil(t, o.Correction)
		require.Len(t, o.Changes, 2)
		kind(t, fault.Conflict, w.CorrectAnswers(ming, id, o.Application.Version, map[string]any{"form": "bar"}), "permit.sent")
		require.Zero(t, rows(t, d, "permit_notices WHERE answers_cipher IS NOT NULL"))

		stranger := w.person("stranger")
		kind(t, fault.NotFound, w.CorrectAnswers(stranger, id, o.Application.Version, map[string]any{"form": "bar"}), "permit.missing")
		held, err := w.Held(ming, []string{actor.From(ming).ConstituentID})
		require.NoError(t, err)
		require.Len(t, held[0].Changes, 2)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return w.Erase(ctx, []string{actor.From(ming).ConstituentID}) }))
		require.Equal(t, 2, rows(t, d, "permit_answer_changes WHERE before_cipher IS NULL AND after_cipher IS NULL"), "erased with who wrote them")
	})
}

// saidIn is all that the case says to the applicant and back.
func saidIn(v *cases.View) (all string) {
	for _, m := range v.Messages {
		all += m.Text + "\n"
	}
	return all
}

func textOf(t *testing.T, w *town, who context.Context, no string, p *permits.Part, code string) string {
	t.Helper()
	for _, it := range p.Items {
		if it.Code == code {
			content, err := w.File(who, no, it.Now.ID, it.Files[0].ID)
			require.NoError(t, err)
			defer content.Close()
			body, err := io.ReadAll(content)
			require.NoError(t, err)
			return string(body)
		}
	}
	return ""
}

// What could be seen in the answers when the unit looked before is the head's to ask for.
func TestAnswersAreAskedForOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		branched(t, w)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.applied(ming, opened)
		by := func(e permits.Examination) permits.Examination {
			e.Due = w.clock().AddDate(0, 0, 10).Format(time.DateOnly)
			return e
		}
		_, err := w.Examine(handler, no, 0, by(objecting(map[string]string{"shop": "與招牌不符。", "seats": "與平面圖不符。"})))
		require.NoError(t, err)
		w.be(w.clock().AddDate(0, 0, 1))
		require.NoError(t, w.CorrectAnswers(ming, id, w.own(ming, id).Application.Version, map[string]any{"shop": "大喫", "seats": 20}))
		require.NoError(t, w.Corrected(ming, id, w.own(ming, id).Application.Version), "the applicant may hold to an answer")

		_, err = w.Examine(handler, no, 0, by(objecting(map[string]string{"form": "這是熱食。"})))
		kind(t, fault.Forbidden, err, "permit.again.head")
		_, err = w.Examine(handler, no, 0, by(objecting(map[string]string{"seats": "還是不符。"})))
		kind(t, fault.Forbidden, err, "permit.again.head") // left as it was: nothing new
		_, err = w.Examine(head, no, 0, by(objecting(map[string]string{"form": "這是熱食。"})))
		kind(t, fault.Invalid, err, "again")
		again := by(objecting(map[string]string{"shop": "還是不符。"}))
		_, err = w.Examine(handler, no, 0, again)
		require.Equal(t, []string{"lies.answers.shop"}, wrongFields(t, err), "old or new?")
		wrong := by(objecting(map[string]string{"form": "這是熱食。"}))
		wrong.Answers["form"] = permits.Objection{Reason: "這是熱食。", Lies: permits.LiesNew}
		_, err = w.Examine(handler, no, 0, wrong)
		kind(t, fault.Invalid, err, "permit.lies.answer.unchanged")
		again.Answers["shop"] = permits.Objection{Reason: "還是不符。", Lies: permits.LiesAsked}
		_, err = w.Examine(handler, no, 0, again)
		require.NoError(t, err, "what was asked for is still not right")
		o := w.own(ming, id)
		require.Equal(t, permits.LiesAsked, o.Open().Answers[0].Lies)
		w.be(at(t, "2026-03-20")) // overdue: the refusal names the question
		_, err = w.Decline(handler, no, 0, permits.Refusal{Reason: permits.NotCorrected, Explanation: "依辦法須補正。"})
		require.NoError(t, err)
		require.Contains(t, w.own(ming, id).Declined.Reasons, "店名")
		late, _, err := w.LateCorrections(handler, "")
		require.NoError(t, err)
		require.Empty(t, late)
	})
}

// Art. 32 (3): a small mistake is corrected on the spot, when the applicant agrees.
func TestASmallMistakeIsCorrectedOnTheSpot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		branched(t, w)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.applied(ming, opened)
		by := w.own(ming, id).AcceptBy.On
		w.be(at(t, "2026-03-04"))
		spot := permits.OnTheSpot{Answers: map[string]any{"shop": "小吃", "seats": 20}, Agreed: "telephone", Who: "王小明"}
		for field, change := range map[string]func(o *permits.OnTheSpot){
			"agreed":       func(o *permits.OnTheSpot) { o.Agreed = "" },
			"who":          func(o *permits.OnTheSpot) { o.Who = " " },
			"answers":      func(o *permits.OnTheSpot) { o.Answers = map[string]any{"seats": 20} },
			"answers.shop": func(o *permits.OnTheSpot) { o.Answers["shop"] = nil },
			"answers.hood": func(o *permits.OnTheSpot) { o.Answers["form"] = "kitchen" },
		} {
			one := spot
			one.Answers = maps.Clone(spot.Answers)
			change(&one)
			_, err := w.CorrectOnTheSpot(handler, no, 0, one)
			require.Equal(t, []string{field}, wrongFields(t, err))
		}
		_, err := w.CorrectOnTheSpot(handler, no, 999, spot)
		kind(t, fault.Conflict, err, "case.changed")
		_, err = w.CorrectOnTheSpot(w.staff("elsewhere", "handler", "YJ01"), no, 0, spot)
		require.Error(t, err, "not of the unit")
		require.Zero(t, rows(t, d, "permit_answer_changes"))
		c, err := w.CorrectOnTheSpot(handler, no, 0, spot)
		require.NoError(t, err)
		require.Equal(t, cases.Submitted, c.Status)

		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, "小吃", p.Application.Answers["shop"])
		require.Equal(t, by, p.AcceptBy.On, "nothing was sent back: the limit runs on")
		require.Len(t, p.Changes, 1)
		ch := p.Changes[0]
		require.Equal(t, []any{"小喫", "小吃", "telephone", "王小明", actor.From(handler).AccountID}, []any{ch.Before, ch.After, ch.Agreed, ch.Who, *ch.ChangedByID})
		require.True(t, ch.ChangedAt.Equal(w.clock()))
		require.Contains(t, saidIn(p.View), "店名", "the applicant is told what")
		require.NotContains(t, saidIn(p.View), "王小明")
		require.Equal(t, 1, rows(t, d, "audit_entries WHERE action = 'permit.amend'"))
		require.Zero(t, rows(t, d, "permit_answer_changes WHERE agreed_cipher IS NULL"))

		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.CorrectOnTheSpot(handler, no, 0, permits.OnTheSpot{Answers: map[string]any{"shop": "大吃"}, Agreed: "present", Who: "王小明"})
		kind(t, fault.Conflict, err, "permit.not_now") // accepted
	})
}
