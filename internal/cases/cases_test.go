package cases_test

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
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
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// town is the demo city with the services of cases, on one database.
type town struct {
	*cases.Service
	t       testing.TB
	db      *db.DB
	audit   *audit.Service
	mu      sync.Mutex
	at      time.Time
	emails  map[string]string // accounts by their email address
	leading string            // number of the case that others are merged into

	hook func() // runs when somebody asks for the time, and not again meanwhile
}

// now is a Tuesday, 16:00 in the city.
var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func (w *town) clock() time.Time {
	w.mu.Lock()
	if f := w.hook; f != nil {
		w.hook = nil
		w.mu.Unlock()
		f()
		w.mu.Lock()
		w.hook = f
	}
	defer w.mu.Unlock()
	return w.at
}

func (w *town) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func newTown(t testing.TB, d *db.DB) *town {
	t.Helper()
	w := &town{t: t, db: d, at: now, emails: map[string]string{}}
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v := vault.New(d, ring, w.clock)
	w.audit = audit.New(d, w.clock)
	queue, err := jobs.New(d, w.audit, jobs.Options{})
	require.NoError(t, err)
	t.Cleanup(queue.Close)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	who, err := access.New(d, w.audit, policies, w.clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, w.audit, w.clock), place.New(d, w.audit, w.clock)
	require.NoError(t, demo.New(cat, places).LoadCity(actor.AsSystem(t.Context(), "test")))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	w.Service = cases.New(cases.Deps{DB: d, Vault: v, Audit: w.audit, Jobs: queue, Catalogue: cat, Places: places, Access: who, Clocks: times,
		Now: w.clock, StaffAt: func(_ context.Context, email string) (string, error) { return w.emails[email], nil },
		Constituents: constituents.New(constituents.Deps{DB: d, Vault: v, Audit: w.audit, Now: w.clock, Region: "CN"})})
	return w
}

// system may do everything: for tests of states, not of rights.
func (w *town) system() context.Context { return actor.AsSystem(w.t.Context(), "test") }

func (w *town) guest() context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Anonymous})
}

func filing() cases.Filing {
	return cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "湖濱路路燈不亮", Description: "兩盞路燈從週一起不亮。",
		Location: cases.Location{Address: "湖濱路 12 號前"}, Contact: cases.Contact{Name: "王小明", Phone: "13812345678", Email: "ming@example.org"},
		Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb}
}

func (w *town) file(change ...func(*cases.Filing)) *cases.Receipt {
	w.t.Helper()
	f := filing()
	for _, c := range change {
		c(&f)
	}
	r, err := w.File(w.guest(), f)
	require.NoError(w.t, err)
	return r
}

func (w *town) do(no string, cmds ...cases.Command) *cases.Case {
	w.t.Helper()
	var c *cases.Case
	for _, cmd := range cmds {
		var err error
		c, err = w.Act(w.system(), no, 0, cmd)
		require.NoError(w.t, err, "%s", cmd.Action())
	}
	return c
}

