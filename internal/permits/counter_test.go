package permits_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

const (
	anID    = "11010519491231002X"
	aCode   = "91350100M000100Y43"
	noPhone = ""
)

// House is nobody's but of the example of GB 32100.
func (w *town) House(ctx context.Context, typed string) (permits.House, error) {
	code, err := constituents.USCC.Normal(typed, w.clock())
	if err != nil {
		return permits.House{}, fault.InvalidInput(fault.Field{Name: "code", Key: "enterprises.code.uscc"})
	}
	id, err := w.known.Proven(ctx, constituents.USCC, code)
	return permits.House{Kind: constituents.USCC, Code: code, HolderID: id}, err
}

var comer = permits.Comer{Kind: permits.ForPerson, NumberKind: constituents.ResidentID, Number: anID, Name: "王小明", Phone: "13812345678", Email: "wang@example.org"}

// atCounter is a draft at a desk that only has to be signed.
func (w *town) atCounter(ctx context.Context, c permits.Comer) *permits.Own {
	w.t.Helper()
	a, _, err := w.BeginAtCounter(ctx, "food", c, i18n.ZhHant)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Represent(ctx, a.ID, a.Version, permits.Representation{By: permits.InPerson}))
	require.NoError(w.t, w.Answer(ctx, a.ID, a.Version+1, map[string]any{"seats": 20}))
	w.attach(ctx, a.ID, "plan", "平面圖一版")
	w.attach(ctx, a.ID, "lease", "租約")
	return w.own(ctx, a.ID)
}

func (w *town) scan(ctx context.Context, id, code string) {
	w.t.Helper()
	body := []byte("%PDF-1.4\n" + code + "\n%%EOF\n")
	require.NoError(w.t, w.Attach(ctx, id, code, files.Upload{Name: code + ".pdf", Content: bytes.NewReader(body), Size: int64(len(body))}))
}

var (
	onPaper = permits.Signature{Name: "王小明", Agrees: true, Shown: permits.Statement, How: permits.SignedPaper}
	aloud   = permits.Signature{Name: "王小明", Agrees: true, Shown: permits.Statement, How: permits.SignedAloud, Why: "手部受傷，無法簽名。"}
)

// What a clerk writes down is the same application as one that was sent online: of the
// applicant, with the same clock, and never the clerk's own.
func TestAnApplicationIsTakenAtACounter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		clerk, colleague, handler := w.staff("clerk", "call_agent", "HL"), w.staff("colleague", "call_agent", "HL"), w.staff("handler", "handler", "CG03")
		draft := w.atCounter(clerk, comer)
		a := draft.Application
		require.Equal(t, "王小明", a.Counter.Applicant)
		require.True(t, draft.MayWrite)
		require.Equal(t, a.ID, w.own(colleague, a.ID).Application.ID, "a colleague of the desk goes on with it")

		send := func(ctx context.Context, version int64, s permits.Signature) (*cases.Receipt, error) {
			return w.Submit(ctx, a.ID, version, s, i18n.ZhHant)
		}
		_, err := send(clerk, a.Version, permits.Signature{Name: "王小明", Agrees: true, Shown: permits.Statement})
		kind(t, fault.Invalid, err, "how counter.how.required")
		_, err = send(clerk, a.Version, onPaper)
		kind(t, fault.Invalid, err, "material."+permits.StatementPaper)
		w.scan(colleague, a.ID, permits.StatementPaper)
		r, err := send(clerk, a.Version, onPaper)
		require.NoError(t, err)
		_, err = send(colleague, a.Version, onPaper)
		kind(t, fault.Conflict, err, "permit.sent")
		require.Equal(t, 1, rows(t, d, "cases WHERE kind = 'permit_application'"), "pressed twice, sent once")

		require.Equal(t, 1, rows(t, d, "cases WHERE id = ? AND channel = 'counter' AND track = 'permit'", r.CaseID))
		who := actor.From(clerk).AccountID
		require.Equal(t, 1, rows(t, d, "case_parties WHERE case_id = ? AND role = 'requester' AND constituent_id = ?", r.CaseID, a.HolderID))
		require.Equal(t, 1, rows(t, d, "case_parties WHERE case_id = ? AND role = 'filed_by' AND account_id = ?", r.CaseID, who))
		require.Equal(t, 2, rows(t, d, "case_parties WHERE case_id = ?", r.CaseID))
		require.Equal(t, 1, rows(t, d, "permit_applications WHERE id = ? AND signed_by_id IS NULL AND signer_cipher IS NOT NULL", a.ID), "the clerk signs nothing")

		_, online := w.apply(w.person("hua"))
		same, err := w.Part(handler, online)
		require.NoError(t, err)
		p, err := w.Part(handler, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, same.AcceptBy, p.AcceptBy, "the clock of one that came online")
		require.Equal(t, permits.Counter{Kind: permits.ForPerson, Applicant: "王小明", By: permits.InPerson, How: permits.SignedPaper}, *p.Application.Counter)
		require.Len(t, p.Items, 4, "the signed statement is one of the papers")
		_, err = w.Examine(handler, r.CaseNo, 0, permits.Examination{Verdicts: fine("plan", "lease", permits.StatementPaper)})
		require.NoError(t, err)
		o := w.own(clerk, a.ID)
		require.Equal(t, permits.Accepted, o.Application.State, "the desk hands over what became of it")
		require.NotEmpty(t, o.QueryCode)
		require.Equal(t, "王小明", o.Application.Signer)
	})
}

