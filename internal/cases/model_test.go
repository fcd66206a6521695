package cases_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/insight"
	"minqing/internal/satisfaction"
)

// TestNoOrderOfActsBreaksACase fires acts of staff and citizens at a few cases,
// possible ones and others, with versions that are right, old or of two people
// at once, while time goes on and jobs run. After each of them everything about
// the cases is compared with what their stories tell, and in the end the figures
// that were kept along the way with a recount.
//
// It takes half a second for each of its checks; -rapid.checks asks for more.
func TestNoOrderOfActsBreaksACase(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		require.NoError(t, f.Value.Set("25"))
		t.Cleanup(func() { require.NoError(t, f.Value.Set(f.DefValue)) })
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		reviewed := reviewedMatter(w)
		m := &model{town: w, handler: w.handler()}
		m.judging = satisfaction.New(satisfaction.Deps{DB: d, Cases: w.Service, Vault: w.Vault, Audit: w.audit, Now: w.clock})
		m.figures = insight.New(insight.Deps{DB: d, Access: w.Access, Zone: time.FixedZone("CST", 8*3600), Now: w.clock})
		rapid.Check(t, func(rt *rapid.T) {
			m.rt, m.cases, m.seen, m.recounted = rt, nil, map[string]*sight{}, false
			for i := range 3 {
				m.cases = append(m.cases, w.file(func(f *cases.Filing) {
					if i == 2 {
						f.MatterCode = reviewed
					}
				}))
				m.begin(rapid.SampledFrom(begun).Draw(rt, "status"), i == 2)
			}
			rt.Repeat(map[string]func(*rapid.T){
				"":        m.holds,
				"staff":   m.staff,
				"onward":  m.onward,
				"citizen": m.citizen,
				"twice":   m.twice,
				"time":    m.time,
				"recount": m.recount,
			})
			m.counted()
		})
	})
}

// begun is how far a case may be when a round begins.
var begun = []cases.Status{cases.Submitted, cases.Accepted, cases.Dispatched, cases.SignedIn, cases.Handling, cases.Replied, cases.Concluded, cases.NotAccepted}

// begin takes the newest case so far.
func (m *model) begin(to cases.Status, reviewed bool) {
	steps := path(m.town, to, m.handler)
	if reviewed && to == cases.Concluded {
		steps = slices.Insert(steps, len(steps)-1, cases.Command(cases.ReviewReply{Approve: true}))
	}
	m.do(m.cases[len(m.cases)-1].CaseNo, steps...)
}

// model is the town with what the test knows of its cases.
type model struct {
	*town
	rt      *rapid.T
	handler string
	judging *satisfaction.Service
	figures *insight.Service
	cases   []*cases.Receipt
	seen    map[string]*sight // by case, when it was looked at last

	recounted bool // clocks were counted anew
}

// sight is a case as its rows tell it.
type sight struct {
	ID, CaseNo, UnitID                      string
	Status                                  cases.Status
	Version, EventCount                     int64
	HandlerID, ParentID, MergedIntoID       *string
	DueAt, SuspendedAt, ConcludedAt         *time.Time
	ReturnedCount, ReworkCount              int64
	JointOpen, PartsOpen, MergedCount       int64
	Grade                                   int
	Rectify                                 cases.Rectifying
	Clocks, Events, In, Replies, Judgements int64 `gorm:"-"`
}

func (m *model) fatal(format string, args ...any) { m.rt.Fatalf(format, args...) }

func (m *model) must(err error) {
	if err != nil {
		m.fatal("%v", err)
	}
}

func (m *model) read(into any, query string, args ...any) {
	m.must(m.db.From(m.t.Context()).Raw(query, args...).Scan(into).Error)
}

func (m *model) look(no string) *sight {
	var s sight
	m.read(&s, `SELECT id, case_no, unit_id, status, version, event_count, handler_id, parent_id, merged_into_id, due_at, suspended_at, concluded_at,
 returned_count, rework_count, joint_open, parts_open, merged_count, grade, rectify FROM cases WHERE case_no = ?`, no)
	m.read(&s.Clocks, "SELECT count(*) FROM case_clocks WHERE case_id = ?", s.ID)
	m.read(&s.Events, "SELECT count(*) FROM case_events WHERE case_id = ?", s.ID)
	m.read(&s.In, "SELECT count(*) FROM case_messages WHERE case_id = ? AND direction = 'in'", s.ID)
	m.read(&s.Replies, "SELECT count(*) FROM case_messages WHERE case_id = ? AND kind = 'reply' AND published = ?", s.ID, true)
	m.read(&s.Judgements, "SELECT count(*) FROM evaluations WHERE case_id = ?", s.ID)
	return &s
}

