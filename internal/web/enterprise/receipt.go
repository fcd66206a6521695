package enterprise

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/document"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

// receipt is the dated written proof of an application, to keep (行政許可法 art. 32):
// what was handed in, when and to whom, and how it stands now.
func (p *applicationPage) receipt(c *gin.Context) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	o := v.Own
	if o.Application.State == permits.Draft {
		return fault.New(fault.NotFound, "permit.missing")
	}
	if err := p.sent(c.Request.Context(), v); err != nil {
		return err
	}
	w, err := p.paper(&v.Page, o.Case.CaseNo, "permit.sent.lead", v.Unit)
	if err != nil {
		return err
	}
	w.Pairs(w.head(v, o))
	w.asking(v)
	w.declined(v.Declined, o.Remedy)
	w.result(v.Result, o.Remedy)
	w.Heading(w.Key("permit.sent.materials"))
	w.Pairs(w.materials(o))
	w.Heading(w.Key("portal.receipt.next"))
	w.steps(v.Next)
	if !v.Stands.IsZero() {
		w.Note(w.Say(v.Stands))
	}
	if err := p.seal(c.Request.Context(), w, v.Unit, o); err != nil {
		return err
	}
	if err := w.end(v, o, strings.TrimSuffix(p.BaseURL, "/")+"/track?case_no="+o.Case.CaseNo); err != nil {
		return err
	}
	return w.give(c, o.Case.CaseNo)
}

// receiptPaper is a receipt of applications as a document.
type receiptPaper struct{ *web.Paper }

// paper begins a receipt: who gave it, what it is, and for what.
func (d ApplyDeps) paper(p *web.Page, number, lead string, unit web.Words) (*receiptPaper, error) {
	paper, err := d.Kit.Paper(p, number)
	if err != nil {
		return nil, err
	}
	w := &receiptPaper{paper}
	above := p.City.In(p.Lang)
	if name := w.Say(unit); name != "" && name != above {
		above = strings.TrimPrefix(above+" · "+name, " · ")
	}
	w.Title(strings.TrimPrefix(above+" · "+w.Key(lead), " · "), w.Say(p.Title))
	return w, nil
}

func (w *receiptPaper) head(v *applicationView, o *permits.Own) []document.Pair {
	list := []document.Pair{w.Fact("permit.sent.number", o.Case.CaseNo), w.Fact("receipt.applicant", w.Say(v.For)), w.Fact("receipt.received", w.Format.DateTime(o.Case.ReceivedAt)),
		w.Fact("receipt.unit", w.Say(v.Unit)), w.Fact("receipt.state", w.Say(v.Chip.Words))}
	if no := o.Application.RenewsNo; no != "" {
		list = append(list, w.Fact("held.about", w.Key("held.about."+string(o.Application.Purpose), "No", no)))
	}
	return list
}

// asking says what has to be corrected, and by when.
func (w *receiptPaper) asking(v *applicationView) {
	n := v.Asking
	if n == nil {
		return
	}
	w.Heading(w.Key("permit.asking.title"))
	w.Text(w.Key("permit.asking.words", "Count", n.Count()) + " " + w.Day(n.DueOn))
	w.Note(w.Key("permit.asking.given") + " " + w.Format.DateTime(n.GivenAt))
	var list []document.Pair
	for _, a := range v.Answers {
		if a.Why != "" {
			list = append(list, document.Pair{Key: w.Say(a.Title), Value: w.Key("permit.item.why") + " " + a.Why})
		}
	}
	if len(list) > 0 {
		w.Pairs(list)
	}
}

func (w *receiptPaper) result(d *permits.Decision, until *permits.Remedy) {
	if d == nil {
		return
	}
	key := "permit.result.refused"
	if d.Grants {
		key = "permit.result.granted"
	}
	w.Heading(w.Key(key))
	list := []document.Pair{w.Fact("permit.result.on", w.Day(*d.DecidedOn))}
	if d.PermitNo != "" {
		list = append(list, w.Fact("permit.result.no", d.PermitNo))
	}
	if d.Grants && d.ValidFrom != nil {
		list = append(list, w.Fact("permit.result.from", w.Day(*d.ValidFrom)))
	}
	if d.Grants && d.ValidUntil != nil {
		list = append(list, w.Fact("permit.result.until", w.Day(*d.ValidUntil)))
	}
	for _, part := range [][2]string{{"permit.letter.reasons", d.Reasons}, {"permit.letter.conditions", d.Conditions}, {"permit.letter.remedies", d.Remedies}} {
		if part[1] != "" {
			list = append(list, w.Fact(part[0], part[1]))
		}
	}
	w.Pairs(append(list, w.remedy(until)...))
}

