package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
)

// carrier is a gateway for text messages.
type carrier struct {
	address string
	mu      sync.Mutex
	got     []struct{ To, Text, Lang string }
	gone    string // a number that takes none
}

func newCarrier(t *testing.T) *carrier {
	t.Helper()
	k := &carrier{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ To, Text, Lang string }
		_ = json.NewDecoder(r.Body).Decode(&m)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.got = append(k.got, m)
		if m.To == k.gone {
			w.WriteHeader(http.StatusGone)
		}
	}))
	t.Cleanup(s.Close)
	k.address = strings.Replace(s.URL, "://", "://user:pass@", 1) + "/send"
	return k
}

// nth waits for the n-th text to a number.
func (k *carrier) nth(t *testing.T, to string, n int) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		list := k.to(to)
		if len(list) >= n {
			text = list[n-1]
		}
		return len(list) >= n
	}, 40*time.Second, 20*time.Millisecond, "text %d to %s", n, to)
	return text
}

func (k *carrier) to(number string) (texts []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range k.got {
		if m.To == number {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

var linkIn = regexp.MustCompile(`https://portal\.example\.org(/\S+)`)

func TestACallerHearsOfTheCaseByText(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		k := newCarrier(t)
		h := open(t, d, true, "MINQING_SMS_URL="+k.address, "MINQING_BASE_URL=https://portal.example.org")
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		agent := h.signIn(t, "agent")
		agent.open("/desk/intake")
		agent.send(url.Values{"contact.phone": {"13812340001"}, "contact.name": {"王小明"}, "matter_code": {"street-light"}, "description": {"湖濱路 12 號前兩盞路燈不亮。"},
			"location.address": {"湖濱路 12 號"}, "subject.unit_code": nil, "do": {"file"}}, `value="file"`)
		require.Equal(t, 200, agent.status, agent.page)
		no := filedNumber.FindStringSubmatch(agent.page)[1]
		receipt := k.nth(t, "+8613812340001", 1)
		require.Contains(t, receipt, no)
		require.Contains(t, receipt, "https://portal.example.org/track?case_no="+no)
		for _, secret := range []string{"王", "路燈", "湖濱", "confirm", "query_code"} {
			require.NotContains(t, receipt, secret)
		}

		h.concluded(t, d, no)
		k.nth(t, "+8613812340001", 3) // the reply comes first, or the result
		all := strings.Join(k.to("+8613812340001"), "\n")
		require.Contains(t, all, "已有答復")
		require.Contains(t, all, "已辦結")
		judge := regexp.MustCompile(`https://portal\.example\.org(/evaluate/\S+)`).FindStringSubmatch(all)
		require.NotNil(t, judge, all)
		b := visit(t, h.url)
		b.open(judge[1])
		require.Equal(t, 200, b.status)
		require.Contains(t, b.page, no)
		require.NotContains(t, h.log.String(), "13812340001")
	})
}

func TestATypedNumberIsProvenByTheLinkThatItGets(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		k := newCarrier(t)
		h := open(t, d, true, "MINQING_SMS_URL="+k.address, "MINQING_BASE_URL=https://portal.example.org")
		require.NoError(t, h.Migrate(t.Context()))
		require.NoError(t, h.LoadDemo(t.Context()))
		system := actor.AsSystem(t.Context(), "test")
		file := func(c cases.Confidentiality, number string) (no, id string) {
			got, err := h.Cases.File(t.Context(), cases.Filing{Kind: cases.Complaint, Title: "路燈", Description: "不亮", Confidentiality: c, Locale: "en", MatterCode: "street-light", Location: cases.Location{Address: "湖濱路 12 號"},
				Contact: cases.Contact{Name: "Wang", Phone: number}})
			require.NoError(t, err)
			return got.CaseNo, got.CaseID
		}
		file(cases.Whistle, "13812340003")
		file(cases.Normal, "010-65123456") // takes no texts
		hidden, _ := file(cases.IdentityHidden, "13812340004")
		no, id := file(cases.Normal, "13812340002")
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		first := k.nth(t, "+8613812340002", 1)
		require.Contains(t, first, no)
		require.NotContains(t, first, "/track")
		require.Contains(t, k.nth(t, "+8613812340004", 1), hidden)

		b := visit(t, h.url)
		link := linkIn.FindStringSubmatch(first)
		require.NotNil(t, link, first)
		b.open(link[1] + "?lang=en")
		require.Contains(t, b.page, "Confirm your phone number")
		require.Zero(t, count(t, d, "contact_points WHERE kind = 'phone' AND verified_at IS NOT NULL AND blind_index = ?", h.Vault.BlindIndex("contact.phone", "+8613812340002")), "looking proves nothing")
		b.send(nil, "<button")
		require.Contains(t, b.page, "Your number is confirmed")
		who, err := h.Cases.Requester(system, id)
		require.NoError(t, err)
		reach, err := h.Constituents.Reach(system, who)
		require.NoError(t, err)
		require.True(t, reach.PhoneProven)

		k.mu.Lock()
		k.gone = "+8613812340002"
		k.mu.Unlock()
		h.concluded(t, d, no)
		k.nth(t, "+8613812340002", 2)
		require.Eventually(t, func() bool {
			reach, err := h.Constituents.Reach(system, who)
			return err == nil && reach.PhoneBounces && !reach.PhoneProven
		}, 40*time.Second, 20*time.Millisecond, "the carrier says that the number is wrong")
		require.Empty(t, k.to("+8613812340003"), "nothing of a whistle-blower's case")
		require.Positive(t, count(t, d, "deliveries WHERE channel = 'sms' AND status = 'failed' AND reason = 'wrong_number'"), "the reply and the result may leave together")
	})
}

