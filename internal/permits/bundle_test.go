package permits_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// opening brings a second permit, of another unit, and an event that wants both.
func opening(t *testing.T, w *town) {
	name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.En: s} }
	require.NoError(t, w.db.From(t.Context()).Exec(`UPDATE matters SET track = 'permit', kinds = '["permit_application"]', questions = '{}', needs_place = ? WHERE code = 'drain-blocked'`, false).Error)
	ask := func(list ...catalogue.Question) catalogue.Schema {
		q, err := catalogue.SchemaOf(list)
		require.NoError(t, err)
		return q
	}
	guide := func(code, needs string) permittypes.Guide {
		return permittypes.Guide{Questions: []permittypes.GuideQuestion{{Code: "open", Text: name(code), Yes: "yes", No: "no"}},
			Outcomes: []permittypes.Outcome{{Code: "yes", Needs: []string{needs}}, {Code: "no"}}}
	}
	place := catalogue.Question{Name: "place", Type: catalogue.QuestionText, Title: name("地點"), Required: true}
	fire := *w.law
	fire.Code, fire.MatterCode, fire.Guide, fire.Fees = "fire", "drain-blocked", guide("消防", "fire"), nil
	fire.Questions = ask(place)
	fire.Materials = []permittypes.Material{{Code: "system", Name: name("制度"), Required: true}, {Code: "contract", Name: name("契約"), Required: true, If: "place is 地下室"}}
	w.law.Guide = guide("餐飲", "food")
	w.law.Questions = ask(catalogue.Question{Name: "seats", Type: catalogue.QuestionNumber, Title: name("座位"), Required: true}, catalogue.Question{Name: "address", Type: catalogue.QuestionText, Title: name("地址"), Required: true})
	w.more = []*permittypes.Type{&fire}
	w.event = &permittypes.Event{Code: "restaurant", Version: 1, Name: name("開餐館"),
		Conditions: []permittypes.Condition{{Code: "opens", Text: name("要開嗎？")}},
		Types:      []permittypes.EventType{{Code: "food", Known: map[string]string{"open": "opens"}}, {Code: "fire", Known: map[string]string{"open": "opens"}}},
		Questions:  []permittypes.Same{{Key: "where", Of: map[string]string{"food": "address", "fire": "place"}}},
		Materials: []permittypes.Same{{Key: "plans", Of: map[string]string{"food": "plan", "fire": "system"}},
			{Key: "lease", Of: map[string]string{"food": "lease", "fire": "contract"}}}}
}

func bundle(t *testing.T, w *town, ctx context.Context) *permits.OwnBundle {
	t.Helper()
	b, err := w.BeginBundle(ctx, "restaurant", "1.1.1", "y")
	require.NoError(t, err)
	o, err := w.BundleOf(ctx, b.ID)
	require.NoError(t, err)
	return o
}

