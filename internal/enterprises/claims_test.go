package enterprises_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

const register = "code,name,state,mail\n91310115MA1K00007Q,臨江樂川食品有限公司,active,Office@Lechuan.example\n91310115MA1K001700,臨江茶館,closed,a@b.example\n22099131,青禾,active,\n"

func TestTheRegisterIsAFile(t *testing.T) {
	open := func(body string) enterprises.FileRegister {
		return enterprises.FileRegister{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }}
	}
	r, err := open(register).Find(t.Context(), constituents.USCC, lechuan.Code)
	require.NoError(t, err)
	require.Equal(t, &enterprises.Registered{Kind: constituents.USCC, Code: lechuan.Code, Name: lechuan.Name, State: enterprises.Active, Mail: "office@lechuan.example"}, r)
	r, err = open("\ufeff"+register).Find(t.Context(), constituents.TaiwanUBN, "04595257")
	require.NoError(t, err)
	require.Nil(t, r)
	for _, body := range []string{"", "code,name\n", "name,code,state,mail\n", "code,name,state,mail\n91310115MA1K00007Q,X,asleep,\n", "code,name,state,mail\n91310115MA1K00007Q,,active,\n",
		"code,name,state,mail\n91310115MA1K00007Q,X,active,no address\n", "code,name,state,mail\n\"broken\n"} {
		_, err := open(body).Find(t.Context(), constituents.USCC, lechuan.Code)
		require.Error(t, err, body)
	}
}

// talking has the service send mails and ask staff.
func (h *house) talking() *[]notify.Telling {
	told := &[]notify.Telling{}
	h.Mails, h.Registry = true, enterprises.FileRegister{Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(register)), nil }}
	h.Tell = func(_ context.Context, t notify.Telling) error { *told = append(*told, t); return nil }
	h.AskStaff = func(ctx context.Context, _ enterprises.Question) (string, error) {
		if actor.From(ctx).SessionID != "" {
			return "", errors.New("filed as whoever the session acts for")
		}
		return "LJ-2026-000001", nil
	}
	return told
}

// mailed is the letter that was noted last.
func (h *house) mailed(told *[]notify.Telling) notify.Follower {
	h.t.Helper()
	require.NotEmpty(h.t, *told)
	last := (*told)[len(*told)-1]
	f, err := h.Letter(system(), last.Kind, last.About)
	require.NoError(h.t, err)
	return f
}

func TestACodeProvesAnEnterprise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := h.talking()
		olga, otto := h.person("olga"), h.person("otto")
		for typed, key := range map[string]string{"": "empty", "12345": "length", "91310115MA1K00007X": "uscc", "12345678": "tw_ubn", "91310115MA1K00007Q1": "length"} {
			_, err := h.Begin(olga, typed)
			e, ok := fault.As(err)
			require.True(t, ok, typed)
			require.Equal(t, "enterprises.code."+key, e.Fields[0].Key, typed)
		}
		_, err := h.Begin(olga, "91310115MA1K001700")
		require.Equal(t, fault.Invalid, fault.KindOf(err), "closed")
		_, err = h.Begin(olga, "22099131")
		require.ErrorIs(t, err, enterprises.ErrDocuments, "no contact")
		_, err = h.Begin(olga, "04595257")
		require.ErrorIs(t, err, enterprises.ErrDocuments, "unknown")

		c, err := h.Begin(olga, " 91310115-ma1k00007q ")
		require.NoError(t, err)
		again, err := h.Begin(olga, lechuan.Code)
		require.NoError(t, err)
		require.Equal(t, c.ID, again.ID)
		require.Len(t, *told, 1, "to press twice sends one code")
		mail := h.mailed(told)
		require.Equal(t, "office@lechuan.example", mail.Mail)
		require.NotContains(t, c.Hint, "office@")

		_, err = h.Prove(otto, c.ID, mail.Code)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "somebody else's claim")
		_, err = h.Prove(olga, c.ID, "WRONG")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		require.NoError(t, h.Again(olga, c.ID))
		_, err = h.Prove(olga, c.ID, mail.Code)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "the old code")
		second, err := h.Begin(otto, lechuan.Code)
		require.NoError(t, err)
		theirs := h.mailed(told)

		id, err := h.Prove(olga, c.ID, strings.ToLower(h.letter(c.ID).Code))
		require.NoError(t, err)
		require.NoError(t, h.Can(olga, id, enterprises.Own))
		require.Equal(t, fault.NotFound, fault.KindOf(h.Can(otto, id, enterprises.Read)))
		_, err = h.Prove(otto, second.ID, theirs.Code)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "the other won")
		_, err = h.Begin(otto, lechuan.Code)
		require.ErrorIs(t, err, enterprises.ErrTaken)
		_, err = h.Prove(olga, c.ID, mail.Code)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "used")
		require.Zero(t, h.count("enterprise_claims WHERE id = ? AND address_cipher IS NOT NULL", c.ID), "the address is gone")
	})
}

