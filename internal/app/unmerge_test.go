package app_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// lives are two people and somebody else, with all that can stand of them anywhere.
type lives struct {
	h           *house
	d           *db.DB
	t           *testing.T
	a, b, other string
	segment     string
	outreach    context.Context
}

// guest files a case and gives who asked.
func (l *lives) guest(name, phone string) string {
	l.t.Helper()
	r, err := l.h.Cases.File(actor.With(l.t.Context(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "湖濱路", Description: trouble,
		Location: cases.Location{Address: "湖濱路 12 號"}, Contact: cases.Contact{Name: name, Phone: phone}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(l.t, err)
	l.h.handled(l.t, r.CaseNo, cases.Accept{}, cases.Dispatch{})
	var id string
	require.NoError(l.t, l.d.From(l.t.Context()).Raw("SELECT p.constituent_id FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE c.case_no = ? AND p.role = 'requester'", r.CaseNo).Scan(&id).Error)
	return id
}

func newLives(t *testing.T, d *db.DB) *lives {
	t.Helper()
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	l := &lives{h: h, d: d, t: t}
	l.a, l.b, l.other = l.guest("王小明", "13512340001"), l.guest("王曉明", "13512340002"), l.guest("李大華", "13512340003")
	system := actor.AsSystem(t.Context(), "test")
	for i, id := range []string{l.a, l.b} {
		_, err := h.Constituents.AddNeed(system, id, []constituents.NeedKind{"phone_only", "large_type"}[i], constituents.FromSelf)
		require.NoError(t, err)
		_, err = h.Constituents.Relate(system, constituents.Relating{FromID: id, ToID: l.other, Kind: []constituents.RelationKind{"guardian", "household"}[i], Source: constituents.FromStaff})
		require.NoError(t, err)
		require.NoError(t, h.Constituents.Decide(system, id, constituents.Decision{Purpose: constituents.Outreach, Channel: constituents.ChannelMail, Given: i == 0, Words: "x", Locale: "en"}))
		_, err = h.Constituents.AddNote(system, id, constituents.NewNote{Text: "請先打電話。", Purpose: "contact", KeepUntil: calendar.DateOf(time.Now(), time.UTC).Add(30)})
		require.NoError(t, err)
		_, err = h.Constituents.AddNumber(system, id, constituents.Document{Kind: constituents.OtherID, Value: []string{"P0000001", "P0000002"}[i]})
		require.NoError(t, err)
		_, err = h.Constituents.AddPoint(system, id, constituents.Address, []string{"中山路 1 號", "中山路 2 號"}[i])
		require.NoError(t, err)
	}
	l.outreach = h.as(t, "outreach")
	units, err := h.Outreach.Units(l.outreach)
	require.NoError(t, err)
	l.segment, err = h.Outreach.Create(l.outreach, outreach.Draft{Name: i18n.Text{i18n.En: "By hand"}, Purpose: outreach.Offer, Basis: outreach.LegalDuty, BasisText: i18n.Text{i18n.En: "x"}, UnitCode: units[0],
		Root: &outreach.Node{Op: outreach.All, Of: []*outreach.Node{{Op: outreach.Cond, Leaf: "need", With: map[string]outreach.Values{"in": {"large_type"}}}}}})
	require.NoError(t, err)
	require.NoError(t, h.Outreach.Refresh(l.outreach, l.segment))
	require.NoError(t, h.Outreach.Fix(l.outreach, l.segment, l.a, outreach.In, "說要來"))
	require.NoError(t, h.Outreach.Fix(l.outreach, l.segment, l.b, outreach.Out, "說不要"))
	return l
}

// stand are all rows of the two, table by table; versions only ever grow, and a key of
// reasons is minted once for the first.
func (l *lives) stand() map[string][]map[string]any {
	l.t.Helper()
	require.NoError(l.t, l.h.Outreach.Refresh(l.outreach, l.segment))
	out := map[string][]map[string]any{}
	for table, of := range map[string]string{"constituents": "id", "contact_points": "constituent_id", "constituent_ids": "constituent_id", "constituent_needs": "constituent_id",
		"constituent_relations": "from_id", "constituent_notes": "constituent_id", "consents": "constituent_id", "case_parties": "constituent_id", "segment_fixed": "constituent_id", "segment_members": "constituent_id"} {
		var list []map[string]any
		order := "id"
		if table == "segment_members" {
			order = "segment_id, constituent_id"
		}
		require.NoError(l.t, l.d.From(l.t.Context()).Raw("SELECT * FROM "+table+" WHERE "+of+" IN ? ORDER BY "+order, []string{l.a, l.b}).Scan(&list).Error, table)
		if table == "constituents" {
			for _, r := range list {
				delete(r, "version")
				delete(r, "trail_key_id")
			}
		}
		require.True(l.t, len(list) >= 2 || table == "segment_members", "%s tries nothing", table)
		out[table] = list
	}
	var filed []map[string]any
	require.NoError(l.t, l.d.From(l.t.Context()).Raw("SELECT c.* FROM cases c JOIN case_parties p ON p.case_id = c.id WHERE p.constituent_id IN ? ORDER BY c.id", []string{l.a, l.b}).Scan(&filed).Error)
	out["cases"] = filed
	return out
}

func (l *lives) merged(take ...string) string {
	l.t.Helper()
	system := actor.AsSystem(l.t.Context(), "test")
	version := func(id string) (v int64) {
		require.NoError(l.t, l.d.From(l.t.Context()).Raw("SELECT version FROM constituents WHERE id = ?", id).Scan(&v).Error)
		return v
	}
	id, err := l.h.Merging.Merge(system, constituents.Merge{Survivor: l.a, Merged: l.b, SurvivorVersion: version(l.a), MergedVersion: version(l.b), Take: take, Reason: "同一人"})
	require.NoError(l.t, err)
	return id
}

// TestTakingAMergeBackGivesBackEveryRow compares all rows of two people, wherever they
// stand, before they are merged and after that is taken back.
func TestTakingAMergeBackGivesBackEveryRow(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		l := newLives(t, d)
		before := l.stand()
		id := l.merged(constituents.Fields(constituents.Person)...)
		between := l.stand()
		require.NotEqual(t, before["constituents"], between["constituents"])
		require.NotEqual(t, before["contact_points"], between["contact_points"])
		require.NoError(t, l.h.Merging.Unmerge(actor.AsSystem(t.Context(), "test"), id, 1, "弄錯了"))
		after := l.stand()
		for table := range before {
			require.Equal(t, before[table], after[table], table)
		}
	})
}

// TestWhatHappenedDuringAMergeStaysWithWhomItNamed has both records change while they are
// one: taking the merge back gives back the rest, and leaves each change where it was made.
func TestWhatHappenedDuringAMergeStaysWithWhomItNamed(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		l := newLives(t, d)
		before, system := l.stand(), actor.AsSystem(t.Context(), "test")
		id := l.merged(constituents.Fields(constituents.Person)...)
		changes := map[string]int{}
		need, err := l.h.Constituents.AddNeed(system, l.a, "interpreter", constituents.FromSelf)
		require.NoError(t, err)
		changes["constituent_needs"]++
		require.NoError(t, l.h.Constituents.Decide(system, l.b, constituents.Decision{Purpose: constituents.Outreach, Channel: constituents.ChannelMail, Given: true, Words: "x", Locale: "en"}))
		changes["consents"]++
		_, err = l.h.Constituents.Relate(system, constituents.Relating{FromID: l.a, ToID: l.other, Kind: "agent", Source: constituents.FromStaff})
		require.NoError(t, err)
		changes["constituent_relations"]++
		require.NoError(t, l.h.Constituents.Rename(system, l.a, "王大明"))
		known, err := l.h.Constituents.Known(system, []string{l.b})
		require.NoError(t, err)
		require.NoError(t, l.h.Constituents.EndNeed(system, l.b, known.Needs[0].ID, known.Needs[0].Version))
		require.NoError(t, l.h.Merging.Unmerge(system, id, 1, "弄錯了"))
		after := l.stand()
		for table, rows := range after {
			switch table {
			case "constituents":
				own, err := l.h.Constituents.Own(system, l.a)
				require.NoError(t, err)
				require.Equal(t, "王大明", own.Name, "somebody corrected it meanwhile")
				for i := range rows {
					for _, column := range []string{"name_cipher", "name_index", "name_parts"} {
						delete(rows[i], column)
						delete(before[table][i], column)
					}
				}
			case "constituent_needs": // one was added to the first, one of the second ended
				rows = slices.DeleteFunc(rows, func(r map[string]any) bool { return r["id"] == need })
				ended := 0
				for i, r := range rows {
					if before[table][i]["valid_to"] == nil && r["valid_to"] != nil {
						require.Equal(t, l.b, r["constituent_id"])
						ended++
						for _, column := range []string{"valid_to", "version"} {
							r[column] = before[table][i][column]
						}
					}
				}
				require.Equal(t, 1, ended)
			case "segment_members":
				rows = before[table] // whom the rule finds hangs on the needs
			default:
				rows = rows[:len(rows)-changes[table]] // the newest come last
			}
			require.Equal(t, before[table], rows, table)
		}
	})
}