// all are the cases of this round with the parts that were made of them.
func (m *model) all() (numbers []string) {
	for _, r := range m.cases {
		numbers = append(numbers, r.CaseNo)
		var parts []string
		m.read(&parts, "SELECT p.case_no FROM cases p JOIN cases c ON c.id = p.parent_id WHERE c.case_no = ? ORDER BY p.id", r.CaseNo)
		numbers = append(numbers, parts...)
	}
	return numbers
}

func (m *model) pick() string {
	return rapid.SampledFrom(m.all()).Draw(m.rt, "case")
}

// command is a valid command for an act of staff, of several one.
func (m *model) command(no string, a cases.Action) cases.Command {
	flip := func(what string) bool { return rapid.Bool().Draw(m.rt, what) }
	other := m.cases[rapid.IntRange(0, len(m.cases)-1).Draw(m.rt, "other")].CaseNo
	switch a {
	case cases.ActReviewReply:
		return cases.ReviewReply{Approve: flip("approve"), Note: "請補充依據。"}
	case cases.ActDecideAppeal:
		return cases.DecideAppeal{Uphold: flip("uphold"), Text: "已查明。"}
	case cases.ActDecideExtension:
		return cases.DecideExtension{Approve: flip("allow"), Text: "零件到貨需時。"}
	case cases.ActDecideObjection:
		return cases.DecideObjection{Agree: flip("agree"), UnitCode: "CG02", Note: "照明屬本科權責。"}
	case cases.ActRuleObjection:
		return cases.RuleObjection{First: flip("first"), UnitCode: "CG02", Note: "由該科辦理。"}
	case cases.ActVerifyGrade:
		return cases.VerifyGrade{Finding: rapid.SampledFrom([]string{"clear", "complex", "no_basis"}).Draw(m.rt, "finding"), Note: "已聯絡民眾。"}
	case cases.ActRectify:
		return cases.Rectify{Text: "已更換，請您再看看。"}
	case cases.ActContestGrade:
		return cases.ContestGrade{Reason: "mistaken", Explanation: "民眾表示按錯。"}
	case cases.ActDecideContest:
		return cases.DecideContest{Exclude: flip("exclude"), Note: "通話紀錄可證。"}
	case cases.ActMerge:
		return cases.Merge{Into: other}
	case cases.ActRecallPart:
		if parts := m.pieces(no); len(parts) > 0 {
			return cases.RecallPart{CaseNo: parts[0].CaseNo, Reason: "不必了。"}
		}
	case cases.ActReleaseJoint, cases.ActJointSignIn, cases.ActJointAnswer:
		for _, p := range m.joint(no) {
			if p.Open() {
				switch a {
				case cases.ActReleaseJoint:
					return cases.ReleaseJoint{UnitCode: p.Unit.Code, Reason: "不必了。"}
				case cases.ActJointSignIn:
					return cases.JointSignIn{UnitCode: p.Unit.Code}
				}
				return cases.JointAnswer{UnitCode: p.Unit.Code, Text: "管線無礙。"}
			}
		}
	case cases.ActSuspend:
		return cases.Suspend{Type: "appraisal", Until: calendar.DateOf(m.clock().Add(20*24*time.Hour), time.UTC).String(), Notice: "需送驗，期間不計入期限。"}
	}
	return m.commands(m.handler)[a]
}

// staff does any act at all, with any version.
func (m *model) staff(rt *rapid.T) {
	no := m.pick()
	before := m.look(no)
	acts := cases.Machine
	if rapid.IntRange(0, 3).Draw(rt, "sensible") > 0 {
		acts = slices.DeleteFunc(slices.Clone(acts), func(t cases.Transition) bool { return !t.Allows(before.Status) || t.Verb == "" })
	}
	tr := rapid.SampledFrom(acts).Draw(rt, "act")
	cmd := m.command(no, tr.Action)
	if cmd == nil {
		return
	}
	version := rapid.SampledFrom([]int64{0, before.Version, before.Version - 1}).Draw(rt, "version")
	_, err := m.Act(m.system(), no, version, cmd)
	m.outcome(before, &tr, err)
	if err == nil && version != 0 && version != before.Version {
		m.fatal("%s from version %d of %d", tr.Action, version, before.Version)
	}
}

