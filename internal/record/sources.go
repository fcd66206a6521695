package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
)

// source is where one kind of line of a story comes from: a select of its columns,
// with {cases} for the ids of the cases that the actor may see, {family} for the
// records that are one person, and {units} for the units of a right.
type source struct {
	what    string // the kind, once for each source
	columns string // case_id, detail, number, ref, name
	from    string // with its condition
	at, id  string // when, and what tells two lines of one moment apart

	parts []Part      // one of these has to be seen
	verb  access.Verb // and this held for some unit; empty: the parts are enough
	path  string      // the unit path that the right is asked for
}

var (
	ofStory    = []Part{Story}
	ofOutreach = []Part{Story, Consents}
)

const noCase = "CAST(NULL AS uuid)"

const (
	permitLines = "permit_events e JOIN permits pp ON pp.id = e.permit_id WHERE pp.holder_id IN {family} AND {units}"
	visitLines  = "permit_inspections v JOIN permit_applications a ON a.id = v.application_id WHERE a.case_id IN ({cases}) AND EXISTS (SELECT 1 FROM case_units cu WHERE cu.case_id = a.case_id AND {units})"
	feeLines    = "fee_orders o WHERE o.holder_id IN {family} AND {units}"
	paidLines   = "fee_receipts r JOIN fee_orders o ON o.id = r.order_id WHERE o.holder_id IN {family} AND {units}"
	sentLines   = "campaign_assignments a JOIN campaigns k ON k.id = a.campaign_id JOIN segments g ON g.id = k.segment_id JOIN units u ON u.id = g.unit_id WHERE a.constituent_id IN {family} AND a.queued_at IS NOT NULL AND COALESCE(a.delivery_id, a.portal_id) IS NOT NULL AND {units}"
	// An offer that was found to be the second to one person is none, as they see it.
	offerLines = "offers o JOIN benefits b ON b.id = o.benefit_id JOIN units u ON u.id = b.unit_id WHERE o.constituent_id IN {family} AND o.told_at IS NOT NULL AND NOT (o.state = 'refused' AND o.reason = 'twice') AND {units}"
	offerRef   = "CAST(o.benefit_id AS text) || '/lists/' || CAST(o.list_id AS text) || '/' || CAST(o.id AS text), CAST(b.name AS text)"
	// What was told without a case: each message once, and one in the portal when nothing
	// left by mail or text message.
	bareLines  = "d.case_id IS NULL AND d.constituent_id IN {family} AND (d.channel <> 'inapp' OR NOT EXISTS (SELECT 1 FROM deliveries l WHERE l.constituent_id = d.constituent_id AND l.case_id IS NULL AND l.kind = d.kind AND l.about_id = d.about_id AND l.channel <> 'inapp')) AND {units}"
	permitTold = "deliveries d JOIN permit_events e ON e.id = d.about_id JOIN permits pp ON pp.id = e.permit_id WHERE d.kind IN ('permit_moved', 'permit_ending') AND " + bareLines
	dutyTold   = "deliveries d JOIN permit_duties y ON y.id = d.about_id JOIN permits pp ON pp.id = y.permit_id WHERE d.kind IN ('duty_near', 'duty_missed', 'duty_returned', 'duty_settled', 'duty_visit') AND " + bareLines
	feeTold    = "deliveries d JOIN fee_orders o ON o.id = d.about_id WHERE d.kind IN ('fee_ordered', 'fee_received') AND " + bareLines
	feeRef     = "o.order_no, CAST(o.fee_name AS text)"
)