// Two permits in one go: asked once, given once, sent whole, and then each on its own.
func TestABundleIsWrittenAndSentWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		opening(t, w)
		ming, other, handler := w.person("ming"), w.person("other"), w.staff("handler", "handler", "CG03")
		_, err := w.BeginBundle(ming, "restaurant", "1.1.2", "y")
		kind(t, fault.Conflict, err, "bundle.guide")
		o := bundle(t, w, ming)
		require.Equal(t, o.ID, bundle(t, w, ming).ID, "pressed twice it is one")
		_, err = w.BundleOf(other, o.ID)
		kind(t, fault.NotFound, err)
		require.Len(t, o.Form, 2)
		id, food, fire := o.ID, o.Part("food").Application.ID, o.Part("fire").Application.ID
		kind(t, fault.Conflict, w.Answer(ming, food, 1, map[string]any{}), "bundle.part")
		kind(t, fault.Conflict, w.Drop(ming, food, 1), "bundle.part")
		_, err = w.Submit(ming, food, 1, signed, i18n.ZhHant)
		kind(t, fault.Conflict, err, "bundle.part")
		one, err := w.Begin(ming, "food")
		require.NoError(t, err)
		require.NotEqual(t, food, one.ID, "an application of its own is another draft")

		kind(t, fault.Invalid, w.AnswerBundle(ming, id, 1, map[string][]string{"where": {"湖濱路"}}), "answers.food__seats")
		kind(t, fault.Conflict, w.AnswerBundle(ming, id, 1, nil), "permit.changed")
		require.NoError(t, w.AnswerBundle(ming, id, 2, map[string][]string{"where": {"湖濱路"}, "food__seats": {"20"}}))
		require.Equal(t, "湖濱路", w.own(ming, fire).Application.Answers["place"])
		o, err = w.BundleOf(ming, id)
		require.NoError(t, err)
		require.Len(t, o.Papers(), 3, "plan and system are one")
		w.attach(ming, fire, "system", "一份給兩個機關")
		require.Len(t, w.own(ming, food).Items[0].Files, 1, "given once, it stands for both")
		_, err = w.SubmitBundle(ming, id, 3, signed, i18n.ZhHant)
		kind(t, fault.Invalid, err, "material.lease")
		require.Equal(t, permits.Draft, w.own(ming, fire).Application.State, "none is sent when one lacks something")
		w.attach(ming, food, "lease", "租約")
		require.NoError(t, w.AnswerBundle(ming, id, 3, map[string][]string{"where": {"地下室"}, "food__seats": {"20"}}))
		require.Len(t, w.own(ming, fire).Items[1].Files, 1, "what is wanted now was given already")
		_, err = w.SubmitBundle(other, id, 4, signed, i18n.ZhHant)
		kind(t, fault.NotFound, err)

		got := make([][]*cases.Receipt, 2)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i], errs[i] = w.SubmitBundle(ming, id, 4, signed, i18n.ZhHant) })
		}
		wg.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		require.NoError(t, errs[won])
		kind(t, fault.Conflict, errs[1-won], "permit.sent")
		require.Len(t, got[won], 2)
		var n int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT COUNT(*) FROM cases").Scan(&n).Error)
		require.EqualValues(t, 2, n, "sent twice at once, each is one case")
		kind(t, fault.Conflict, w.AnswerBundle(ming, id, 5, nil), "permit.sent")
		kind(t, fault.Conflict, w.DropBundle(ming, id, 5), "permit.sent")

		// Each is a case of its own: one unit asks for a correction, the other goes on.
		foodNo, fireNo := got[won][0].CaseNo, got[won][1].CaseNo
		p, err := w.Part(handler, foodNo)
		require.NoError(t, err)
		e, list, err := w.Siblings(handler, p.Case.ID)
		require.NoError(t, err)
		require.Equal(t, "restaurant", e.Code)
		require.Len(t, list, 1, "the other part is beyond the scope")
		head := w.staff("head", "head", "LJ")
		_, list, err = w.Siblings(head, p.Case.ID)
		require.NoError(t, err)
		require.Len(t, list, 2)
		content, err := w.File(handler, foodNo, p.Items[0].Now.ID, p.Items[0].Files[0].ID)
		require.NoError(t, err, "each unit opens what was given for both")
		require.NoError(t, content.Close())
		verdicts := fine("lease")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err = w.Examine(handler, foodNo, p.Case.Version, permits.Examination{Verdicts: verdicts, Due: "2026-03-16"})
		require.NoError(t, err)
		w.attach(ming, food, "plan", "二版")
		require.EqualValues(t, 1, w.own(ming, fire).Items[0].Now.Round, "the other keeps what it has")
		_, err = w.cases.Withdraw(ming, cases.Key{CaseNo: fireNo}, "不開了")
		require.NoError(t, err)
		require.Equal(t, permits.Correcting, w.own(ming, food).Application.State, "withdrawn is one alone")
	})
}

// A draft goes whole, with what its applications share, when it is dropped, too old,
// or its holder is erased.
func TestADraftBundleGoesWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		opening(t, w)
		left := func() (n int64) {
			require.NoError(t, d.From(t.Context()).Raw("SELECT (SELECT COUNT(*) FROM permit_bundles) + (SELECT COUNT(*) FROM permit_applications) + (SELECT COUNT(*) FROM permit_materials) + (SELECT COUNT(*) FROM files WHERE state <> 'removed')").Scan(&n).Error)
			return n
		}
		for i, end := range []func(ctx context.Context, o *permits.OwnBundle) error{
			func(ctx context.Context, o *permits.OwnBundle) error { return w.DropBundle(ctx, o.ID, o.Version) },
			func(ctx context.Context, _ *permits.OwnBundle) error {
				w.be(w.clock().Add(permits.DraftLife + time.Hour))
				return w.Purge(ctx)
			},
			func(ctx context.Context, o *permits.OwnBundle) error {
				return d.Tx(ctx, func(ctx context.Context) error { return w.Erase(ctx, []string{o.HolderID}) })
			},
		} {
			ming := w.person([]string{"a", "b", "c"}[i])
			o := bundle(t, w, ming)
			w.attach(ming, o.Part("fire").Application.ID, "system", "一份")
			w.attach(ming, o.Part("food").Application.ID, "plan", "又一份")
			o, err := w.BundleOf(ming, o.ID)
			require.NoError(t, err)
			require.Len(t, o.Papers()[0].Item.Files, 2, "both are kept in one place")
			require.NoError(t, end(ming, o))
			require.Zero(t, left())
		}
	})
}
