package desk_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
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
		for _, kind := range cases.WallKinds {
			require.Equal(t, 200, o.get("/desk/clocks?clock="+string(kind)).Code, kind)
		}
		require.Equal(t, 422, o.get("/desk/clocks?clock=lunch").Code)
		o.do(no, cases.Note{Text: "已致電。"})
		urgent := o.file(func(f *cases.Filing) { f.Danger = true }).CaseNo
		o.walk(urgent, cases.Handling, handler)
		o.now = o.now.Add(26 * time.Hour) // Sunday; the limit is two hours
		o.get("/desk/clocks").has("24 hours overdue")
		o.now = o.now.Add(8 * 24 * time.Hour)
		o.get("/desk/clocks").has("6 working days overdue", urgent).hasNot("216 hours")
		o.now = o.now.Add(-8*24*time.Hour - 26*time.Hour)
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
	list []notify.Note // the newest first
	away string
	log  []notify.Entry
}

func (n *told) Log(context.Context, string, string) ([]notify.Entry, string, error) {
	return n.log, "", nil
}

func (n *told) Notices(_ context.Context, _ string, most int) ([]notify.Note, error) {
	return n.list[:min(len(n.list), most)], nil
}

func (n *told) PutAway(_ context.Context, _, from, upTo string) error {
	n.away = upTo
	n.list = slices.DeleteFunc(slices.Clone(n.list), func(one notify.Note) bool { return one.ID >= from && one.ID <= upTo })
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
	p := o.ask("POST", "/desk/clocks", url.Values{"from": {o.told.list[1].ID}, "up_to": {o.told.list[0].ID}})
	require.Equal(t, 303, p.Code)
	require.Equal(t, "01a20c91-a000-7000-827b-5f7224ad9ff0", o.told.away)
	require.NotContains(t, o.get("/desk/clocks").text(), "Warnings for you")
	require.Equal(t, 422, o.ask("POST", "/desk/clocks", url.Values{"up_to": {"all"}}).Code)
}

// Nobody puts away what they were not shown: what is older comes next.
func TestWarningsThatWereNotShownAreNotPutAway(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	handler := o.as("handler@CG03")
	r := o.file()
	o.walk(r.CaseNo, cases.Handling, handler)
	for i := range 23 {
		o.told.list = append(o.told.list, notify.Note{ID: fmt.Sprintf("01a20c91-a000-7000-827b-%012d", 99-i), Kind: notify.ClockBefore, CaseID: r.CaseID, CreatedAt: o.now})
	}
	hidden := regexp.MustCompile(`name="(from|up_to)" value="([^"]+)"`)
	putAway := func() {
		form := url.Values{}
		for _, m := range hidden.FindAllStringSubmatch(o.get("/desk/clocks").Body.String(), -1) {
			form.Set(m[1], m[2])
		}
		require.Equal(t, 303, o.ask("POST", "/desk/clocks", form).Code)
	}
	o.get("/desk/clocks").has("The newest 20 are shown")
	putAway()
	require.Len(t, o.told.list, 3)
	o.get("/desk/clocks").has("Warnings for you").hasNot("are shown")
	putAway()
	require.Empty(t, o.told.list)
}