// commands has one valid command for each act of staff.
func (w *town) commands(handler string) map[cases.Action]cases.Command {
	if w.emails["subject@example.org"] == "" {
		w.emails["subject@example.org"] = w.member("call_agent", "LJ")
	}
	return map[cases.Action]cases.Command{
		cases.ActAccept:       cases.Accept{},
		cases.ActNotAccept:    cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"},
		cases.ActRequestInfo:  cases.RequestInfo{Question: "請問在哪個路口？"},
		cases.ActDispatch:     cases.Dispatch{},
		cases.ActSignIn:       cases.SignIn{},
		cases.ActReturn:       cases.Return{Reason: "not_our_duty", Explanation: "非本科職責。"},
		cases.ActRedispatch:   cases.Redispatch{UnitCode: "CG02", Note: "改由市政設施科。"},
		cases.ActAssign:       cases.Assign{HandlerID: handler},
		cases.ActReply:        cases.Reply{Text: "已修復。"},
		cases.ActReviewReply:  cases.ReviewReply{Approve: true},
		cases.ActConclude:     cases.Conclude{Outcome: cases.Resolved},
		cases.ActRework:       cases.Rework{Reason: "民眾表示仍不亮。"},
		cases.ActSplit:        cases.Split{UnitCode: "CG02", Title: "查管線", Task: "請查管線。"},
		cases.ActRecallPart:   cases.RecallPart{CaseNo: "none", Reason: "不必了。"},
		cases.ActAddJoint:     cases.AddJoint{UnitCode: "CG02", Task: "請查管線。"},
		cases.ActJointSignIn:  cases.JointSignIn{},
		cases.ActJointAnswer:  cases.JointAnswer{Text: "管線無礙。"},
		cases.ActReleaseJoint: cases.ReleaseJoint{UnitCode: "CG01", Reason: "不必了。"},
		cases.ActMerge:        cases.Merge{Into: cmp.Or(w.leading, "none")},
		cases.ActUnmerge:      cases.Unmerge{Reason: "不是同一件事。"},
		cases.ActNote:         cases.Note{Text: "已聯絡。"},
		cases.ActRenewCode:    cases.RenewCode{Note: "姓名與電話相符"},
		cases.ActNameSubject:  cases.NameSubject{Email: "subject@example.org", Note: "當事人所指。"},
		cases.ActSuspend:      suspend(),
		cases.ActResume:       cases.Resume{},

		cases.ActTransfer: transfer(),
		cases.ActReopen:   cases.Reopen{Reason: "民眾提出新的照片。"},
		cases.ActArchive:  cases.Archive{},

		cases.ActSupervise:   supervise(),
		cases.ActAnswerOrder: cases.AnswerOrder{Text: "已派員，三日內完成。"},
		cases.ActCloseOrder:  cases.CloseOrder{Note: "已完成。"},
		cases.ActExtendOrder: cases.ExtendOrder{Days: "2", Note: "零件待料。"},

		cases.ActDecideObjection: cases.DecideObjection{Note: "照明屬本科權責。"},
		cases.ActRuleObjection:   cases.RuleObjection{UnitCode: "CG02", Note: "由市政設施科辦理。"},

		cases.ActRequestExtension: cases.RequestExtension{Days: "2", Ground: "零件待料。"},
		cases.ActDecideExtension:  cases.DecideExtension{Approve: true, Text: "零件到貨需時。"},
	}
}

// transfer hands a case to the court.
func transfer() cases.Transfer {
	return cases.Transfer{Body: "court", Name: "臨江市法院", Reason: "已繫屬法院。", Notice: "您的案件已由臨江市法院審理，請洽該院。"}
}

// supervise gives a unit three working days.
func supervise() cases.Supervise {
	return cases.Supervise{Form: "routine", Ground: "overdue", Days: "3", Text: "請於三日內修復並回報。"}
}

// suspend is a suspension until two weeks after the test began.
func suspend() cases.Suspend {
	return cases.Suspend{Type: "appraisal", Until: "2026-12-08", Notice: "需送驗，期間不計入期限。"}
}

// before leads to a status in which an act on the clock has something to do.
func before(w *town, a cases.Action, to cases.Status, handler string) []cases.Command {
	c := w.commands(handler)
	steps := path(w, cases.SignedIn, handler)
	switch a {
	case cases.ActResume:
		steps = append(steps, c[cases.ActSuspend])
	case cases.ActDecideExtension:
		steps = append(steps, c[cases.ActRequestExtension])
	case cases.ActDecideObjection:
		return append(path(w, cases.Dispatched, handler), c[cases.ActReturn])
	case cases.ActRuleObjection:
		return append(path(w, cases.Dispatched, handler), c[cases.ActReturn], c[cases.ActDecideObjection], c[cases.ActReturn])
	case cases.ActRecallPart:
		steps = append(steps, c[cases.ActSplit])
	case cases.ActJointSignIn, cases.ActJointAnswer, cases.ActReleaseJoint:
		steps = append(steps, cases.AddJoint{UnitCode: "CG01", Task: "請查管線。"})
	default:
		return path(w, to, handler)
	}
	switch to {
	case cases.Accepted:
		return append(steps, c[cases.ActReturn])
	case cases.Dispatched:
		return append(steps, c[cases.ActRedispatch])
	case cases.SignedIn:
		return steps
	case cases.Handling:
		return append(steps, c[cases.ActAssign])
	case cases.NeedInfo:
		return append(steps, c[cases.ActRequestInfo])
	case cases.Replied:
		return append(steps, c[cases.ActAssign], c[cases.ActReply])
	case cases.Reviewed:
		return append(steps, c[cases.ActAssign], c[cases.ActReply], c[cases.ActReviewReply])
	}
	return path(w, to, handler)
}