// The desk's drafts are the desk's, and what people write themselves is no desk's.
func TestACounterSeesItsOwnApplicationsAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		clerk, stranger, handler, ming := w.staff("clerk", "call_agent", "HL"), w.staff("stranger", "call_agent", "ZJ"), w.staff("handler", "handler", "HL"), w.person("ming")
		_, err := w.known.AddNumber(actor.AsSystem(t.Context(), "test"), actor.From(ming).ConstituentID, constituents.Document{Kind: constituents.ResidentID, Value: anID, Seen: true})
		require.NoError(t, err)
		c := comer
		c.Phone, c.Known = noPhone, actor.From(ming).ConstituentID
		a := w.atCounter(clerk, c).Application
		require.Equal(t, actor.From(ming).ConstituentID, a.HolderID)
		mine := w.draft(ming).Application
		require.NotEqual(t, a.ID, mine.ID, "to begin online is another draft")

		for _, who := range []context.Context{stranger, handler, ming} {
			_, err := w.Own(who, a.ID)
			kind(t, fault.NotFound, err, "permit.missing")
			kind(t, fault.NotFound, w.Represent(who, a.ID, a.Version, permits.Representation{By: permits.InPerson}))
			kind(t, fault.NotFound, w.Answer(who, a.ID, a.Version, map[string]any{}))
			kind(t, fault.NotFound, w.Drop(who, a.ID, a.Version))
			_, err = w.Submit(who, a.ID, a.Version, aloud, i18n.ZhHant)
			kind(t, fault.NotFound, err)
		}
		_, err = w.Own(clerk, mine.ID)
		kind(t, fault.NotFound, err, "permit.missing")
		kind(t, fault.NotFound, w.Answer(clerk, mine.ID, mine.Version, map[string]any{}))
		_, _, err = w.BeginAtCounter(handler, "food", c, i18n.ZhHant)
		kind(t, fault.Forbidden, err)
		_, err = w.Comers(handler, c)
		kind(t, fault.Forbidden, err)
		_, _, err = w.BeginAtCounter(ming, "food", c, i18n.ZhHant)
		kind(t, fault.Forbidden, err)

		list, err := w.CounterList(stranger)
		require.NoError(t, err)
		require.Empty(t, list.Drafts)
		list, err = w.CounterList(clerk)
		require.NoError(t, err)
		require.Len(t, list.Drafts, 1)
		require.Equal(t, "王小明", list.Drafts[0].Counter.Applicant)
		own, _, err := w.List(ming, "")
		require.NoError(t, err)
		require.Len(t, own, 1, "what the desk has not sent is not among the applicant's")

		r, err := w.Submit(clerk, a.ID, a.Version, aloud, i18n.ZhHant)
		require.NoError(t, err)
		require.Equal(t, permits.SignedAloud, w.own(ming, a.ID).Application.Counter.How, "what was sent is the applicant's")
		_, err = w.Own(stranger, a.ID)
		kind(t, fault.NotFound, err)
		id, err := w.CounterCase(clerk, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, a.ID, id)
		_, err = w.CounterCase(stranger, r.CaseNo)
		kind(t, fault.NotFound, err)
	})
}

