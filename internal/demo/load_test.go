package demo_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
)

// loadedAt is a Tuesday, 16:00 in the city.
var loadedAt = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func loader(t *testing.T, d *db.DB) *demo.Loader {
	t.Helper()
	clock := func() time.Time { return loadedAt }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	who, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	require.NoError(t, demo.New(cat, places).LoadCity(system()))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	people := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})
	s := cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: who,
		Clocks: times, Now: clock, Constituents: people})
	for _, role := range []string{"handler", "handler", "head", "dispatcher", "call_agent"} {
		member(t, d, role)
	}
	return &demo.Loader{Cases: s, Audit: trail, Satisfaction: satisfaction.New(satisfaction.Deps{DB: d, Cases: s, Vault: v, Audit: trail, Now: clock})}
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func member(t *testing.T, d *db.DB, role string) string {
	id, key := db.NewID(loadedAt), db.NewID(loadedAt)
	tx := d.From(system())
	require.NoError(t, tx.Exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, loadedAt).Error)
	require.NoError(t, tx.Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), key, []byte{1}, true, loadedAt).Error)
	require.NoError(t, tx.Exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at)
 SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = 'LJ'`, db.NewID(loadedAt), id, role, loadedAt.Add(-time.Hour), loadedAt).Error)
	return id
}

func options(n int) demo.LoadOptions {
	to := calendar.NewDate(2026, 11, 24)
	return demo.LoadOptions{Cases: n, Seed: 7, From: to.Add(-60), To: to}
}

func digest(t *testing.T, d *db.DB) string {
	var rows []struct{ SourceID, Status, Title, Description, DueOn string }
	require.NoError(t, d.From(system()).Raw("SELECT source_id, status, title, description, due_on FROM cases WHERE source = 'demo' ORDER BY source_id").Scan(&rows).Error)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(fmt.Sprint(rows))))
}

func TestASeedAlwaysLoadsTheSameCasesAndOnlyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := loader(t, d)
		n, err := l.Load(system(), options(700))
		require.NoError(t, err)
		require.Equal(t, 700, n)
		n, err = l.Load(system(), options(700))
		require.NoError(t, err)
		require.Zero(t, n)
		moved, err := l.Cases.Recount(system())
		require.NoError(t, err)
		require.Zero(t, moved, "the loaded clocks are those that would be counted")
		one := digest(t, d)
		var audited, texts, open int
		tx := d.From(system())
		require.NoError(t, tx.Raw("SELECT count(*) FROM audit_entries WHERE action = 'demo.load'").Scan(&audited).Error)
		require.Equal(t, 1, audited)
		require.NoError(t, tx.Raw("SELECT count(DISTINCT description) FROM cases WHERE description <> ''").Scan(&texts).Error)
		require.NoError(t, tx.Raw("SELECT count(*) FROM cases WHERE description <> ''").Scan(&open).Error)
		require.GreaterOrEqual(t, texts*100, open*98)

		other := dbtest.New(t)
		_, err = loader(t, other).Load(system(), options(700))
		require.NoError(t, err)
		require.Equal(t, one, digest(t, other))
	})
}

// shapes says which columns are set in cases that went the straight way, by
// status, with their events and the number of their units.
func shapes(t *testing.T, d *db.DB, source string) map[string]bool {
	var rows []map[string]any
	require.NoError(t, d.From(system()).Raw(`SELECT id, status, suspended_at, suspended_until, suspension, extension_asked, extension_by_id, extension_count, due_on, accepted_at, dispatched_at, signed_in_at, contacted_at, contacted_on, replied_at,
 concluded_at, concluded_on, handler_id, vault_key_id, address_cipher, text_cipher, matter_id, due_at, response_due_at, route_unit_id, resume_status, outcome,
 (SELECT count(*) FROM case_units u WHERE u.case_id = c.id) AS units, (SELECT count(*) FROM case_messages m WHERE m.case_id = c.id) AS messages,
 (SELECT count(*) FROM case_parties p WHERE p.case_id = c.id AND p.role = 'requester') AS parties
 FROM cases c WHERE source = ? AND confidentiality = 'normal' AND channel = 'web' AND returned_count = 0 AND rework_count = 0`, source).Scan(&rows).Error)
	found := map[string]bool{}
	for _, r := range rows {
		var actions []string
		require.NoError(t, d.From(system()).Raw("SELECT action || ':' || from_status || '>' || to_status FROM case_events WHERE case_id = ? AND action <> 'note' ORDER BY seq", r["id"]).Scan(&actions).Error)
		shape := fmt.Sprint(ticking(t, d, r["id"]),
			said(t, d, r["id"], cases.ActSuspend, cases.ActResume, cases.ActRequestExtension, cases.ActDecideExtension), r["status"], actions, r["units"], r["messages"], r["parties"], r["resume_status"], r["outcome"] != "",
			r["suspension"] != "", r["extension_asked"] != "", r["extension_count"])
		for _, column := range []string{"suspended_at", "suspended_until", "extension_by_id", "due_on", "accepted_at", "dispatched_at", "signed_in_at", "contacted_at", "contacted_on", "replied_at", "concluded_at",
			"concluded_on", "handler_id", "vault_key_id", "address_cipher", "text_cipher", "matter_id", "due_at", "response_due_at", "route_unit_id"} {
			shape += fmt.Sprint(" ", column, r[column] != nil)
		}
		found[shape] = true
		for _, e := range said(t, d, r["id"], "note") { // wherever it comes
			found[e] = true
		}
	}
	return found
}

// ticking says how the clocks of a case stand, with the parts that their pauses have.
func ticking(t *testing.T, d *db.DB, caseID any) (list []string) {
	var rows []struct {
		clocks.Clock
		ReceivedAt    time.Time
		HandlingLimit calendar.Limit
	}
	require.NoError(t, d.From(system()).Raw(`SELECT k.*, c.received_at, c.handling_limit FROM case_clocks k JOIN cases c ON c.id = k.case_id
 WHERE case_id = ? ORDER BY k.kind, no`, caseID).Scan(&rows).Error)
	for _, k := range rows {
		state, limit := k.State, k.TimeLimit.String()
		if state == clocks.Met || state == clocks.Late {
			state = "stopped"
		}
		if k.Kind == clocks.Conclusion && k.TimeLimit == k.HandlingLimit {
			limit = "of the case"
		}
		text := fmt.Sprint(k.Kind, k.No, state, k.StoppedAt == nil, k.DueAt == nil, limit, k.CalendarVersion, k.Kind == clocks.SignIn || k.StartedAt.Equal(k.ReceivedAt))
		for _, p := range k.Pauses {
			text += fmt.Sprint(p.Type != "", p.Until != nil, p.To != nil, p.Before.IsZero(), p.After != nil)
		}
		list = append(list, text)
	}
	return list
}

// said is what events tell: whether the person sees them, whether they have a text, and which facts.
func said(t *testing.T, d *db.DB, caseID any, about ...cases.Action) (list []string) {
	var rows []struct {
		Action, Text, Data string
		Public             bool
	}
	require.NoError(t, d.From(system()).Raw(`SELECT action, text, data, public FROM case_events WHERE case_id = ?
 AND action IN ? ORDER BY seq`, caseID, about).Scan(&rows).Error)
	for _, e := range rows {
		facts := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(e.Data), &facts))
		list = append(list, fmt.Sprint(e.Action, e.Public, e.Text != "", slices.Sorted(maps.Keys(facts)), facts["approved"]))
	}
	return list
}

func TestLoadedCasesLookLikeHandledOnes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := loader(t, d)
		o := options(9000)
		o.From = o.To.Add(-6) // recent enough for each status
		_, err := l.Load(system(), o)
		require.NoError(t, err)
		// And long enough for clocks that stood still, and for more time refused, which is rare.
		for i, days := range []int{25, 12, 12, 9} {
			o.From, o.Seed = o.To.Add(-days), uint64(8+i)
			_, err = l.Load(system(), o)
			require.NoError(t, err)
		}
		var handler string
		require.NoError(t, d.From(system()).Raw("SELECT account_id FROM grants WHERE role = 'handler' ORDER BY id LIMIT 1").Scan(&handler).Error)
		walk := []cases.Command{cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: handler}, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved}}
		for i := range 200 {
			r, err := l.Cases.File(actor.With(context.Background(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint,
				MatterCode: "street-light", Title: "路燈不亮", Description: fmt.Sprint("第 ", i, " 盞"), Location: cases.Location{Address: "湖濱路 12 號"},
				Contact: cases.Contact{Name: "王小明", Phone: "13812345678"}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
			require.NoError(t, err)
			steps := walk[:i%7]
			if (i%2 == 0 || i/14%2 == 0) && len(steps) == 4 { // somebody rings before the reply
				steps = append(steps[:4:4], cases.Note{Text: "已致電。", Contacted: true})
			} else if i%2 == 0 && len(steps) > 4 {
				steps = append(append(steps[:4:4], cases.Note{Text: "已致電。", Contacted: true}), steps[4:]...)
			}
			switch i % 9 {
			case 7:
				steps = []cases.Command{cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"}}
			case 8:
				steps = []cases.Command{cases.RequestInfo{Question: "請問在哪個路口？"}}
			}
			for _, cmd := range steps {
				_, err := l.Cases.Act(system(), r.CaseNo, 0, cmd)
				require.NoError(t, err, cmd.Action())
			}
			if i/14%2 == 0 && i%7 == 4 && i%9 < 7 { // a unit has it in hand, and somebody rang
				stretch(t, l, r.CaseNo, i%5, handler)
			}
		}
		var stretched int
		require.NoError(t, d.From(system()).Raw("SELECT count(DISTINCT case_id) FROM case_events e JOIN cases c ON c.id = e.case_id WHERE c.source = '' AND e.action IN ('suspend', 'request_extension')").Scan(&stretched).Error)
		require.Greater(t, stretched, 5)
		loaded := shapes(t, d, demo.Source)
		for shape := range shapes(t, d, "") {
			require.True(t, loaded[shape], "no loaded case looks like this handled one: %s", shape)
		}
	})
}

// stretch suspends a case that a unit handles, or asks for more time for it.
func stretch(t *testing.T, l *demo.Loader, caseNo string, how int, handler string) {
	waits := cases.Suspend{Type: "citizen", Until: "2026-12-10", Notice: "請補充資料，期間不計入期限。"}
	asks := cases.RequestExtension{Days: "1", Ground: "待料。"}
	steps := [][]cases.Command{{waits}, {waits, cases.Resume{}}, {asks},
		{asks, cases.DecideExtension{Approve: true, Text: "待料，敬請見諒。"}}, {asks, cases.DecideExtension{Text: "請於期限內辦結。"}}}[how]
	for _, cmd := range steps {
		who := system()
		if cmd.Action() == cases.ActRequestExtension {
			who = actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: handler})
		}
		_, err := l.Cases.Act(who, caseNo, 0, cmd)
		require.NoError(t, err, cmd.Action())
	}
}
