package permits_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permits"
)

// Art. 32: of what was sent again, only what is new in it is asked for freely. The same
// contents under another name are not new, and neither is a part of a new file that
// could be seen in the old one.
func TestOnlyWhatIsNewIsAskedForFreely(t *testing.T) {
	for name, of := range map[string]struct {
		sends []string // contents of the plan that is sent again; the first was 平面圖一版
		lies  string
		head  bool   // what the head may do with a reason, and nobody else
		wrong string // the field that is refused, whoever asks
	}{
		"in the new part":                {sends: []string{"平面圖二版"}, lies: permits.LiesNew},
		"asked for and not mended":       {sends: []string{"平面圖二版"}, lies: permits.LiesAsked},
		"could be seen the first time":   {sends: []string{"平面圖二版"}, lies: permits.LiesSeen, head: true},
		"nobody says where":              {sends: []string{"平面圖二版"}, wrong: "lies.plan"},
		"what is no place":               {sends: []string{"平面圖二版"}, lies: "x", wrong: "lies.plan"},
		"the same file again":            {sends: []string{"平面圖一版"}, head: true},
		"the same file, said to be new":  {sends: []string{"平面圖一版"}, lies: permits.LiesNew, wrong: "lies.plan"},
		"the same file, asked for":       {sends: []string{"平面圖一版"}, lies: permits.LiesAsked, wrong: "lies.plan"},
		"the same size, other contents":  {sends: []string{"平面圖三版"}, lies: permits.LiesNew},
		"the same file with another one": {sends: []string{"平面圖一版", "附頁"}, lies: permits.LiesNew},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				w := newTown(t, d)
				ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
				id, no := w.apply(ming)
				w.ask(handler, no, "2026-03-16")
				w.be(at(t, "2026-03-03"))
				for i, content := range of.sends {
					body := []byte(content)
					require.NoError(t, w.Attach(ming, id, "plan", files.Upload{Name: []string{"new.txt", "more.txt"}[i], Content: bytes.NewReader(body), Size: int64(len(body))}))
				}
				require.NoError(t, w.Corrected(ming, id, w.own(ming, id).Application.Version))
				w.be(at(t, "2026-03-04"))
				second := permits.Examination{Verdicts: fine("lease"), Due: "2026-03-16"}
				second.Verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "沒有排煙管。", Lies: of.lies}
				_, err := w.Examine(handler, no, 0, second)
				switch {
				case of.wrong != "":
					require.Equal(t, []string{of.wrong}, wrongFields(t, err))
					return
				case !of.head:
					require.NoError(t, err)
					o := w.own(ming, id)
					require.Empty(t, o.Open().AgainReason)
					require.Equal(t, of.lies, o.Open().Items[0].Lies)
					return
				}
				kind(t, fault.Forbidden, err, "permit.again.head")
				_, err = w.Examine(head, no, 0, second)
				kind(t, fault.Invalid, err, "permit.again.required")
				second.Again = "涉及消防安全。"
				_, err = w.Examine(head, no, 0, second)
				require.NoError(t, err)
				require.Equal(t, permits.LiesSeen, w.own(ming, id).Open().Items[0].Lies)
			})
		})
	}
}

// What came with an earlier answer lay there when the next notice was given, and what
// was there at the acceptance could be seen then.
func TestWhatLayThereAtTheLastLookIsSeen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		w.ask(handler, no, "2026-03-16")
		w.be(at(t, "2026-03-03"))
		w.correct(ming, id)
		w.be(at(t, "2026-03-04"))
		asks := func(code, lies string) permits.Examination {
			return permits.Examination{Verdicts: map[string]permits.Judgement{code: {Verdict: permits.Correct, Reason: "看不清楚。", Lies: lies}}, Due: "2026-03-20"}
		}
		extra := asks("extra", "")
		extra.Verdicts["plan"] = permits.Judgement{Verdict: permits.Verified}
		_, err := w.Examine(handler, no, 0, extra)
		kind(t, fault.Forbidden, err, "permit.again.head") // that it is missing could be seen
		extra.Again = "座位多，需要說明。"
		_, err = w.Examine(head, no, 0, extra)
		require.NoError(t, err)
		w.be(at(t, "2026-03-05"))
		w.attach(ming, id, "extra", "說明")
		require.NoError(t, w.Corrected(ming, id, w.own(ming, id).Application.Version))
		w.be(at(t, "2026-03-06"))
		fineExtra := fine("extra")
		third := asks("plan", permits.LiesNew) // of the second round: it lay there at the second notice
		third.Verdicts["extra"] = fineExtra["extra"]
		_, err = w.Examine(handler, no, 0, third)
		require.Equal(t, []string{"lies.plan"}, wrongFields(t, err))
		_, err = w.Examine(handler, no, 0, asks("extra", ""))
		require.NoError(t, err, "all of it is new")
		w.be(at(t, "2026-03-07"))
		w.attach(ming, id, "extra", "說明二")
		require.NoError(t, w.Corrected(ming, id, w.own(ming, id).Application.Version))
		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: fineExtra})
		require.NoError(t, err)
		require.Equal(t, permits.Accepted, w.own(ming, id).Application.State)

		w.be(at(t, "2026-03-09")) // the acceptance was the last look
		_, err = w.Examine(handler, no, 0, asks("extra", permits.LiesNew))
		require.Equal(t, []string{"lies.extra"}, wrongFields(t, err))
		_, err = w.Examine(handler, no, 0, asks("extra", ""))
		kind(t, fault.Forbidden, err, "permit.again.head")
	})
}

// An application that silence has accepted was complete when it came: nothing of it is
// new afterwards.
func TestNothingIsNewInWhatSilenceAccepted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.apply(ming)
		w.ask(handler, no, "2026-03-16")
		w.be(at(t, "2026-03-03"))
		w.correct(ming, id)
		w.be(at(t, "2026-03-20"))
		require.NoError(t, w.DeemAll(t.Context()))
		require.True(t, w.own(ming, id).Application.Deemed)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Correct, Reason: "看不清楚。"}}, Due: "2026-04-01"})
		kind(t, fault.Forbidden, err, "permit.again.head")
	})
}

// Papers that were noted as sent a moment after the application was complete lay there all
// the same when silence accepted it; what a notice asked for later stays new.
func TestPapersOfASilentAcceptanceLayThereFromTheFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, head, hua := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.person("hua")
		_, no := w.apply(w.person("ming"))
		id, mendedNo := w.apply(hua)
		w.be(at(t, "2026-03-10"))
		require.NoError(t, w.DeemAll(t.Context()))
		verdicts := fine("lease")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err := w.Examine(head, mendedNo, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-20", Again: "審查時才發現。"})
		require.NoError(t, err)
		w.be(at(t, "2026-03-12"))
		w.correct(hua, id)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_materials SET sent_at = ? WHERE round = 1", at(t, "2026-03-02").Add(3*time.Millisecond)).Error)
		since := func(no string) (codes []string) {
			p, err := w.Part(handler, no)
			require.NoError(t, err)
			for _, it := range p.Since() {
				codes = append(codes, it.Code)
			}
			return codes
		}
		require.Equal(t, []string{"plan", "lease"}, since(no), "or the test shows nothing")
		require.NoError(t, d.MigrateTo(t.Context(), 151))
		require.NoError(t, d.Migrate(t.Context()))
		require.Empty(t, since(no))
		require.Equal(t, []string{"plan"}, since(mendedNo))
		p, err := w.Part(handler, mendedNo)
		require.NoError(t, err)
		require.True(t, at(t, "2026-03-12").Equal(*p.Items[0].Now.SentAt))
	})
}
