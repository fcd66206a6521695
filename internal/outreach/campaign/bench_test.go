package campaign

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// at is a Tuesday, 16:00 in the city.
var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// town is the demo city with members of a segment, and everything that sends.
type town struct {
	*Service
	t      *testing.T
	later  atomic.Int64 // since at
	people *constituents.Service
	all    *cases.Service
	notes  *notify.Service
	queue  *jobs.Queue
	post   *post
	author string
	second string // who approves
	matter *catalogue.Matter
	warned []notify.Telling
}

// tell keeps what staff are told.
func (c *town) tell(_ context.Context, t notify.Telling) error {
	c.warned = append(c.warned, t)
	return nil
}

// post takes mails, or is down, or dies in the middle.
type post struct {
	mu     sync.Mutex
	sent   []notify.Message
	fails  map[string]error // by address
	before func(m notify.Message)
	down   bool
}

func (p *post) Check(context.Context) error { return nil }

func (p *post) Send(_ context.Context, m notify.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.before != nil {
		p.before(m)
	}
	if p.down {
		return &notify.SendError{Outcome: notify.Later, Code: "connect"}
	}
	if err := p.fails[m.To]; err != nil {
		return err
	}
	p.sent = append(p.sent, m)
	return nil
}

func (p *post) all() []notify.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]notify.Message{}, p.sent...)
}

func (p *post) with(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (c *town) now() time.Time { return at.Add(time.Duration(c.later.Load())) }

func (c *town) wait(d time.Duration) { c.later.Add(int64(d)) }

func (c *town) Active(context.Context, string) (bool, error) { return true, nil }

// Contact is how the program reaches people, with their proven addresses only.
func (c *town) Contact(ctx context.Context, r notify.Recipient) (notify.Contact, error) {
	if r.ConstituentID == "" {
		return notify.Contact{Locale: "zh-Hans", Mail: r.AccountID + "@staff.example.org", MailProven: true, VaultKeyID: c.keyOf(r.AccountID)}, nil
	}
	to, err := c.people.Reach(ctx, r.ConstituentID)
	return notify.Contact{Locale: to.Locale, Mail: to.Email, MailProven: to.EmailProven, Bounced: to.EmailBounces, VaultKeyID: to.VaultKeyID, Phone: to.Phone, PhoneProven: to.PhoneProven}, err
}

func (c *town) keyOf(account string) (id string) {
	require.NoError(c.t, c.DB.From(system()).Raw("SELECT vault_key_id FROM accounts WHERE id = ?", account).Scan(&id).Error)
	return id
}

func (c *town) Facts(context.Context, string) (notify.Facts, error) {
	return notify.Facts{}, fault.New(fault.NotFound, "cases.missing")
}

func (c *town) Secret(context.Context, notify.Kind, string) (notify.Secret, error) {
	return notify.Secret{}, fault.New(fault.NotFound, "identity.step")
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func newTown(t *testing.T, d *db.DB, texts ...notify.TextTransport) *town {
	t.Helper()
	c := &town{t: t, post: &post{fails: map[string]error{}}}
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, c.now), audit.New(d, c.now)
	c.queue, err = jobs.New(d, trail, jobs.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Poll: 50 * time.Millisecond, Backoff: func(int) time.Duration { return 300 * time.Millisecond }})
	require.NoError(t, err)
	root := os.DirFS("../../..")
	policies, err := fs.Sub(root, "policies")
	require.NoError(t, err)
	may, err := access.New(d, trail, policies, c.now)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, c.now), place.New(d, trail, c.now)
	require.NoError(t, demo.New(cat, places).LoadCity(system()))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	words, err := i18ntest.Words()
	require.NoError(t, err)
	zone := time.FixedZone("CST", 8*3600)
	c.people = constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: c.now, Region: "CN"})
	c.all = cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: c.queue, Catalogue: cat, Places: places, Access: may, Clocks: times, Now: c.now, Constituents: c.people})
	segments := outreach.New(outreach.Deps{DB: d, Vault: v, Audit: trail, Jobs: c.queue, Access: may, Catalogue: cat, Places: places, PermitTypes: permittypes.New(d, trail, cat, zone, c.now), Constituents: c.people, Cases: c.all,
		Accounts: c, Words: words, Zone: zone, Now: c.now})
	var gateway notify.TextTransport
	if len(texts) > 0 {
		gateway = texts[0]
	}
	c.notes, err = notify.New(notify.Deps{Texts: gateway, DB: d, Vault: v, Audit: trail, Jobs: c.queue, Words: words, Templates: root, Directory: c, Cases: c, Secrets: c, Transport: c.post,
		Campaigns: c, BaseURL: "https://portal.example.org", Now: c.now, Zone: zone})
	require.NoError(t, err)
	c.Service = New(Deps{DB: d, Vault: v, Audit: trail, Jobs: c.queue, Access: may, Catalogue: cat, Constituents: c.people, Segments: segments, Messages: c.notes, Words: words, Tell: c.tell, Zone: zone, Now: c.now})
	t.Cleanup(func() { require.NoError(t, c.queue.Stop(context.Background())); c.queue.Close() })
	snap, err := cat.Snapshot(system())
	require.NoError(t, err)
	c.matter, err = snap.Matter("street-light")
	require.NoError(t, err)
	c.author, c.second = c.staff("outreach_officer", "LJ"), c.staff("head", "LJ")
	return c
}