func TestPeopleChooseByWhichWayTheyHear(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		k, out := newCarrier(t), newPost(t)
		h := open(t, d, true, "MINQING_SMS_URL="+k.address, "MINQING_SMTP_URL="+out.address)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		me := h.citizen(t)
		me.open("/me/notifications?lang=en")
		require.Contains(t, me.page, "add and confirm your phone number")
		require.NotContains(t, me.page, "wish.sms")
		system := actor.AsSystem(t.Context(), "test")
		var who string
		require.NoError(t, d.From(t.Context()).Raw("SELECT constituent_id FROM accounts WHERE constituent_id IS NOT NULL ORDER BY id DESC LIMIT 1").Scan(&who).Error)
		_, err := h.Constituents.Attach(system, who, constituents.Phone, "13812340005", true)
		require.NoError(t, err)

		const form = `name="wish.sms.concluded"`
		me.open("/me/notifications?lang=en")
		require.NotContains(t, me.page, "13812340005")
		require.Contains(t, me.page, "Texts go to")
		require.NotContains(t, me.page, form+` value="on" checked`, "mail is enough")
		shown := me.form(form).values["shown"]
		require.Greater(t, len(shown), 20)
		me.send(url.Values{"wish.mail.concluded": nil}, form)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, "This is always sent")
		require.Contains(t, me.page, `href="#wish-mail-concluded"`)
		me.send(url.Values{"wish.mail.concluded": nil, "wish.sms.concluded": {"on"}, "wish.sms.reopened": {"on"}}, form)
		require.Equal(t, 200, me.status, me.page)
		require.Equal(t, 3, count(t, d, "message_wishes"))
		require.Contains(t, me.page, form+` value="on" checked`)

		no, _ := file(me)
		h.concluded(t, d, no)
		require.Contains(t, k.nth(t, "+8613812340005", 1), "is concluded")
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE kind = 'replied' AND channel = 'mail' AND status = 'sent' AND case_id = (SELECT id FROM cases WHERE case_no = ?)", no) == 1
		}, 40*time.Second, 20*time.Millisecond)
		require.Zero(t, count(t, d, "deliveries WHERE kind = 'concluded' AND channel = 'mail' AND case_id = (SELECT id FROM cases WHERE case_no = ?)", no))
		require.Zero(t, count(t, d, "deliveries WHERE kind = 'replied' AND channel = 'sms' AND case_id = (SELECT id FROM cases WHERE case_no = ?)", no))
	})
}

func TestAdministratorsChangeTextsAndSeeHowLongTheyAre(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		admin := h.signIn(t, "admin")
		const page = "/admin/messages/texts/concluded/sms/en"
		admin.open(page + "?lang=en")
		require.Equal(t, 200, admin.status)
		require.Regexp(t, `Characters: \d+\. Parts: \d\.`, admin.page)
		require.Contains(t, admin.page, "No names, nothing of the case")
		const save = `name="body"`
		long := "{{case_no}} {{evaluate_url}} " + strings.Repeat("long ", 200)
		admin.send(url.Values{"body": {long}, "do": {"save"}}, save)
		require.Equal(t, 422, admin.status)
		require.Contains(t, admin.page, "at most 5 are allowed")
		require.Contains(t, admin.page, "long long long", "what was typed stays")
		admin.send(url.Values{"body": {"Case {{case_no}}: judge {{evaluate_url}} {{query_code}}"}, "do": {"save"}}, save)
		require.Equal(t, 422, admin.status, "no query code by text")
		admin.send(url.Values{"body": {"Case {{case_no}} is over. {{hotline}}\nJudge: {{evaluate_url}}"}, "do": {"save"}}, save)
		require.Equal(t, 200, admin.status)
		require.Equal(t, 1, count(t, d, "message_texts WHERE kind = 'concluded' AND channel = 'sms' AND locale = 'en'"))
	})
}