// onward does what takes a case on, so that rounds come to their ends.
func (m *model) onward(rt *rapid.T) {
	no := m.pick()
	before := m.look(no)
	steps := map[cases.Status][]cases.Action{cases.Submitted: {cases.ActAccept}, cases.Accepted: {cases.ActDispatch, cases.ActDecideObjection, cases.ActRuleObjection},
		cases.Dispatched: {cases.ActSignIn}, cases.SignedIn: {cases.ActAssign}, cases.Handling: {cases.ActReply, cases.ActJointAnswer, cases.ActResume},
		cases.Replied: {cases.ActReviewReply, cases.ActConclude}, cases.Reviewed: {cases.ActConclude}}[before.Status]
	if len(steps) == 0 {
		return
	}
	a := rapid.SampledFrom(steps).Draw(rt, "step")
	_, err := m.Act(m.system(), no, 0, m.command(no, a))
	m.outcome(before, transition(a), err)
}

func transition(a cases.Action) *cases.Transition {
	i := slices.IndexFunc(cases.Machine, func(t cases.Transition) bool { return t.Action == a })
	return &cases.Machine[i]
}

// outcome checks what an act did to its case: one step by the machine, or nothing.
func (m *model) outcome(before *sight, tr *cases.Transition, err error) {
	after := m.look(before.CaseNo)
	if err != nil {
		var f *fault.Error
		if !errors.As(err, &f) {
			m.fatal("%s from %s: not a fault: %v", tr.Action, before.Status, err)
		}
		if fmt.Sprintf("%+v", *plain(before)) != fmt.Sprintf("%+v", *plain(after)) {
			m.fatal("%s was refused (%v) and changed the case:\n%+v\n%+v", tr.Action, err, *plain(before), *plain(after))
		}
		return
	}
	if !tr.Allows(before.Status) {
		m.fatal("%s from %s", tr.Action, before.Status)
	}
	if tr.To != "" && tr.To != after.Status {
		m.fatal("%s from %s led to %s", tr.Action, before.Status, after.Status)
	}
	if after.Version <= before.Version {
		m.fatal("%s left version %d", tr.Action, after.Version)
	}
}

// plain has the times written out, so that sights can be compared as text.
func plain(s *sight) *map[string]any {
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.UTC().String()
	}
	id := func(p *string) string {
		if p == nil {
			return ""
		}
		return *p
	}
	return &map[string]any{"status": s.Status, "version": s.Version, "events": s.Events, "count": s.EventCount, "unit": s.UnitID, "handler": id(s.HandlerID),
		"into": id(s.MergedIntoID), "due": at(s.DueAt), "suspended": at(s.SuspendedAt), "concluded": at(s.ConcludedAt), "returned": s.ReturnedCount,
		"rework": s.ReworkCount, "joint": s.JointOpen, "parts": s.PartsOpen, "merged": s.MergedCount, "grade": s.Grade, "rectify": s.Rectify,
		"clocks": s.Clocks, "in": s.In, "replies": s.Replies, "judgements": s.Judgements}
}

// said is how often people do what.
var said = []cases.Action{cases.ActMessage, cases.ActMessage, cases.ActMessage, cases.ActAppeal, cases.ActAppeal, cases.ActEvaluate, cases.ActEvaluate, cases.ActEvaluate, cases.ActWithdraw}

// citizen does what the person who filed may do.
func (m *model) citizen(rt *rapid.T) {
	r := rapid.SampledFrom(m.cases).Draw(rt, "case")
	before := m.look(r.CaseNo)
	k := cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
	var err error
	switch what := rapid.SampledFrom(said).Draw(rt, "what"); what {
	case cases.ActMessage:
		_, err = m.Say(m.guest(), k, "在第二個路口。")
		m.outcome(before, transition(what), err)
		if after := m.look(r.CaseNo); err == nil && after.In != before.In+1 {
			m.fatal("a message was lost or doubled: %d, then %d", before.In, after.In)
		}
	case cases.ActWithdraw:
		_, err = m.Withdraw(m.guest(), k, "已經好了。")
		m.outcome(before, transition(what), err)
	case cases.ActAppeal:
		_, err = m.Appeal(m.guest(), k, "仍然不亮。")
		m.outcome(before, transition(what), err)
	case cases.ActEvaluate:
		j := satisfaction.Judgement{Grade: rapid.IntRange(1, 5).Draw(rt, "grade"), Resolved: rapid.SampledFrom([]string{"yes", "partly", "no"}).Draw(rt, "solved"), Channel: "portal"}
		err = m.judging.ByKey(m.guest(), k, j)
		m.outcome(before, transition(what), err)
		if after := m.look(r.CaseNo); err == nil && after.Judgements != before.Judgements+1 {
			m.fatal("a judgement was lost or doubled: %d, then %d", before.Judgements, after.Judgements)
		}
	}
}