// Whoever is known is not written down twice, a wrong number is nobody's, and each look
// is noted.
func TestWhoComesToACounterIsLookedUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		clerk := w.staff("clerk", "call_agent", "HL")
		begin := func(change func(*permits.Comer)) (*permits.Application, bool, error) {
			c := comer
			change(&c)
			return w.BeginAtCounter(clerk, "food", c, i18n.ZhHant)
		}
		_, _, err := begin(func(c *permits.Comer) { c.Number = "110105194912310020" })
		kind(t, fault.Invalid, err, "number constituents.number.resident_id")
		_, _, err = begin(func(c *permits.Comer) { c.Number, c.Phone, c.Name = "", "", "" })
		kind(t, fault.Invalid, err, "name counter.name.required")
		kind(t, fault.Invalid, err, "number counter.number.required")
		_, _, err = begin(func(c *permits.Comer) { c.Kind = "" })
		kind(t, fault.Invalid, err, "kind counter.kind.required")
		found, err := w.Comers(clerk, comer)
		require.NoError(t, err)
		require.Empty(t, found.People)
		first, shared, err := begin(func(*permits.Comer) {})
		require.NoError(t, err)
		require.False(t, shared)
		require.Equal(t, 1, rows(t, d, "constituent_ids WHERE constituent_id = ? AND verified_at IS NOT NULL", first.HolderID))

		found, err = w.Comers(clerk, permits.Comer{Kind: permits.ForPerson, Phone: comer.Phone})
		require.NoError(t, err)
		require.Len(t, found.People, 1)
		require.Equal(t, "王*明", found.People[0].Name, "masked")
		looks := "audit_reads WHERE object_kind = 'constituent' AND object_id = ? AND account_id = ? AND fields LIKE ?"
		me := actor.From(clerk).AccountID
		require.Equal(t, 1, rows(t, d, looks, first.HolderID, me, "%masked%"))
		w.own(clerk, first.ID)
		require.Equal(t, 1, rows(t, d, looks, first.HolderID, me, "%application%"))

		_, _, err = begin(func(*permits.Comer) {})
		kind(t, fault.Invalid, err, "known counter.known.choose")
		_, _, err = begin(func(c *permits.Comer) { c.Known = permits.NobodyKnown })
		kind(t, fault.Invalid, err, "known counter.known.proven")
		_, _, err = begin(func(c *permits.Comer) { c.Known = db.NewID(time.Now()) })
		kind(t, fault.Invalid, err, "known counter.known.other")
		again, shared, err := begin(func(c *permits.Comer) { c.Known = first.HolderID })
		require.NoError(t, err)
		require.True(t, shared, "the draft of the desk for the same applicant")
		require.Equal(t, first.ID, again.ID)
		other, shared, err := begin(func(c *permits.Comer) {
			c.Number, c.NumberKind, c.Known, c.Name = "A123456789", constituents.TaiwanID, permits.NobodyKnown, "林小滿"
		})
		require.NoError(t, err)
		require.False(t, shared)
		require.NotEqual(t, first.HolderID, other.HolderID, "who shares a phone is somebody else")

		house := permits.Comer{Kind: permits.ForEnterprise, Number: "91350100M000100Y44"}
		_, err = w.Comers(clerk, house)
		kind(t, fault.Invalid, err, "number enterprises.code.uscc")
		house.Number = aCode
		_, _, err = w.BeginAtCounter(clerk, "food", house, i18n.ZhHant)
		kind(t, fault.Invalid, err, "name counter.name.required")
		house.Name = "臨江小館"
		firm, _, err := w.BeginAtCounter(clerk, "food", house, i18n.ZhHant)
		require.NoError(t, err)
		require.Equal(t, 1, rows(t, d, "constituents WHERE id = ? AND kind = 'enterprise'", firm.HolderID))
		same, shared, err := w.BeginAtCounter(clerk, "food", house, i18n.ZhHant)
		require.NoError(t, err)
		require.True(t, shared)
		require.Equal(t, firm.HolderID, same.HolderID, "known by the number that was shown")
	})
}

// Of two clerks on one draft the second is told; an agent's authority is a paper that has
// to be there.
func TestWhoRepresentsTheApplicantIsWrittenDownOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		clerk, colleague := w.staff("clerk", "call_agent", "HL"), w.staff("colleague", "call_agent", "HL")
		a, _, err := w.BeginAtCounter(clerk, "food", comer, i18n.ZhHant)
		require.NoError(t, err)
		agent := permits.Representation{By: permits.AsAgent, Agent: "李代理", Authority: "2026-03-01，申請食品經營許可"}
		kind(t, fault.Invalid, w.Represent(clerk, a.ID, a.Version, permits.Representation{}), "by counter.by.required")
		err = w.Represent(clerk, a.ID, a.Version, permits.Representation{By: permits.AsAgent})
		kind(t, fault.Invalid, err, "agent counter.agent.required")
		kind(t, fault.Invalid, err, "authority counter.authority.required")
		require.NoError(t, w.Represent(colleague, a.ID, a.Version, agent))
		kind(t, fault.Conflict, w.Represent(clerk, a.ID, a.Version, permits.Representation{By: permits.InPerson}), "permit.changed")
		now := w.own(clerk, a.ID).Application
		require.Equal(t, "李代理", now.Counter.Speaks(), "what the first wrote stands")
		require.Equal(t, actor.From(colleague).AccountID, *now.ChangedByID)
		require.Equal(t, 1, rows(t, d, "audit_entries WHERE action = 'permit.represent' AND object_id = ?", a.ID))

		require.NoError(t, w.Answer(clerk, a.ID, now.Version, map[string]any{"seats": 20}))
		w.attach(clerk, a.ID, "plan", "平面圖")
		w.attach(clerk, a.ID, "lease", "租約")
		_, err = w.Submit(clerk, a.ID, now.Version+1, permits.Signature{Name: "李代理", Agrees: true, Shown: permits.Statement, How: permits.SignedAloud}, i18n.ZhHant)
		kind(t, fault.Invalid, err, "why counter.why.required")
		_, err = w.Submit(clerk, a.ID, now.Version+1, aloud, i18n.ZhHant)
		kind(t, fault.Invalid, err, "material."+permits.AuthorityPaper)
		w.scan(clerk, a.ID, permits.AuthorityPaper)
		r, err := w.Submit(clerk, a.ID, now.Version+1, aloud, i18n.ZhHant)
		require.NoError(t, err)
		p, err := w.Part(w.staff("handler", "handler", "CG03"), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, permits.AuthorityPaper, p.Items[3].Code)
		require.Equal(t, "代理人的授權書", p.Items[3].Name[i18n.ZhHant])
		require.Len(t, p.Items, 4, "no signed statement where it was read aloud")
		require.Equal(t, aloud.Why, p.Application.Counter.Why)
	})
}

