package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/duties"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/register"
)

// TestADutyFromIssueToRuling: missed, told once to holder and unit, handed in, sent
// back, met, and due again a year later; nobody else sees it, and the permit's end is
// the end of it.
func TestADutyFromIssueToRuling(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		citizen, err := h.Identity.ByEmail(system, "citizen@demo.test")
		require.NoError(t, err)
		issued := time.Now().AddDate(-1, 0, -20)
		end := h.Register.Today().Add(700)
		type1 := must(h.PermitTypes.Type(system, "outdoor-sign"))
		no := must(h.Register.Bring(system, register.Issue{TypeCode: type1.Code, TypeVersion: type1.Version, HolderID: citizen.ConstituentID, UnitID: "CG01",
			ValidFrom: calendar.DateOf(issued, time.UTC), ValidUntil: &end}, issued))
		p := must(h.Register.ByNo(system, no))
		all := must(h.Duties.OfPermits(system, []register.Permit{*p}))[p.ID]
		require.Len(t, all, 1)
		one := all[0]
		require.True(t, one.Overdue(h.Duties.Today()))
		for range 2 {
			require.NoError(t, h.Duties.Watch(t.Context()))
		}
		require.Equal(t, 1, count(t, d, "deliveries WHERE kind = 'duty_missed' AND channel = 'inapp' AND about_id = ?", one.ID))
		require.NotZero(t, count(t, d, "deliveries WHERE kind = 'duty_overdue' AND channel = 'inapp' AND about_id = ?", one.ID))
		var said notify.Line
		notes, _, err := h.Notify.Inbox(system, []string{citizen.ConstituentID}, "")
		require.NoError(t, err)
		for _, n := range notes {
			if n.Kind == notify.DutyMissed && n.AboutID == one.ID {
				said = must(h.Notify.Lines(system, i18n.En, []notify.Note{n}, nil))[0]
			}
		}
		require.Equal(t, "/me/permits/"+no+"/duties/"+one.ID, said.Href, "the message leads to the duty")
		require.NotEmpty(t, said.About)
		require.Equal(t, 2, count(t, d, "permit_duties WHERE permit_id = ?", p.ID), "it is owed again next year")
		for _, l := range i18n.Langs {
			about := notify.Topic{Kind: notify.DutyMissed, ID: one.ID}
			f := must(h.Notify.News.NewsFacts(system, []notify.Topic{about}, l))[about]
			require.Contains(t, f.Title, no)
			require.Contains(t, f.Says, one.Def.Name.In(l))
		}

		mine, desk := "/me/permits/"+no+"/duties/"+one.ID, "/desk/permits/"+no+"/duties/"+one.ID
		me, staff := h.signIn(t, "citizen"), h.signIn(t, "permits")
		me.open("/me/permits?lang=en")
		require.Contains(t, me.page, "overdue: Yearly safety check")
		me.open(mine)
		stale := me.form(`value="send"`)
		me.send(url.Values{"do": {"send"}, "statement": {" "}}, `value="send"`)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, `href="#statement"`)
		me.send(url.Values{"do": {"send"}, "statement": {"11 月 3 日檢查，<b>固定良好</b>。"}}, `value="send"`)
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, "Handed in")
		me.took(me.client.PostForm(h.url+mine, url.Values{"do": {"send"}, "statement": {"twice"}, "version": stale.values["version"]}))
		require.Equal(t, 409, me.status)

		staff.open("/desk/permits/duties?show=received&lang=en")
		require.Contains(t, staff.page, desk)
		staff.open(desk)
		require.Contains(t, staff.page, "&lt;b&gt;固定良好")
		staff.send(url.Values{"ruling": {"return"}, "reason": {""}}, `name="ruling"`)
		require.Equal(t, 422, staff.status)
		staff.send(url.Values{"ruling": {"return"}, "reason": {"請附照片。"}}, `name="ruling"`)
		require.Equal(t, 200, staff.status)
		me.open(mine)
		require.Contains(t, me.page, "請附照片。")
		me.send(url.Values{"do": {"send"}, "statement": {"附上了。"}}, `value="send"`)
		photo := must(h.Files.Add(system, files.Upload{Owner: one.Owner(), Name: "a.txt", Content: strings.NewReader("checked"), Size: 7}))
		status, _ := staff.ask(desk + "/" + photo.ID)
		require.Equal(t, 200, status)
		require.Equal(t, 1, count(t, d, "audit_reads WHERE object_kind = 'permit' AND object_id = ? AND account_id IS NOT NULL", no), "that it was opened is noted")
		staff.open(desk)
		old := staff.form(`name="ruling"`).values["version"]
		staff.send(url.Values{"ruling": {"met"}}, `name="ruling"`)
		require.Equal(t, 200, staff.status)
		staff.took(staff.client.PostForm(h.url+desk, url.Values{"ruling": {"unmet"}, "reason": {"x"}, "version": old}))
		require.Equal(t, 409, staff.status, "somebody was quicker")
		require.Equal(t, 2, count(t, d, "permit_duties WHERE permit_id = ?", p.ID), "no time is entered twice")

		var copied []string
		for _, held := range must(h.Privacy.Permits.Permits(system, []string{citizen.ConstituentID})) {
			for _, owed := range held.Duties {
				copied = append(copied, held.No+" "+owed.Code+" "+owed.State+" "+owed.Statement)
			}
		}
		require.Contains(t, copied, no+" safety-report met 附上了。", "the copy of the holder's data has it")

		other := h.citizen(t)
		other.took(other.client.Get(h.url + mine))
		require.Equal(t, 404, other.status)
		head := h.signIn(t, "supervisor")
		head.open(desk)

		_, err = h.Duties.Read(system, no, "x")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permits SET state = 'cancelled' WHERE id = ?", p.ID).Error)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_duties SET look_on = ? WHERE permit_id = ? AND state = 'due'", h.Duties.Today(), p.ID).Error)
		require.NoError(t, h.Duties.Watch(t.Context()))
		require.Equal(t, 1, count(t, d, "permit_duties WHERE permit_id = ? AND state = ?", p.ID, duties.Dropped))
	})
}
