package desk_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db/dbtest"
	"minqing/internal/notify"
)

// Whoever handles a case sees whether the person was reached, and by which way.
func TestACaseSaysWhatBecameOfItsMessages(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("handler@CG03")
	no := o.file().CaseNo
	o.walk(no, cases.Handling, handler)
	path := "/desk/cases/" + no + "/messages"
	o.get("/desk/cases/" + no).has("What was sent, and what became of it")
	o.get(path).has("Nothing was sent yet")
	sent := o.now
	o.told.log = []notify.Entry{
		{ID: "3", Kind: notify.ClockBefore, Channel: notify.InApp, Status: notify.Read, AccountID: o.people["handler@CG03"], CreatedAt: o.now},
		{ID: "2", Kind: notify.Replied, Channel: notify.SMS, Status: notify.Failed, Reason: notify.WrongNumber, Attempts: 3, ToPerson: true, CreatedAt: o.now},
		{ID: "1", Kind: notify.CaseReceived, Channel: notify.Mail, Status: notify.Sent, ToPerson: true, CreatedAt: o.now, SentAt: &sent},
		{ID: "0", Kind: notify.CaseReceived, Channel: notify.Mail, Status: notify.Failed, Reason: "rcpt_550", CreatedAt: o.now}}
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		o.lang = lang
		require.Equal(t, 200, o.get(path).Code)
	}
	o.get(path).has("In the portal", "王handler@CG03", "Read", "Text message", "Failed", "The gateway calls the number wrong.", "Citizen", "Sent", "rcpt_550", "Somebody else")
	o.as("handler@HB")
	require.Equal(t, 404, o.get(path).Code, "of another bureau")
}