// sources are all that a story is made of. What hangs on a case is seen with it;
// permits, fees, campaigns and offers by whoever reads them for their unit.
var sources = []source{
	{what: "case", columns: "c.id, '', 0, '', '{}'", from: "cases c WHERE c.id IN ({cases})", at: "c.received_at", id: "c.id", parts: ofStory},
	{what: "concluded", columns: "c.id, c.outcome, 0, '', '{}'", from: "cases c WHERE c.concluded_at IS NOT NULL AND c.id IN ({cases})", at: "c.concluded_at", id: "c.id", parts: ofStory},
	{what: "message", columns: "m.case_id, m.direction, 0, '', '{}'", from: "case_messages m WHERE m.case_id IN ({cases})", at: "m.at", id: "m.id", parts: ofStory},
	{what: "evaluation", columns: "e.case_id, e.resolved, e.grade, '', '{}'", from: "evaluations e WHERE e.case_id IN ({cases})", at: "e.evaluated_at", id: "e.id", parts: ofStory},
	{what: "call", columns: "k.case_id, a.outcome, 0, '', '{}'", from: "callback_attempts a JOIN callbacks k ON k.id = a.callback_id WHERE k.case_id IN ({cases})", at: "a.at", id: "a.id", parts: ofStory},
	{what: "notice", columns: "d.case_id, d.status, 0, '', '{}'", from: "deliveries d WHERE d.channel IN ('mail', 'sms') AND d.case_id IN ({cases}) AND d.constituent_id IN {family}", at: "d.created_at", id: "d.id", parts: ofStory},
	{what: "consent", columns: noCase + ", n.purpose || '.' || n.channel, CASE WHEN n.given THEN 1 ELSE 0 END, '', '{}'", from: "consents n WHERE n.constituent_id IN {family}", at: "n.at", id: "n.id", parts: []Part{Consents}},
	{what: "permit", columns: noCase + ", e.act, 0, pp.permit_no, CAST(pp.type_name AS text)", from: permitLines, at: "e.at", id: "e.id", parts: ofStory, verb: access.PermitRead, path: "pp.unit_path"},
	{what: "visit", columns: "a.case_id, CASE WHEN v.state = 'called_off' THEN 'called_off' ELSE 'appointed' END, 0, '', '{}'", from: visitLines, at: "v.appointed_at", id: "v.id", parts: ofStory, verb: access.PermitRead, path: "cu.unit_path"},
	{what: "inspection", columns: "a.case_id, CASE WHEN v.passed THEN 'passed' ELSE 'failed' END, 0, '', '{}'", from: visitLines + " AND v.recorded_at IS NOT NULL", at: "v.recorded_at", id: "v.id", parts: ofStory, verb: access.PermitRead, path: "cu.unit_path"},
	{what: "fee", columns: noCase + ", o.currency, o.amount, " + feeRef, from: feeLines, at: "o.created_at", id: "o.id", parts: ofStory, verb: access.FeeRead, path: "o.unit_path"},
	{what: "fee_paid", columns: noCase + ", r.currency, r.amount, " + feeRef, from: paidLines + " AND r.kind = 'payment'", at: "r.issued_at", id: "r.id", parts: ofStory, verb: access.FeeRead, path: "o.unit_path"},
	{what: "fee_refunded", columns: noCase + ", r.currency, r.amount, " + feeRef, from: paidLines + " AND r.kind = 'refund'", at: "r.issued_at", id: "r.id", parts: ofStory, verb: access.FeeRead, path: "o.unit_path"},
	{what: "permit_notice", columns: noCase + ", d.status, 0, pp.permit_no, CAST(pp.type_name AS text)", from: permitTold, at: "d.created_at", id: "d.id", parts: ofStory, verb: access.PermitRead, path: "pp.unit_path"},
	{what: "duty_notice", columns: noCase + ", d.status, 0, pp.permit_no, CAST(pp.type_name AS text)", from: dutyTold, at: "d.created_at", id: "d.id", parts: ofStory, verb: access.PermitRead, path: "pp.unit_path"},
	{what: "fee_notice", columns: noCase + ", d.status, 0, " + feeRef, from: feeTold, at: "d.created_at", id: "d.id", parts: ofStory, verb: access.FeeRead, path: "o.unit_path"},
	{what: "fee_ended", columns: noCase + ", o.state, 0, " + feeRef, from: feeLines + " AND o.state IN ('waived', 'cancelled') AND o.settled_at IS NOT NULL", at: "o.settled_at", id: "o.id", parts: ofStory, verb: access.FeeRead, path: "o.unit_path"},
	{what: "campaign", columns: noCase + ", a.status, 0, CAST(k.id AS text), CAST(k.name AS text)", from: sentLines, at: "a.queued_at", id: "COALESCE(a.delivery_id, a.portal_id)", parts: ofOutreach, verb: access.CampaignRead, path: "u.path"},
	{what: "offer", columns: noCase + ", '', 0, " + offerRef, from: offerLines, at: "o.told_at", id: "o.id", parts: ofOutreach, verb: access.OfferRead, path: "u.path"},
	{what: "offer_answered", columns: noCase + ", CASE WHEN o.state IN ('agreed', 'granted') THEN 'agreed' WHEN o.state = 'objected' THEN 'objected' ELSE 'answered' END, 0, " + offerRef,
		from: offerLines + " AND o.answered_at IS NOT NULL", at: "o.answered_at", id: "o.id", parts: ofOutreach, verb: access.OfferRead, path: "u.path"},
	{what: "offer_ended", columns: noCase + ", o.state, 0, " + offerRef, from: offerLines + " AND o.settled_at IS NOT NULL", at: "o.settled_at", id: "o.id", parts: ofOutreach, verb: access.OfferRead, path: "u.path"},
}