func (c *town) exec(sql string, args ...any) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Exec(sql, args...).Error)
}

// staff makes an account with a role for a unit.
func (c *town) staff(role, unit string) string {
	c.t.Helper()
	id := db.NewID(at)
	var key string
	require.NoError(c.t, c.DB.Tx(system(), func(ctx context.Context) (err error) {
		key, err = c.Vault.NewKey(ctx, vault.OwnerAccount)
		return err
	}))
	c.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), key, []byte{1}, true, at)
	c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?", db.NewID(at), id, role, at.Add(-time.Hour), at, unit)
	return id
}

func as(account string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

// person makes somebody who can be written to at an address of their own.
func (c *town) person(locale string) string {
	c.t.Helper()
	id, err := c.people.Create(system(), constituents.Contact{Name: "林小雨"}, locale)
	require.NoError(c.t, err)
	_, err = c.people.Attach(system(), id, constituents.Email, mailOf(id), true)
	require.NoError(c.t, err)
	return id
}

func mailOf(id string) string { return id + "@example.org" }

// segment makes a segment of these people, whatever its definition says.
func (c *town) segment(p outreach.Purpose, b outreach.Basis, ids ...string) string {
	c.t.Helper()
	root, err := outreach.Parse([]byte(`{"op":"cond","leaf":"kind","with":{"is":"person"}}`))
	require.NoError(c.t, err)
	id, err := c.Segments.Create(as(c.author), outreach.Draft{Name: i18n.Text{i18n.ZhHant: "試行分群"}, Purpose: p, Basis: b, BasisText: i18n.Text{i18n.ZhHant: "個人信息保護法第 13 條"}, UnitCode: "LJ", Root: root})
	require.NoError(c.t, err)
	for _, who := range ids {
		c.exec("INSERT INTO segment_members (segment_id, constituent_id, since) VALUES (?, ?, '2026-11-24')", id, who)
	}
	c.exec("UPDATE segments SET state = 'counted', size = ? WHERE id = ?", len(ids), id)
	return id
}

func plan(segment string) Plan {
	return Plan{Name: i18n.Text{i18n.ZhHant: "路燈通報說明"}, SegmentID: segment, Matter: "street-light", HoldPercent: HoldUsual, WindowDays: 30, PerHour: 6000, Cost: 1200,
		Texts: MessagesBy{notify.Mail: {Subject: i18n.Text{i18n.ZhHant: "路燈不亮可以線上通報", i18n.En: "Report a dark street light"}, Body: i18n.Text{i18n.ZhHant: "您好：\n路燈不亮時，可以線上通報。", i18n.En: "You can report it online."}}}}
}

// approved makes a campaign that a second person approved.
func (c *town) approved(p Plan) string {
	c.t.Helper()
	id, err := c.Create(as(c.author), p)
	require.NoError(c.t, err)
	require.NoError(c.t, c.Ask(as(c.author), id, 1))
	require.NoError(c.t, c.Approve(as(c.second), id, 2))
	return id
}

func (c *town) get(id string) *Campaign {
	c.t.Helper()
	k, err := c.Get(as(c.author), id)
	require.NoError(c.t, err)
	return k
}

func (c *town) run(id string) {
	c.t.Helper()
	require.NoError(c.t, c.Run(system(), id))
}

// works lets the queue work until no message waits that may leave.
func (c *town) works() {
	c.t.Helper()
	require.NoError(c.t, c.queue.Start(context.Background()))
	c.settled()
}

func (c *town) settled() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		return c.count("deliveries WHERE status IN ('queued', 'sending') AND send_after IS NULL") == 0
	}, 60*time.Second, 20*time.Millisecond)
}

func (c *town) count(what string, args ...any) (n int) {
	c.t.Helper()
	require.NoError(c.t, c.DB.From(system()).Raw("SELECT COUNT(*) FROM "+what, args...).Scan(&n).Error)
	return n
}

// asks files a case about the matter, at this time.
func (c *town) asks(who string, conf string) (id string) {
	c.t.Helper()
	id = db.NewID(c.now())
	c.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, matter_id, received_at, received_on, code_key, created_at, updated_at)
 SELECT ?, ?, 'hotline', 'help_request', 'submitted', ?, 'web', 'zh-Hant', id, ?, ?, '2026-11-24', 'k1', ?, ? FROM units WHERE code = 'LJ'`, id, "LJ"+id[14:], conf, c.matter.ID, c.now(), c.now(), c.now())
	c.exec("INSERT INTO case_parties (id, case_id, role, constituent_id) VALUES (?, ?, 'requester', ?)", db.NewID(c.now()), id, who)
	return id
}

// statusOf is what became of one member.
func (c *town) statusOf(campaignID, who string) string {
	c.t.Helper()
	var r struct{ Arm, Status, Reason string }
	require.NoError(c.t, c.DB.From(system()).Raw("SELECT arm, status, reason FROM campaign_assignments WHERE campaign_id = ? AND constituent_id = ?", campaignID, who).Scan(&r).Error)
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Arm, r.Status, r.Reason))
}

// stopLink is the path of the link to refuse in a message.
func stopLink(t *testing.T, m notify.Message) string {
	t.Helper()
	token, ok := strings.CutPrefix(m.Stop, "https://portal.example.org/refuse/")
	require.True(t, ok, m.Stop)
	return token
}