// remedy are the last days to act against a refusal, none where there are none to tell.
func (w *receiptPaper) remedy(r *permits.Remedy) []document.Pair {
	if r == nil {
		return nil
	}
	if r.Appeal != 0 {
		return []document.Pair{w.Fact("permit.remedy.appeal", w.Day(r.Appeal)), w.Fact("permit.remedy.from", w.Day(r.Told))}
	}
	return []document.Pair{w.Fact("permit.remedy.reconsider", w.Day(r.Reconsider)), w.Fact("permit.remedy.sue", w.Day(r.Sue)),
		w.Fact("permit.remedy.from", w.Day(r.Told))}
}

// materials are the papers as they were handed in, each with its files and when they
// came.
func (w *receiptPaper) materials(o *permits.Own) (list []document.Pair) {
	for i := range o.Items {
		it := &o.Items[i]
		var lines []string
		if it.Now != nil && it.Now.SentAt != nil {
			for _, f := range it.Files {
				lines = append(lines, f.Name+" · "+w.Key("desk.file.size", "Size", max(1, (f.Size+1023)/1024)))
			}
			if it.Paper != nil {
				lines = append(lines, w.Say(web.OriginalAs(it.Paper)))
			}
			lines = append(lines, w.Key("receipt.material.at", "At", w.Format.DateTime(*it.Now.SentAt)))
		}
		switch {
		case it.Held != nil:
			lines = append(lines, w.Say(alreadyWords(it.Held)))
		case it.Asked != "":
			lines = append(lines, w.Key("permit.item.why")+" "+it.Asked)
		case len(lines) == 0:
			lines = append(lines, w.Key("receipt.material.none"))
		}
		list = append(list, document.Pair{Key: it.Name.In(w.Format.Lang), Value: strings.Join(lines, "\n")})
	}
	if len(list) == 0 {
		list = []document.Pair{w.Fact("permit.sent.materials", w.Key("receipt.material.none"))}
	}
	return list
}

func (w *receiptPaper) steps(next []nextStep) {
	for _, s := range next {
		w.step(s, "")
	}
}

// step is a dated one; about says of what, where several things go on.
func (w *receiptPaper) step(s nextStep, about string) {
	one := document.Entry{Title: about + w.Say(s.Words), When: w.Key("receipt.undated"), Who: w.Key("receipt.ahead"), Text: w.Say(s.Hint)}
	if s.By != nil {
		one.When = w.Day(*s.By)
	}
	if s.Done {
		one.Who = w.Key("receipt.done")
	}
	w.Entry(one)
}

// end says who signed what, and where one sees how it goes on.
func (w *receiptPaper) end(v *applicationView, o *permits.Own, address string) error {
	w.Heading(w.Key("permit.sign.title"))
	signed := []document.Pair{w.Fact("permit.sign.by", o.Application.Signer), w.Fact("permit.sign.at", w.Format.DateTime(o.Case.ReceivedAt))}
	if at := v.Counter; at != nil {
		signed = append(signed, w.Fact("counter.by", w.Say(at.By)), w.Fact("counter.how", w.Say(at.How)))
	}
	w.Pairs(signed)
	w.Gap()
	w.Text(w.Say(v.Statement))
	w.Heading(w.Key("receipt.follow"))
	words := w.Key("receipt.scan") + "\n" + address
	if v.Code != "" {
		words += "\n\n" + w.Key("portal.receipt.code") + " " + v.Code
	}
	if err := w.Code(address, words); err != nil {
		return fmt.Errorf("draw the code of a receipt: %w", err)
	}
	w.Note(w.Key("receipt.proof"))
	return nil
}

// seal puts the agency's electronic seal on a receipt: what was received, signed under
// the key of permits, with the code by which everybody checks it.
func (d ApplyDeps) seal(ctx context.Context, w *receiptPaper, unit web.Words, parts ...*permits.Own) error {
	claims, err := d.claims(ctx, parts...)
	if err != nil {
		return err
	}
	return d.stamp(ctx, w, unit, claims)
}

// claims are what a seal says of applications: what was received.
func (d ApplyDeps) claims(ctx context.Context, parts ...*permits.Own) (register.ReceiptClaims, error) {
	digest, count, err := d.Permits.Digest(ctx, parts...)
	if err != nil {
		return register.ReceiptClaims{}, err
	}
	first := parts[0]
	claims := register.ReceiptClaims{Subject: first.Case.CaseNo, Received: first.Case.ReceivedAt.Unix(), Files: count, Documents: digest}
	for _, o := range parts[1:] {
		claims.More = append(claims.More, o.Case.CaseNo)
	}
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return register.ReceiptClaims{}, err
	}
	if u, err := snap.Unit(first.UnitID); err == nil {
		claims.Unit = u.Code
	}
	return claims, nil
}