// StoryKinds lists the kinds of lines that a story may have.
func StoryKinds() []string {
	list := make([]string, len(sources))
	for i, one := range sources {
		list[i] = one.what
	}
	return list
}

// columnsFirst names the columns whichever source comes first.
const columnsFirst = "SELECT 'case' AS what, received_at AS at, id, id AS case_id, '' AS detail, 0 AS number, '' AS ref, '{}' AS name FROM cases WHERE 1 = 0 UNION ALL "

// reads gives for each right that sources ask for the units for which the actor has
// it; one that they have not is not in it.
func (s *Service) reads(ctx context.Context) (map[access.Verb]access.Scope, error) {
	units := map[access.Verb]access.Scope{}
	for _, one := range sources {
		if _, known := units[one.verb]; known || one.verb == "" || s.Access.Can(ctx, one.verb) != nil {
			continue
		}
		scope, err := s.Access.Scope(ctx, one.verb)
		if err != nil {
			return nil, err
		}
		units[one.verb] = scope
	}
	return units, nil
}

// shows says whether a source is one for the actor.
func (s *Sheet) shows(one source) bool {
	if _, held := s.units[one.verb]; one.verb != "" && !held {
		return false
	}
	return slices.ContainsFunc(one.parts, s.Sees)
}

// selects writes one source, cut to a page behind a line.
func (s *Sheet) selects(one source, cases db.Sub, after []any) (string, []any) {
	from, args := s.fillIn(one, cases, time.Time{})
	sql := "SELECT '" + one.what + "', " + one.at + ", " + one.id + ", " + one.columns + " FROM " + from
	if after != nil {
		at, id := one.at, one.id
		sql += fmt.Sprintf(" AND (%s < ? OR %s = ? AND (%s < ? OR %s = ? AND '%s' < ?))", at, at, id, id, one.what)
		args = append(args, after[0], after[0], after[1], after[1], after[2])
	}
	return sql + fmt.Sprintf(" ORDER BY %s DESC, %s DESC LIMIT %d", one.at, one.id, StoryMost+1), args
}

// fillIn writes the FROM of a source with what its marks stand for: {cases}, {family},
// {units}, and of what is open {now} and {today}.
func (s *Sheet) fillIn(one source, cases db.Sub, now time.Time) (sql string, args []any) {
	for rest := one.from; rest != ""; {
		before, mark, more := strings.Cut(rest, "{")
		sql += before
		if !more {
			break
		}
		var name string
		name, rest, _ = strings.Cut(mark, "}")
		switch name {
		case "cases":
			sql, args = sql+cases.SQL, append(args, cases.Args...)
		case "family":
			sql, args = sql+"?", append(args, s.Family)
		case "units":
			within, values := s.units[one.verb].Where(one.path)
			sql, args = sql+within, append(args, values...)
		case "now":
			sql, args = sql+"?", append(args, now.UTC())
		case "today":
			sql, args = sql+"?", append(args, s.today)
		}
	}
	return sql, args
}
