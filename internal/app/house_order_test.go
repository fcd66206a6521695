package app_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/permits"
)

// TestTheHomeOfAnEnterpriseIsInOrder deals days at random to what an enterprise has: its
// permits stand by the day on which they end, its applications by their clock, and what
// needs it by the day by which it has to be done, drafts at the end.
func TestTheHomeOfAnEnterpriseIsInOrder(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		var firm string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM enterprises WHERE code = '91000000000000123L'").Scan(&firm).Error)
		me := h.enters(t, "company@demo.test", app.DemoPassword)
		me.took(me.client.PostForm(h.url+"/enterprise/acting", url.Values{"enterprise": {firm}, "to": {"/enterprise"}}))
		require.Equal(t, 200, me.status)
		h.corrections(t, d, firm)
		draft := must(h.Permits.Begin(h.citizenActing(t, d, "company@demo.test", firm), "tree-felling"))
		for seed := range uint64(3) {
			r := rand.New(rand.NewPCG(seed, 7))
			permitsBy := h.dealPermits(t, d, r, firm)
			clocks := h.dealClocks(t, d, r, firm)
			needed := h.dealNeeds(t, d, r, firm)
			me.open("/enterprise")
			require.Equal(t, permitsBy, hrefs(t, me.page, "permits"), "seed %d", seed)
			require.Equal(t, clocks, hrefs(t, me.page, "applications"), "seed %d", seed)
			got := hrefs(t, me.page, "needs")
			require.Equal(t, needed, got[:len(needed)], "seed %d", seed)
			require.Contains(t, got[len(needed):], "/enterprise/applications/"+draft.ID, "drafts come last")
		}
	})
}

var rowLinks = regexp.MustCompile(`<a class="govuk-link mq-row__title" href="([^"]+)"`)

// hrefs are where the rows of a part of the home lead, in order.
func hrefs(t *testing.T, page, part string) (list []string) {
	t.Helper()
	found := regexp.MustCompile(`(?s)aria-labelledby="` + part + `">.*?</section>`).FindString(page)
	require.NotEmpty(t, found, part)
	for _, one := range rowLinks.FindAllStringSubmatch(found, -1) {
		list = append(list, one[1])
	}
	return list
}

// citizenActing is somebody in a session that acts for an enterprise.
func (h *house) citizenActing(t *testing.T, d *db.DB, email, firm string) context.Context {
	t.Helper()
	ctx := h.citizenOf(t, email)
	var session string
	require.NoError(t, d.From(t.Context()).Raw("SELECT session_id FROM enterprise_acting WHERE enterprise_id = ? LIMIT 1", firm).Scan(&session).Error)
	who := actor.From(ctx)
	who.SessionID = session
	return actor.With(ctx, who)
}

// corrections has the desk ask for two corrections, the later day first.
func (h *house) corrections(t *testing.T, d *db.DB, firm string) {
	t.Helper()
	staff := as(t, h, "supervisor@demo.test")
	var nos []string
	require.NoError(t, d.From(t.Context()).Raw("SELECT case_no FROM permit_applications WHERE holder_id = ? AND state = 'submitted' ORDER BY case_no LIMIT 2", firm).Scan(&nos).Error)
	require.Len(t, nos, 2)
	for i, no := range nos {
		p := must(h.Permits.Part(staff, no))
		verdicts := map[string]permits.Judgement{}
		for _, it := range p.Items {
			if it.Now == nil || len(it.Files) == 0 {
				continue
			}
			verdicts[it.Code] = permits.Judgement{Verdict: permits.Verified}
			if len(verdicts) == 1 {
				verdicts[it.Code] = permits.Judgement{Verdict: permits.Correct, Reason: "看不清楚。"}
			}
		}
		_, err := h.Permits.Examine(staff, no, p.Case.Version, permits.Examination{Verdicts: verdicts, Due: h.Register.Today().Add(20 - 10*i).String()})
		require.NoError(t, err)
	}
}

