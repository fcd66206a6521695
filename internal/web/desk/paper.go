package desk

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/document"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// paperPage is the case as a file to print or to send on: all that the page says,
// masked alike, and the story from its beginning.
type paperPage struct{ *casePage }

func (p *paperPage) file(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.Export(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	w, err := p.paper(c, one)
	if err != nil {
		return err
	}
	body, err := w.write()
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Disposition", `attachment; filename="`+one.CaseNo+`.pdf"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Data(http.StatusOK, "application/pdf", body)
	return nil
}

// paper is the case with all that its file says of it.
type paper struct {
	*document.PDF
	teller
	words  *i18n.Bundle
	format i18n.Format
	one    *cases.View
	v      *caseView
	said   map[string][]cases.Message
}

// say writes words in the language of the reader.
func (w *paper) say(words web.Words) string { return words.In(w.words, w.format.Lang) }

func (w *paper) key(key string, pairs ...any) string { return w.say(web.Say(key, pairs...)) }

// paper gathers what the case page shows.
func (p *paperPage) paper(c *gin.Context, one *cases.View) (*paper, error) {
	ctx := c.Request.Context()
	n, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	known, err := p.involved(ctx, one)
	if err != nil {
		return nil, err
	}
	v := &caseView{Page: p.Kit.Page(c, web.Plain(one.ShownTitle())), CaseNo: one.CaseNo, Description: one.ShownDescription()}
	w := &paper{teller: teller{names: n, known: known}, words: p.Words, format: p.Kit.Format(v.Lang), one: one, v: v, said: map[string][]cases.Message{}}
	for _, m := range one.Messages {
		w.said[m.EventID] = append(w.said[m.EventID], m)
	}
	if err := p.gather(ctx, w); err != nil {
		return nil, err
	}
	now := p.Now()
	w.PDF, err = document.New(document.About{Title: one.CaseNo + " " + one.ShownTitle(), Lang: v.Lang, Head: one.CaseNo + " · " + one.ShownTitle(), Maker: "Minqing", At: now,
		Foot: w.key("desk.paper.foot", "CaseNo", one.CaseNo, "Name", v.Name, "At", w.format.DateTime(now))})
	return w, err
}

func (p *paperPage) gather(ctx context.Context, w *paper) (err error) {
	one, v := w.one, w.v
	if v.Clock, err = p.clock(ctx, one, w.names, v.Lang); err != nil {
		return err
	}
	v.facts(one, w.names, w.known)
	v.answers(one, w.names, p.Kit)
	v.parties(one, w.names)
	if err := p.attachments(ctx, v, one); err != nil {
		return err
	}
	w.files = v.called
	parts, err := p.Cases.Parts(ctx, one)
	if err != nil {
		return err
	}
	pieces, err := p.Cases.PartsBelow(ctx, &one.Case)
	if err != nil {
		return err
	}
	v.Joint, v.Pieces = jointTable(parts, w.names, v.Lang, p.Now()), pieceTable(pieces, w.names, v.Lang)
	v.PartOf, err = p.Cases.ParentNo(ctx, &one.Case)
	return err
}

// write puts it on paper.
func (w *paper) write() ([]byte, error) {
	root, unit := w.say(web.Data(w.snap.Root().Name)), w.say(w.unit(w.one.UnitID))
	if unit != root {
		root += " · " + unit
	}
	w.Title(root+" · "+w.key("desk.paper.title")+" "+w.one.CaseNo, w.one.ShownTitle())
	w.Note(w.chips(chips(w.one)))
	w.Pairs(w.facts())
	if list := w.clocks(); len(list) > 0 {
		w.Heading(w.key("desk.paper.clocks"))
		w.Pairs(list)
	}
	w.Heading(w.key("desk.case.parties"))
	w.Pairs(w.pairs(w.v.Parties))
	w.Note(w.key("desk.paper.masked"))
	w.Heading(w.key("desk.case.what"))
	w.Text(w.v.Description)
	w.Pairs(w.pairs(w.v.Answers))
	w.attachments()
	w.table(w.v.Pieces)
	w.table(w.v.Joint)
	w.judgements()
	w.story()
	return w.Bytes()
}

func (w *paper) chips(list []web.Chip) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = w.say(c.Words)
	}
	return strings.Join(out, " · ")
}

func (w *paper) pairs(rows []web.SummaryRow) []document.Pair {
	out := make([]document.Pair, len(rows))
	for i, r := range rows {
		out[i] = document.Pair{Key: w.say(r.Key), Value: w.say(r.Value)}
	}
	return out
}

func (w *paper) facts() []document.Pair {
	list := []document.Pair{{Key: w.key("portal.receipt.number"), Value: w.one.CaseNo}, {Key: w.key("desk.clock.received"), Value: w.format.DateTime(w.one.ReceivedAt)}}
	list = append(list, w.pairs(w.v.Facts)...)
	if w.v.PartOf != "" {
		list = append(list, document.Pair{Key: w.key("desk.part.of"), Value: w.v.PartOf})
	}
	return list
}

// clocks are the promise, what became of it, and every limit with its outcome.
func (w *paper) clocks() []document.Pair {
	k := w.v.Clock
	var list []document.Pair
	if k.DueAt != nil {
		lines := []string{w.format.DateTime(*k.DueAt)}
		if k.Chip != nil {
			lines[0] += " · " + w.say(k.Chip.Words)
		}
		if k.Provisional {
			lines = append(lines, w.key("desk.due.provisional"))
		}
		if k.Fixed {
			lines = append(lines, w.key("desk.due.fixed"))
		}
		list = append(list, document.Pair{Key: w.key("desk.due.by"), Value: strings.Join(lines, "\n")})
	}
	if k.Ended != nil {
		list = append(list, document.Pair{Key: w.key("desk.clock.concluded"), Value: w.format.DateTime(*k.Ended)})
	}
	if s := k.Stands; s != nil {
		list = append(list, document.Pair{Key: w.key("desk.paper.clock.paused"), Value: w.say(s.Why) + "\n" + w.key("desk.stands.since") + " " + w.format.DateTime(s.Since) +
			" · " + w.key("desk.stands.until", "Day", dayText(s.Until)) + " · " + w.say(s.Left)})
	}
	for _, c := range w.one.Clocks {
		about := []string{w.key("desk.paper.clock." + string(c.State))}
		if !c.TimeLimit.IsZero() {
			about = append(about, w.key("portal.limit."+string(c.TimeLimit.Unit()), "Count", c.TimeLimit.Number()))
		}
		if c.DueAt != nil {
			about = append(about, w.key("desk.paper.clock.due", "Due", w.format.DateTime(*c.DueAt)))
		}
		value := strings.Join(about, " · ")
		if c.StoppedAt != nil {
			value += "\n" + w.key("desk.paper.clock.ended", "At", w.format.DateTime(*c.StoppedAt))
		}
		list = append(list, document.Pair{Key: w.key("case.clock." + string(c.Kind)), Value: value})
	}
	for _, o := range w.one.Orders {
		value := w.key("case.supervise."+o.Ground) + " · " + w.say(w.unit(o.ByUnitID)) + " → " + w.say(w.unit(o.UnitID)) + "\n" + w.key("desk.order.due") + " " + w.format.DateTime(o.DueAt)
		if o.AnsweredAt != nil {
			value += " · " + w.key("desk.order.answered") + " " + w.format.DateTime(*o.AnsweredAt)
		}
		list = append(list, document.Pair{Key: w.key("case.order_form." + o.Form), Value: value})
	}
	return list
}