// path leads a fresh case to a status by real acts.
func path(w *town, to cases.Status, handler string) []cases.Command {
	c := w.commands(handler)
	walk := []cases.Command{c[cases.ActAccept], c[cases.ActDispatch], c[cases.ActSignIn], c[cases.ActAssign], c[cases.ActReply]}
	switch to {
	case cases.Submitted:
		return nil
	case cases.Merged:
		return []cases.Command{c[cases.ActMerge]}
	case cases.NeedInfo:
		return []cases.Command{c[cases.ActRequestInfo]}
	case cases.NotAccepted:
		return []cases.Command{c[cases.ActNotAccept]}
	case cases.Accepted:
		return walk[:1]
	case cases.Dispatched:
		return walk[:2]
	case cases.SignedIn:
		return walk[:3]
	case cases.Handling:
		return walk[:4]
	case cases.Replied:
		return walk
	case cases.Reviewed:
		return append(walk, c[cases.ActReviewReply])
	case cases.Transferred:
		return append(walk[:4:4], c[cases.ActTransfer])
	case cases.Archived:
		return append(walk, c[cases.ActConclude], c[cases.ActArchive])
	}
	return append(walk, c[cases.ActConclude])
}

// handler makes an account that may handle the whole city's cases.
func (w *town) handler() string { return w.member("handler", "LJ") }