// stamp seals a paper, and draws what the seal says.
func (d ApplyDeps) stamp(ctx context.Context, w *receiptPaper, unit web.Words, claims register.ReceiptClaims) error {
	address, err := d.Seal(ctx, claims)
	if err != nil {
		return err
	}
	if unit.IsZero() {
		snap, err := d.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(snap.Units, func(u *catalogue.Unit) bool { return u.Code == claims.Unit }); i >= 0 {
			unit = web.Data(snap.Units[i].Name)
		}
	}
	w.Heading(w.Key("receipt.seal"))
	list := []document.Pair{w.Fact("receipt.seal.by", w.Say(unit)), w.Fact("receipt.seal.at", w.Format.DateTime(d.Now())),
		w.Fact("receipt.seal.digest", w.Key("receipt.seal.files", "Count", claims.Files)+"\n"+permits.Grouped(claims.Documents))}
	scan := "receipt.seal.scan"
	if claims.Act != "" {
		scan = "receipt.seal.scan.act"
	}
	if claims.Reasons != "" {
		list = append(list, w.Fact("receipt.seal.reasons", "SHA-256:\n"+permits.Grouped(claims.Reasons)))
	}
	w.Pairs(list)
	if err := w.Code(address, w.Key(scan)); err != nil {
		return fmt.Errorf("draw the code of a seal: %w", err)
	}
	return nil
}

// give hands the document over.
func (w *receiptPaper) give(c *gin.Context, name string) error {
	body, err := w.Bytes()
	if err != nil {
		return err
	}
	web.HandOver(c, name+".pdf", "application/pdf", body)
	return nil
}

// receipt is one proof of all applications that were sent in one go.
func (p *bundlePage) receipt(c *gin.Context) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	if v.Bundle.SentAt == nil {
		return fault.New(fault.NotFound, "permit.missing")
	}
	v.timeline(p.one)
	first := v.Own
	w, err := p.paper(&v.Page, first.Case.CaseNo, "bundle.sent.lead", web.Words{})
	if err != nil {
		return err
	}
	w.Pairs([]document.Pair{w.Fact("receipt.applicant", w.Say(v.For)), w.Fact("receipt.received", w.Format.DateTime(*v.Bundle.SentAt)),
		w.Fact("receipt.parts", strconv.Itoa(len(v.Parts)))})
	for i := range v.Parts {
		w.part(&v.Parts[i])
	}
	w.Heading(w.Key("bundle.timeline"))
	for _, s := range v.Timeline {
		w.step(s.nextStep, w.Say(s.Type)+w.Key("bundle.colon"))
	}
	parts := []*permits.Own{first}
	for i := range v.Parts {
		if o := v.Parts[i].Own; o.Application.ID != first.Application.ID {
			parts = append(parts, o)
		}
	}
	if err := p.seal(c.Request.Context(), w, web.Words{}, parts...); err != nil {
		return err
	}
	if err := w.end(&v.applicationView, first, strings.TrimSuffix(p.BaseURL, "/")+v.Base); err != nil {
		return err
	}
	return w.give(c, first.Case.CaseNo)
}

// part is one application of several, with its unit and its limits.
func (w *receiptPaper) part(row *partRow) {
	o := row.Own
	w.Heading(o.Type.Name.In(w.Format.Lang))
	list := []document.Pair{w.Fact("permit.sent.number", o.Case.CaseNo), w.Fact("portal.receipt.code", o.QueryCode), w.Fact("receipt.unit", w.Say(row.Unit)), w.Fact("receipt.state", w.Say(row.Chip.Words))}
	for _, limit := range []struct {
		key   string
		words web.Words
	}{{"permittype.limit.completeness", row.Complete}, {"permit.limit.promised", row.Promised}, {lawKey(o.Type, "permit.limit.statutory"), row.Statutory}} {
		if !limit.words.IsZero() {
			list = append(list, w.Fact(limit.key, w.Say(limit.words)))
		}
	}
	switch {
	case row.Stands:
		list = append(list, w.Fact("bundle.due", w.Key("bundle.stands")))
	case row.Due != nil:
		list = append(list, w.Fact("bundle.due", w.Day(*row.Due)))
	}
	w.Pairs(append(list, w.materials(o)...))
	w.declined(declinedOf(o.Declined), o.Remedy)
}