// twice lets two people do something to the same version of one case at once.
func (m *model) twice(rt *rapid.T) {
	no := m.pick()
	var cmds []cases.Command
	for range 2 {
		tr := rapid.SampledFrom(cases.Machine).Draw(rt, "act")
		if cmd := m.command(no, tr.Action); cmd != nil {
			cmds = append(cmds, cmd)
		}
	}
	before := m.look(no)
	errs := make(chan error)
	for _, cmd := range cmds {
		go func() {
			_, err := m.Act(m.system(), no, before.Version, cmd)
			errs <- err
		}()
	}
	done := 0
	for range cmds {
		if err := <-errs; err == nil {
			done++
		}
	}
	if done > 1 {
		m.fatal("both of two acts on version %d", before.Version)
	}
	if after := m.look(no); done == 0 && after.Version != before.Version {
		m.fatal("neither was done, and the version went from %d to %d", before.Version, after.Version)
	}
}

// time goes on by hours or days; then the jobs run that time sets off, twice.
func (m *model) time(rt *rapid.T) {
	m.wait(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
	ctx := m.system()
	for range 2 {
		m.must(m.Warn(ctx))
		_, err := m.ArchiveDue(ctx)
		m.must(err)
	}
	m.must(m.figures.Refresh(ctx, m.clock()))
}

// recount makes a day off, or one less, and counts open clocks anew.
func (m *model) recount(rt *rapid.T) {
	day := m.clock().AddDate(0, 0, rapid.IntRange(1, 6).Draw(rt, "days"))
	if day.Year() != 2026 {
		return
	}
	m.off(day.Format(time.DateOnly))
	_, err := m.Recount(m.system())
	m.must(err)
	m.recounted = true // where only the calendar's version changes, the case has no event
}

// holds says what is true of every case at every time.
func (m *model) holds(*rapid.T) {
	unlike, err := cases.UnlikeClocks(m.system(), m.db)
	m.must(err)
	if len(unlike) > 0 {
		m.fatal("not as the clocks say: %v", unlike)
	}
	for _, no := range m.all() {
		s := m.look(no)
		m.story(s)
		m.place(s)
		m.clocks(s)
		m.together(s)
		if (s.Status == cases.Concluded || s.Status == cases.Archived) && s.Replies == 0 && s.ParentID == nil {
			m.fatal("%s was concluded without a reply", no)
		}
		if last := m.seen[s.ID]; last != nil && (s.Clocks < last.Clocks || s.Events < last.Events || s.In < last.In || s.Judgements < last.Judgements) {
			m.fatal("%s lost something: %+v, then %+v", no, *plain(last), *plain(s))
		}
		m.seen[s.ID] = s
	}
}

// told is the story in short, for a failure.
func (m *model) told(s *sight) (acts []string) {
	m.read(&acts, "SELECT action || ' to ' || to_status || ' at ' || CAST(at AS text) FROM case_events WHERE case_id = ? ORDER BY seq", s.ID)
	return acts
}

// story: the sum of the events is the row.
func (m *model) story(s *sight) {
	var events []struct {
		Seq                  int64
		Action               cases.Action
		FromStatus, ToStatus cases.Status
	}
	m.read(&events, "SELECT seq, action, from_status, to_status FROM case_events WHERE case_id = ? ORDER BY seq", s.ID)
	var at cases.Status
	counts := map[cases.Action]int64{}
	for i, e := range events {
		if e.Seq != int64(i+1) || e.FromStatus != at && i > 0 {
			m.fatal("%s: event %d, %s from %s, follows one that led to %s", s.CaseNo, e.Seq, e.Action, e.FromStatus, at)
		}
		at = e.ToStatus
		counts[e.Action]++
	}
	if at != s.Status || int64(len(events)) != s.EventCount || s.Version != s.EventCount && !m.recounted || s.Version < s.EventCount {
		m.fatal("%s is %s in version %d with %d events, and its %d events lead to %s", s.CaseNo, s.Status, s.Version, s.EventCount, len(events), at)
	}
	if counts[cases.ActReturn] != s.ReturnedCount {
		m.fatal("%s: returned %d times, its row says %d", s.CaseNo, counts[cases.ActReturn], s.ReturnedCount)
	}
}

// place: it stands in the queue of one unit, as its row says.
func (m *model) place(s *sight) {
	var leads []struct {
		UnitID, Status string
		Open           bool
		HandlerID      *string
	}
	m.read(&leads, "SELECT unit_id, status, open, handler_id FROM case_units WHERE case_id = ? AND role = 'lead'", s.ID)
	atDesk := []cases.Status{cases.Submitted, cases.NeedInfo, cases.Accepted, cases.NotAccepted, cases.Withdrawn, cases.Merged, cases.Transferred} // who takes cases in may have it still
	if len(leads) != 1 || leads[0].UnitID != s.UnitID && !slices.Contains(atDesk, s.Status) || leads[0].Status != string(s.Status) {
		m.fatal("%s: led by %+v, its row says %s, %s", s.CaseNo, leads, s.UnitID, s.Status)
	}
	if !s.Status.Ended() && (leads[0].HandlerID == nil) != (s.HandlerID == nil) {
		m.fatal("%s: its handler is not the queue's", s.CaseNo)
	}
	var waits int64 // an appeal waits above, a conclusion under supervision too
	m.read(&waits, "SELECT count(*) FROM case_units WHERE case_id = ? AND role = 'supervising' AND open", s.ID)
	if !s.Status.Ended() && !leads[0].Open && waits == 0 {
		m.fatal("%s is %s and in nobody's queue", s.CaseNo, s.Status)
	}
}

// clocks: the citizen's clock runs or stands while the case is open, and says
// when the case is due; when it is over nothing of its handling runs.
func (m *model) clocks(s *sight) {
	var list []struct {
		Kind, State string
		DueAt       *time.Time
	}
	m.read(&list, "SELECT kind, state, due_at FROM case_clocks WHERE case_id = ?", s.ID)
	going := 0
	for _, k := range list {
		alive := k.State == "running" || k.State == "paused"
		if alive && s.Status.Ended() && !slices.Contains([]string{"callback", "rectification"}, k.Kind) {
			m.fatal("%s is %s, and its clock %s is %s", s.CaseNo, s.Status, k.Kind, k.State)
		}
		if (k.State == "paused") != (k.DueAt == nil) && alive {
			m.fatal("%s: its clock %s is %s, due %v", s.CaseNo, k.Kind, k.State, k.DueAt)
		}
		if k.Kind != "conclusion" || !alive {
			continue
		}
		going++
		if k.State == "running" && (s.DueAt == nil || !k.DueAt.Equal(*s.DueAt)) {
			m.fatal("%s is due %v, its clock says %v: %v", s.CaseNo, s.DueAt, k.DueAt, m.told(s))
		}
		if k.State == "paused" && s.SuspendedAt == nil && s.Status != cases.NeedInfo {
			m.fatal("%s: its clock stands still for no reason", s.CaseNo)
		}
	}
	if !s.Status.Ended() && going != 1 {
		m.fatal("%s is %s with %d clocks to its conclusion: %+v", s.CaseNo, s.Status, going, list)
	}
}

// together: what waits for others is counted right.
func (m *model) together(s *sight) {
	var joint, parts, merged int64
	m.read(&joint, "SELECT count(*) FROM case_joints WHERE case_id = ? AND state IN ('asked', 'signed_in')", s.ID)
	ended := "'" + strings.Join([]string{string(cases.Concluded), string(cases.NotAccepted), string(cases.Withdrawn), string(cases.Transferred), string(cases.Archived)}, "', '") + "'"
	m.read(&parts, "SELECT count(*) FROM cases WHERE parent_id = ? AND status NOT IN ("+ended+")", s.ID)
	m.read(&merged, "SELECT count(*) FROM cases WHERE merged_into_id = ? AND status = 'merged'", s.ID)
	if joint != s.JointOpen || parts != s.PartsOpen || merged != s.MergedCount {
		m.fatal("%s waits for %d joint units, %d parts, leads %d; its row says %d, %d, %d", s.CaseNo, joint, parts, merged, s.JointOpen, s.PartsOpen, s.MergedCount)
	}
}

// counted: figures that were kept while things happened are those of a recount.
func (m *model) counted() {
	ctx := context.WithoutCancel(m.system())
	m.wait(time.Second)
	m.must(m.figures.Refresh(ctx, m.clock()))
	kept := m.figuresNow()
	m.must(m.figures.Rebuild(ctx))
	require.Equal(m.rt, m.figuresNow(), kept)
}

func (m *model) figuresNow() (rows []string) {
	const counts = "filed || ' ' || response_due || ' ' || responded || ' ' || due || ' ' || on_time || ' ' || concluded || ' ' || judged || ' ' || evaluated || ' ' || satisfied || ' ' || bad"
	m.read(&rows, "SELECT CAST(day AS text) || ' ' || CAST(unit_id AS text) || ' ' || "+counts+" FROM figures_day ORDER BY 1")
	return rows
}