// member makes an account with a role for a unit.
func (w *town) member(role, unit string) string {
	w.t.Helper()
	id, key := db.NewID(w.clock()), db.NewID(w.clock())
	tx := w.db.From(w.t.Context())
	require.NoError(w.t, tx.Exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, w.clock()).Error)
	require.NoError(w.t, tx.Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, w.clock()).Error)
	require.NoError(w.t, tx.Exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at)
 SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?`, db.NewID(w.clock()), id, role, w.clock().Add(-time.Hour), w.clock(), unit).Error)
	return id
}

func TestEachActIsPossibleJustWhereTheMachineSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		w.leading = w.file().CaseNo
		reviewed := func(f *cases.Filing) { f.MatterCode = reviewedMatter(w) }
		for _, status := range cases.Statuses {
			for i := range cases.Machine {
				tr := &cases.Machine[i]
				cmd := w.commands(handler)[tr.Action]
				if cmd == nil {
					continue // the citizen's own acts have tests of their own
				}
				var r *cases.Receipt
				if status == cases.Reviewed || tr.Action == cases.ActReviewReply && status == cases.Replied {
					r = w.file(reviewed)
				} else {
					r = w.file()
				}
				ordered := tr.Action == cases.ActAnswerOrder || tr.Action == cases.ActCloseOrder || tr.Action == cases.ActExtendOrder
				if ordered && tr.Allows(status) {
					w.do(r.CaseNo, supervise())
				}
				if status == cases.Withdrawn {
					_, err := w.Withdraw(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "")
					require.NoError(t, err)
				} else {
					steps := path(w, status, handler)
					if tr.Allows(status) {
						steps = before(w, tr.Action, status, handler)
					}
					w.do(r.CaseNo, steps...)
				}
				before, err := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
				require.NoError(t, err)
				require.Equal(t, status, before.Status)
				if tr.Action == cases.ActRecallPart && tr.Allows(status) {
					cmd = cases.RecallPart{CaseNo: w.pieces(r.CaseNo)[0].CaseNo, Reason: "不必了。"}
				}
				after, err := w.Act(w.system(), r.CaseNo, before.Version, cmd)
				if !tr.Allows(status) {
					require.Equal(t, fault.Conflict, fault.KindOf(err), "%s from %s: %v", tr.Action, status, err)
					continue
				}
				require.NoError(t, err, "%s from %s", tr.Action, status)
				if tr.To != "" {
					require.Equal(t, tr.To, after.Status, "%s from %s", tr.Action, status)
				}
			}
		}
	})
}

func reviewedMatter(w *town) string {
	snap, err := w.Catalogue.Snapshot(w.t.Context())
	require.NoError(w.t, err)
	for _, m := range snap.Matters {
		if m.ReplyReview && m.Allows(string(cases.Complaint)) && snap.CheckAnswers(m, nil) == nil {
			return m.Code
		}
	}
	w.t.Fatal("the city has no matter whose replies are reviewed")
	return ""
}

func TestAFilingLeavesEverythingAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		require.Equal(t, "2026-11-27", r.DueOn.String(), "three working days after a Tuesday")
		count := func(table string) (n int) {
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM "+table).Scan(&n).Error)
			return n
		}
		for table, want := range map[string]int{"cases": 1, "case_units": 1, "case_events": 1, "case_parties": 1, "constituents": 1, "contact_points": 2} {
			require.Equal(t, want, count(table), table)
		}
		require.Equal(t, 1, count("audit_entries WHERE action = 'case.file'"))
		require.Equal(t, 1, count("river_job WHERE kind = 'case.told'"))
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "湖濱路 12 號前", v.Address)
		for _, p := range v.People {
			require.Equal(t, "王*明", p.Name)
			require.Equal(t, "138****5678", p.Phone)
		}
	})
}

func TestTwoClerksNeverOverwriteEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		var done sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			done.Add(1)
			go func() {
				defer done.Done()
				_, errs[i] = w.Act(w.system(), r.CaseNo, 1, cases.Accept{})
			}()
		}
		done.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		}
		require.Equal(t, 1, won)
	})
}

func TestAWrongCodeAndAnUnknownNumberAnswerAlike(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	r := w.file()
	_, wrong := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: "AAAAA-AAAAA"})
	_, unknown := w.Track(w.guest(), cases.Key{CaseNo: w.MakeNumber(2026, 999), QueryCode: r.QueryCode})
	_, garbage := w.Track(w.guest(), cases.Key{CaseNo: "'; DROP TABLE cases", QueryCode: r.QueryCode})
	require.Equal(t, wrong, unknown)
	require.Equal(t, wrong, garbage)
	v, err := w.Track(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode})
	require.NoError(t, err)
	require.Empty(t, v.People)
}

func TestASealedCaseKeepsNoReadableText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		w.do(r.CaseNo, cases.Note{Text: "內部備註秘密"}, cases.RequestInfo{Question: "請補充秘密資料"})
		_, err := w.Say(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "回覆秘密內容")
		require.NoError(t, err)
		for _, q := range []string{"SELECT title || description || answers FROM cases", "SELECT text FROM case_events", "SELECT text FROM case_messages"} {
			if d.Engine() == db.PostgreSQL {
				q = map[string]string{"SELECT title || description || answers FROM cases": "SELECT title || description FROM cases"}[q] + ""
				if q == "" {
					continue
				}
			}
			var texts []string
			require.NoError(t, d.From(t.Context()).Raw(q).Scan(&texts).Error)
			for _, text := range texts {
				require.NotContains(t, text, "秘密")
				require.NotContains(t, text, "路燈")
			}
		}
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "湖濱路路燈不亮", v.Title)
		require.Len(t, v.Messages, 2)
		require.Equal(t, "回覆秘密內容", v.Messages[1].Text)
	})
}

func TestDangerToLifeTopsEveryQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.file()
		w.wait(time.Minute)
		danger := w.file(func(f *cases.Filing) { f.Danger = true })
		require.Equal(t, w.clock().Add(2*time.Hour), danger.DueAt)
		page, err := w.Queue(w.system(), cases.Filter{})
		require.NoError(t, err)
		require.Equal(t, danger.CaseNo, page.Items[0].CaseNo)
	})
}

func TestAQueueIsPagedByKeyWithoutGapOrRepeat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		want := map[string]bool{}
		for i := range 11 {
			w.wait(time.Duration(i) * time.Hour)
			want[w.file(func(f *cases.Filing) { f.Title = fmt.Sprint("第", i, "件") }).CaseNo] = true
		}
		got := map[string]bool{}
		cursor := ""
		for pages := 0; pages < 10; pages++ {
			page, err := w.Queue(w.system(), cases.Filter{Limit: 3, Cursor: cursor})
			require.NoError(t, err)
			for _, it := range page.Items {
				require.False(t, got[it.CaseNo], "twice: %s", it.CaseNo)
				got[it.CaseNo] = true
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, want, got)
		counts, err := w.Counts(w.system())
		require.NoError(t, err)
		require.Equal(t, 11, counts[cases.ViewOpen])
	})
}