// dealPermits gives the permits of the enterprise other last days, and gives where the
// eight rows lead that are due: in force first, those without an end after those with.
func (h *house) dealPermits(t *testing.T, d *db.DB, r *rand.Rand, firm string) (want []string) {
	var list []struct {
		ID, PermitNo, State string
		until               int
	}
	require.NoError(t, d.From(t.Context()).Raw("SELECT id, permit_no, state FROM permits WHERE holder_id = ?", firm).Scan(&list).Error)
	require.Greater(t, len(list), 8)
	deal := r.Perm(len(list))
	for i := range list {
		p := &list[i]
		p.until = 5 + 40*deal[i]
		last := any(h.Register.Today().Add(p.until))
		if deal[i] == 0 {
			p.until, last = 1<<20, nil
		}
		require.NoError(t, d.From(t.Context()).Exec("UPDATE permits SET valid_until = ? WHERE id = ?", last, p.ID).Error)
	}
	over := func(state string) int {
		if state == "valid" || state == "suspended" {
			return 0
		}
		return 1
	}
	slices.SortFunc(list, func(x, y struct {
		ID, PermitNo, State string
		until               int
	}) int {
		return cmp.Or(cmp.Compare(over(x.State), over(y.State)), cmp.Compare(x.until, y.until))
	})
	for _, p := range list[:8] {
		want = append(want, "/me/permits/"+p.PermitNo)
	}
	return want
}

// dealClocks gives the applications other times by which they are due; of one the clock
// stands still.
func (h *house) dealClocks(t *testing.T, d *db.DB, r *rand.Rand, firm string) []string {
	var ids []string
	var cases []string
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM permit_applications WHERE holder_id = ? AND state IN ('submitted', 'accepted', 'correcting') ORDER BY id", firm).Scan(&ids).Error)
	require.NoError(t, d.From(t.Context()).Raw("SELECT case_id FROM permit_applications WHERE holder_id = ? AND state IN ('submitted', 'accepted', 'correcting') ORDER BY id", firm).Scan(&cases).Error)
	require.True(t, len(ids) > 2 && len(ids) <= 8, "%d", len(ids))
	want := make([]string, len(ids))
	for i, at := range r.Perm(len(ids)) {
		var stands *time.Time
		if at == len(ids)-1 {
			now := time.Now()
			stands = &now
		}
		due := time.Now().Add(time.Duration(at-1) * 50 * time.Hour) // one is over
		if stands != nil {
			due = time.Now().Add(-time.Hour) // which counts for nothing while it stands
		}
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET due_at = ?, suspended_at = ? WHERE id = ?", due, stands, cases[i]).Error)
		want[at] = "/enterprise/applications/" + ids[i]
	}
	return want
}

// dealNeeds gives the corrections, the duties that press and the fees other days.
func (h *house) dealNeeds(t *testing.T, d *db.DB, r *rand.Rand, firm string) []string {
	type need struct{ ID, Href, Kind string }
	var list []need
	require.NoError(t, d.From(t.Context()).Raw(`SELECT n.id, '/enterprise/applications/' || a.id AS href, 'permit_notices' AS kind FROM permit_notices n JOIN permit_applications a ON a.id = n.application_id
 WHERE a.holder_id = ? AND a.state = 'correcting' AND n.answered_at IS NULL ORDER BY n.id`, firm).Scan(&list).Error)
	require.GreaterOrEqual(t, len(list), 2)
	var duties []need
	require.NoError(t, d.From(t.Context()).Raw(`SELECT u.id, '/me/permits/' || p.permit_no || '/duties/' || u.id AS href, 'permit_duties' AS kind FROM permit_duties u JOIN permits p ON p.id = u.permit_id
 WHERE p.holder_id = ? AND u.state = 'due' AND u.code = 'safety-report' AND p.state IN ('valid', 'suspended') ORDER BY u.id`, firm).Scan(&duties).Error)
	require.NotEmpty(t, duties)
	list = append(list, duties...)
	for _, code := range []string{"dealt-one", "dealt-two"} {
		if count(t, d, "fee_orders WHERE fee_code = ?", code) == 0 {
			h.owes(t, d, firm, code, 30, 1000, "CNY")
		}
	}
	var owed []need
	require.NoError(t, d.From(t.Context()).Raw("SELECT id, '/me/fees/' || order_no AS href, 'fee_orders' AS kind FROM fee_orders WHERE holder_id = ? AND state = 'due' ORDER BY id", firm).Scan(&owed).Error)
	require.GreaterOrEqual(t, len(owed), 2)
	list = append(list, owed...)
	want := make([]string, len(list))
	for i, at := range r.Perm(len(list)) {
		day := h.Register.Today().Add(3*at - 4)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE "+list[i].Kind+" SET due_on = ? WHERE id = ?", day, list[i].ID).Error)
		want[at] = list[i].Href
	}
	// Duties of other kinds press on days of their own: here they wait.
	require.NoError(t, d.From(t.Context()).Exec(`UPDATE permit_duties SET due_on = ? WHERE code <> 'safety-report' AND state = 'due' AND permit_id IN (SELECT id FROM permits WHERE holder_id = ?)`,
		h.Register.Today().Add(900), firm).Error)
	return want
}