// Nobody is asked twice for a paper that was verified; the desk uses it, and does not look
// at it. Corrections come the same way.
func TestACounterUsesWhatWasVerifiedAndTakesCorrections(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		clerk, handler, ming := w.staff("clerk", "call_agent", "HL"), w.staff("handler", "handler", "CG03"), w.person("ming")
		_, first := w.apply(ming)
		_, err := w.Examine(handler, first, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.known.Attach(actor.AsSystem(t.Context(), "test"), actor.From(ming).ConstituentID, constituents.Phone, comer.Phone, false)
		require.NoError(t, err)
		c := comer
		c.Number, c.Known = "", actor.From(ming).ConstituentID
		a, _, err := w.BeginAtCounter(clerk, "food", c, i18n.ZhHant)
		require.NoError(t, err)
		require.NoError(t, w.Represent(clerk, a.ID, a.Version, permits.Representation{By: permits.InPerson}))
		require.NoError(t, w.Answer(clerk, a.ID, a.Version+1, map[string]any{"seats": 20}))
		w.attach(clerk, a.ID, "plan", "平面圖")
		lease := w.own(clerk, a.ID).Items[1]
		require.Equal(t, first, lease.EarlyNo)
		require.NoError(t, w.Reuse(clerk, a.ID, "lease", lease.Earlier.ID))
		o := w.own(clerk, a.ID)
		_, err = w.OwnFile(clerk, a.ID, o.Items[1].Now.ID, o.Items[1].Files[0].ID)
		kind(t, fault.NotFound, err, "files.missing")
		content, err := w.OwnFile(clerk, a.ID, o.Items[0].Now.ID, o.Items[0].Files[0].ID)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		r, err := w.Submit(clerk, a.ID, o.Application.Version, aloud, i18n.ZhHant)
		require.NoError(t, err)

		verdicts := fine("lease")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err = w.Examine(handler, r.CaseNo, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-16"})
		require.NoError(t, err)
		w.attach(clerk, a.ID, "plan", "平面圖二版")
		require.NoError(t, w.Corrected(clerk, a.ID, w.own(clerk, a.ID).Application.Version))
		require.Equal(t, permits.Submitted, w.own(ming, a.ID).Application.State)

		me := []string{actor.From(ming).ConstituentID}
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return w.Erase(ctx, me) }))
		require.Equal(t, 1, rows(t, d, "permit_applications WHERE id = ? AND counter_unit_id IS NOT NULL AND counter_cipher IS NULL AND signer_cipher IS NULL", a.ID))
		require.Equal(t, permits.Counter{}, *w.own(clerk, a.ID).Application.Counter)
	})
}

func TestACounterSaysWhatItDoesNotList(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	clerk := w.staff("clerk", "call_agent", "HL")
	const listed = 100
	for i := range listed + 1 {
		list, err := w.CounterList(clerk)
		require.NoError(t, err)
		require.Len(t, list.Drafts, i)
		require.False(t, list.MoreDrafts)
		_, _, err = w.BeginAtCounter(clerk, "food", permits.Comer{Kind: permits.ForPerson, Name: "王小明", Phone: fmt.Sprintf("1381234%04d", i), Known: permits.NobodyKnown}, i18n.ZhHant)
		require.NoError(t, err)
	}
	list, err := w.CounterList(clerk)
	require.NoError(t, err)
	require.Len(t, list.Drafts, listed)
	require.True(t, list.MoreDrafts)
	require.False(t, list.MoreSent)
}
