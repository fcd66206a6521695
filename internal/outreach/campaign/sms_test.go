package campaign

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// gateway is an HTTP gateway for text messages that answers as it is told.
type gateway struct {
	*notify.Gateway
	mu   sync.Mutex
	got  map[string][]string // texts by number
	says map[string][]int    // answers by number, one after the other; then 202
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	g := &gateway{got: map[string][]string{}, says: map[string][]int{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ ID, To, Text string }
		_ = json.NewDecoder(r.Body).Decode(&m)
		g.mu.Lock()
		defer g.mu.Unlock()
		answer := http.StatusAccepted
		if left := g.says[m.To]; len(left) > 0 {
			answer, g.says[m.To] = left[0], left[1:]
		}
		if m.ID == r.Header.Get("Idempotency-Key") {
			g.got[m.To] = append(g.got[m.To], m.Text)
		}
		w.WriteHeader(answer)
	}))
	t.Cleanup(s.Close)
	var err error
	g.Gateway, err = notify.OpenSMS(strings.Replace(s.URL, "://", "://token@", 1) + "/")
	require.NoError(t, err)
	return g
}

// caller is somebody who is reached by text only.
func (c *town) caller(n int) (id, number string) {
	c.t.Helper()
	number = fmt.Sprintf("+861381234%04d", n)
	id, err := c.people.Create(system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
	require.NoError(c.t, err)
	_, err = c.people.Attach(system(), id, constituents.Phone, number, true)
	require.NoError(c.t, err)
	return id, number
}

func TestWhomNoMailReachesIsTextedOnceWithALinkToRefuse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newGateway(t)
		c := newTown(t, d, g)
		var people, numbers []string
		for n := range 4 {
			id, number := c.caller(n)
			people, numbers = append(people, id), append(numbers, number)
		}
		people = append(people, c.person("zh-Hant"))
		g.says[numbers[1]] = []int{http.StatusServiceUnavailable} // busy, once
		g.says[numbers[2]] = []int{http.StatusGone}               // a wrong number
		g.says[numbers[3]] = []int{http.StatusInternalServerError}
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		p.Texts[notify.SMS] = Message{Body: i18n.Text{i18n.ZhHant: "路燈不亮可以線上通報。"}}
		id, err := c.Create(as(c.author), p)
		require.NoError(t, err)
		e, err := c.Estimate(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [2]int64{1, 4}, [2]int64{e.ByMail, e.ByText})
		require.NoError(t, c.Ask(as(c.author), id, 1))
		require.NoError(t, c.Approve(as(c.second), id, 2))
		c.works()
		for range 2 {
			c.run(id)
			c.settled()
		}
		c.run(id)
		g.mu.Lock()
		defer g.mu.Unlock()
		for who, want := range map[int]string{0: "told sent", 1: "told sent", 2: "told failed wrong_number", 3: "told uncertain http_500", 4: "told sent"} {
			require.Equal(t, want, c.statusOf(id, people[who]))
		}
		require.Equal(t, []int{1, 2, 1, 1}, []int{len(g.got[numbers[0]]), len(g.got[numbers[1]]), len(g.got[numbers[2]]), len(g.got[numbers[3]])}, "only what certainly did not leave is tried again")
		require.Len(t, c.post.all(), 1, "by mail where there is one")
		text := g.got[numbers[0]][0]
		require.Contains(t, text, "路燈不亮可以線上通報。\nhttps://portal.example.org/matters/street-light\n")
		_, token, ok := strings.Cut(text, "https://portal.example.org/refuse/")
		require.True(t, ok, text)
		require.NoError(t, c.Refuse(system(), token, "請不要再寫給我。", i18n.ZhHant))
		may, err := c.people.MayReach(system(), people[:1], constituents.ChannelSMS, false)
		require.NoError(t, err)
		require.False(t, may)
	})
}

func TestStopPressedWhileMessagesLeaveHoldsBackTheRest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		p := plan(c.segment(outreach.Offer, outreach.Benefit, c.crowd(40)...))
		id := c.approved(p)
		c.run(id)
		require.Equal(t, 40, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'queued'", id))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Change(as(c.author), id, c.get(id).Version, p)), "nobody edits what is being sent")
		began, stopped := make(chan bool, 40), make(chan bool)
		c.post.before = func(notify.Message) { began <- true; <-stopped }
		require.NoError(t, c.queue.Start(t.Context()))
		<-began // one is on its way
		require.NoError(t, c.Stop(as(c.second), id, c.get(id).Version, "內容有誤"))
		close(stopped)
		c.settled()
		c.run(id)
		left := len(c.post.all())
		require.Positive(t, left, "what has left cannot be called back")
		require.Less(t, left, 40)
		require.Equal(t, left, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'sent'", id))
		require.Equal(t, 40-left, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'skipped' AND reason = 'stopped'", id))
	})
}

func TestALargeSegmentIsApprovedOnceAndWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		const many = 5000
		segment := c.segment(outreach.Offer, outreach.Benefit, c.person("en"))
		rows := db.NewBulk("constituents", "segment_members")
		for i := 1; i < many; i++ {
			id := db.NewID(at.Add(time.Duration(i) * time.Millisecond))
			rows.Add(db.Insert("constituents", "id, kind, vault_key_id, locale, created_at", id, "person", c.keyOf(c.author), "en", at.Add(-time.Hour)),
				db.Insert("segment_members", "segment_id, constituent_id, since", segment, id, calendar.DateOf(at, time.UTC)))
		}
		require.NoError(t, d.Store(system(), rows))
		c.exec("UPDATE segments SET size = ? WHERE id = ?", many, segment)
		id, err := c.Create(as(c.author), plan(segment))
		require.NoError(t, err)
		require.NoError(t, c.Ask(as(c.author), id, 1))
		seconds := []string{c.second, c.staff("head", "LJ"), c.staff("head", "LJ")}
		errs := make([]error, len(seconds))
		var all sync.WaitGroup
		for i, who := range seconds {
			all.Go(func() { errs[i] = c.Approve(as(who), id, 2) })
		}
		all.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
				continue
			}
			require.Equal(t, fault.Conflict, fault.KindOf(err))
		}
		require.Equal(t, 1, good)
		require.Equal(t, many, c.count("campaign_assignments WHERE campaign_id = ?", id))
		require.InDelta(t, many/10, c.count("campaign_assignments WHERE campaign_id = ? AND arm = 'held'", id), 4*21.3)
	})
}