func (h *house) letter(claimID string) notify.Follower {
	h.t.Helper()
	f, err := h.Letter(system(), notify.EnterpriseProof, claimID)
	require.NoError(h.t, err)
	return f
}

func TestTenWrongCodesEndAClaim(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := h.talking()
		olga := h.person("olga")
		c, err := h.Begin(olga, lechuan.Code)
		require.NoError(t, err)
		for range 10 {
			_, err := h.Prove(olga, c.ID, "0000-0000")
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
		_, err = h.Prove(olga, c.ID, h.mailed(told).Code)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		for range 4 {
			require.NoError(t, h.Again(olga, c.ID))
		}
		require.Equal(t, fault.Conflict, fault.KindOf(h.Again(olga, c.ID)))
		h.pass(4 * 24 * time.Hour)
		require.NoError(t, h.Sweep(system()))
		require.EqualValues(t, 1, h.count("enterprise_claims WHERE state = 'lapsed'"))
	})
}

func TestADeadRegisterSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.talking()
		h.Registry = enterprises.FileRegister{Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}
		olga := h.person("olga")
		_, err := h.Begin(olga, lechuan.Code)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		c, err := h.Ask(olga, enterprises.Request{Code: lechuan.Code, Name: "樂川", Words: "我是負責人。"})
		require.NoError(t, err, "staff can be asked all the same")
		require.Equal(t, enterprises.ByStaff, c.Way)
	})
}

func TestStaffDecideByDocuments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		h.talking()
		olga, otto, clerk := h.person("olga"), h.person("otto"), system()
		_, err := h.Ask(olga, enterprises.Request{Code: "04595257"})
		e, _ := fault.As(err)
		require.Len(t, e.Fields, 2)
		c, err := h.Ask(olga, enterprises.Request{Code: "04595257", Name: "小巷麵館", Words: "我是負責人。"})
		require.NoError(t, err)
		require.Equal(t, "LJ-2026-000001", c.CaseNo)
		_, err = h.Open(olga)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Decide(olga, c.ID, enterprises.Decision{Grant: true, Reason: "x", Version: 1})))
		open, err := h.Open(clerk)
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.Equal(t, fault.Invalid, fault.KindOf(h.Decide(clerk, c.ID, enterprises.Decision{Grant: true, Version: 1})), "a reason is needed")
		require.NoError(t, h.Decide(clerk, c.ID, enterprises.Decision{Grant: true, Reason: "執照相符", Version: 1}))
		require.Equal(t, fault.Conflict, fault.KindOf(h.Decide(clerk, c.ID, enterprises.Decision{Reason: "x", Version: 1})), "decided meanwhile")
		mine, err := h.Mine(olga)
		require.NoError(t, err)
		require.Len(t, mine, 1)

		dispute, err := h.Ask(otto, enterprises.Request{Code: "04595257", Words: "她已離職。"})
		require.NoError(t, err)
		require.Equal(t, enterprises.Dispute, dispute.Way)
		require.NoError(t, h.Can(olga, mine[0].EnterpriseID, enterprises.Own), "asking changes nothing")
		require.NoError(t, h.Decide(clerk, dispute.ID, enterprises.Decision{Grant: true, EndOwners: true, Reason: "登記資料相符", Version: 1}))
		require.NoError(t, h.Can(otto, mine[0].EnterpriseID, enterprises.Own))
		require.Equal(t, fault.NotFound, fault.KindOf(h.Can(olga, mine[0].EnterpriseID, enterprises.Read)))
	})
}
