package cases_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func aCall(change ...func(*cases.Call)) cases.Call {
	c := cases.Call{Filing: filing(), Notes: "對方很急", Callback: "晚上七點後"}
	c.Channel = cases.ChannelPhone
	for _, f := range change {
		f(&c)
	}
	return c
}

func TestACallIsTakenDownWithItsNotes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent := w.as(w.member("call_agent", "HL"))
		first, err := w.TakeCall(agent, aCall(func(c *cases.Call) { c.Title = "" }))
		require.NoError(t, err)
		v, err := w.View(agent, first.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "兩盞路燈從週一起不亮。", v.Title, "how the text begins")
		require.Equal(t, cases.ChannelPhone, v.Channel)
		require.Len(t, v.Events, 3)
		require.Equal(t, "對方很急", v.Events[1].Text)
		require.False(t, v.Events[1].Public)
		require.Equal(t, "晚上七點後", v.Events[2].Text)
		require.True(t, v.Events[2].Facts().Callback)

		callers, err := w.Callers(agent, "138 1234 5678")
		require.NoError(t, err)
		require.Len(t, callers, 1)
		require.NotContains(t, callers[0].Name, "小明", "masked")
		require.Len(t, callers[0].Cases, 1)
		require.Equal(t, first.CaseNo, callers[0].Cases[0].CaseNo)
		var reads int
		require.NoError(t, d.From(w.system()).Raw("SELECT count(*) FROM audit_reads WHERE object_id = ?", callers[0].ID).Scan(&reads).Error)
		require.Equal(t, 1, reads, "that somebody looked is written down")

		second, err := w.TakeCall(agent, aCall(func(c *cases.Call) { c.RequesterID, c.Contact.Name, c.Notes, c.Callback = callers[0].ID, "", "", "" }))
		require.NoError(t, err)
		again, err := w.Callers(agent, "13812345678")
		require.NoError(t, err)
		require.Len(t, again, 1, "the same person, not another")
		require.Len(t, again[0].Cases, 2)
		require.Equal(t, second.CaseNo, again[0].Cases[0].CaseNo)

		_, err = w.TakeCall(agent, aCall(func(c *cases.Call) { c.RequesterID, c.Contact.Phone = callers[0].ID, "13900001111" }))
		kindOf(t, err, "requester", "case.requester.other")
		outside := w.as(w.member("call_agent", "CG"))
		elsewhere, err := w.Callers(outside, "13812345678")
		require.NoError(t, err)
		require.Empty(t, elsewhere[0].Cases, "cases out of reach stay unknown")
	})
}

// kindOf checks a mistake in a field.
func kindOf(t *testing.T, err error, field, key string) {
	t.Helper()
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.NotEmpty(t, e.Fields, "%v", err)
	require.Equal(t, field, e.Fields[0].Name)
	require.Equal(t, key, e.Fields[0].Key)
}

func TestACallThatCannotBeTakenLeavesNothing(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	agent := w.as(w.member("call_agent", "HL"))
	for _, c := range []struct {
		name, field, key string
		change           func(*cases.Call)
	}{
		{"long notes", "notes", "case.text.long", func(c *cases.Call) { c.Notes = strings.Repeat("字", cases.TextMost+1) }},
		{"long wish", "callback", "case.text.long", func(c *cases.Call) { c.Callback = strings.Repeat("字", cases.CallbackMost+1) }},
		{"no number to call", "contact.phone", "case.callback.phone", func(c *cases.Call) { c.Contact.Phone = "" }},
		{"nobody to call", "callback", "case.callback.anonymous", func(c *cases.Call) { c.Confidentiality, c.Contact = cases.AnonymousFiler, cases.Contact{} }},
		{"a wrong number", "contact.phone", "case.phone.invalid", func(c *cases.Call) { c.Contact.Phone = "12" }},
		{"nothing said", "title", "case.title.required", func(c *cases.Call) { c.Title, c.Description = "", "" }},
	} {
		_, err := w.TakeCall(agent, aCall(c.change))
		kindOf(t, err, c.field, c.key)
	}
	for _, who := range []string{w.member("handler", "CG03"), w.member("official", "LJ")} {
		_, err := w.TakeCall(w.as(who), aCall())
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		_, err = w.Callers(w.as(who), "13812345678")
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
	}
	var n int
	require.NoError(t, w.db.From(w.system()).Raw("SELECT count(*) FROM cases").Scan(&n).Error)
	require.Zero(t, n)
}

// A complaint about the call centre goes past it at once, with what was noted.
func TestACallAboutTheCallCentreLeavesItWithItsNotes(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	agent := w.as(w.member("call_agent", "HL"))
	r, err := w.TakeCall(agent, aCall(func(c *cases.Call) { c.Subject.UnitCode, c.MatterCode = "HL", "" }))
	require.NoError(t, err)
	_, err = w.View(agent, r.CaseNo)
	require.Error(t, err, "who took it down reads it no more")
	v, err := w.View(w.system(), r.CaseNo)
	require.NoError(t, err)
	require.Len(t, v.Events, 3)
}

func TestWhatIsNotedOfAHiddenCallerIsSealed(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	agent := w.as(w.member("call_agent", "HL"))
	_, err := w.TakeCall(agent, aCall(func(c *cases.Call) { c.Confidentiality = cases.IdentityHidden }))
	require.NoError(t, err)
	var plain int
	require.NoError(t, w.db.From(w.system()).Raw("SELECT count(*) FROM case_events WHERE text <> '' OR data LIKE '%七點%'").Scan(&plain).Error)
	require.Zero(t, plain)
}

func TestOpenCasesThatSayTheSameAreFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		agent := w.as(w.member("call_agent", "HL"))
		say := func(text, district string, change ...func(*cases.Filing)) *cases.Receipt {
			w.wait(time.Minute)
			return w.file(append(change, func(f *cases.Filing) { f.Title, f.Description, f.Location.DistrictCode = text, text, district })...)
		}
		districts := w.districts()
		near := say("湖濱路的路灯不亮，晚上很暗", districts[0])
		far := say("湖濱路路燈不亮", districts[1])
		say("公園的噴水池漏水", districts[0])
		say("湖濱路路燈不亮", districts[0], func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		done := say("湖濱路路燈不亮很久了", districts[0])
		w.do(done.CaseNo, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"})
		f := filing()
		f.Title, f.Description, f.Location.DistrictCode = "", "湖濱路 12 號的路燈不亮", districts[0]
		found, err := w.Alike(agent, f, 5)
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.Equal(t, near.CaseNo, found[0].CaseNo, "the same place goes first, in whichever script it was written")
		require.True(t, found[0].SamePlace)
		require.Equal(t, far.CaseNo, found[1].CaseNo)
		elsewhere, err := w.Alike(w.as(w.member("handler", "CG")), f, 5)
		require.NoError(t, err)
		require.Empty(t, elsewhere, "out of reach")
		f.MatterCode = "no-such-matter"
		none, err := w.Alike(agent, f, 5)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// districts are codes of two boroughs.
func (w *town) districts() (codes []string) {
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT code FROM districts WHERE level = 'district' ORDER BY code LIMIT 2").Scan(&codes).Error)
	return codes
}
