package desk_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/notify"
)

func TestTheWallLeadsToWhatRunsOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("supervisor@LJ")
		no := o.file().CaseNo
		o.walk(no, cases.Handling, handler)
		o.now = o.now.Add(4 * 24 * time.Hour) // Saturday, the day after it was due
		for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
			o.lang = lang
			p := o.get("/desk/clocks")
			require.Equal(t, 200, p.Code)
			require.NotRegexp(t, `>\s*(desk|case|nav)\.[a-z_.]+\s*<`, p.Body.String(), "an untranslated key")
			require.Contains(t, p.Body.String(), "/desk/cases/"+no)
		}
		o.get("/desk/clocks").has("Overdue", "Street Lighting Section", "1 working day overdue")
		o.get("/desk/clocks?clock=sign_in").has("Nothing runs out within five working days")
		require.Equal(t, 422, o.get("/desk/clocks?clock=lunch").Code)
		o.do(no, cases.Note{Text: "已致電。"})
		asks := o.file().CaseNo
		o.walk(asks, cases.Handling, handler)
		o.do(asks, cases.RequestExtension{Days: "2", Ground: "待料。"})
		o.as("head@CG")
		o.get("/desk/clocks").has("Extensions to decide on", asks, "Extension asked: 2 working days")
		o.as("handler@CG03")
		require.NotContains(t, o.get("/desk/clocks").text(), "Extensions to decide on", "for heads")
		o.as("official@LJ")
		require.Equal(t, 403, o.get("/desk/clocks").Code)
	})
}

// told stands for the messages of the portal.
type told struct {
	list []notify.Note
	away string
}

func (n *told) Notices(context.Context, string, int) ([]notify.Note, error) { return n.list, nil }

func (n *told) PutAway(_ context.Context, _, upTo string) error {
	n.away, n.list = upTo, nil
	return nil
}

func TestWarningsAreReadAndPutAwayOnTheWall(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("handler@CG03")
	r, other := o.file(), o.file()
	o.walk(r.CaseNo, cases.Handling, handler)
	o.told.list = []notify.Note{{ID: "01a20c91-a000-7000-827b-5f7224ad9ff0", Kind: notify.ClockBefore, CaseID: r.CaseID, CreatedAt: o.now},
		{ID: "01a20c91-9000-7000-827b-5f7224ad9ff0", Kind: notify.ClockBefore, CaseID: other.CaseID, CreatedAt: o.now}}
	require.NotContains(t, o.get("/desk/clocks").text(), other.CaseNo, "a case that is theirs no longer")
	o.get("/desk/clocks").has("Warnings for you", "Case "+r.CaseNo+" is nearly due")
	p := o.ask("POST", "/desk/clocks", url.Values{"up_to": {o.told.list[0].ID}})
	require.Equal(t, 303, p.Code)
	require.Equal(t, "01a20c91-a000-7000-827b-5f7224ad9ff0", o.told.away)
	require.NotContains(t, o.get("/desk/clocks").text(), "Warnings for you")
	require.Equal(t, 422, o.ask("POST", "/desk/clocks", url.Values{"up_to": {"all"}}).Code)
}
