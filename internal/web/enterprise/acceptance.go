package enterprise

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/gin-gonic/gin"

	"minqing/internal/document"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

// proves says that there is a written proof of acceptance, or of its refusal.
func proves(o *permits.Own) bool {
	return o.Application.AcceptedOn != nil || o.Application.State == permits.NotAccepted && o.Declined != nil
}

// acceptance is the dated written proof that an application was accepted, or not, under
// the agency's seal (行政許可法 art. 32).
func (p *applicationPage) acceptance(c *gin.Context) error {
	ctx := c.Request.Context()
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	o := v.Own
	if o.Case == nil || !proves(o) {
		return fault.New(fault.NotFound, "permit.missing")
	}
	if err := p.sent(ctx, v); err != nil {
		return err
	}
	lead := "receipt.accepted.lead"
	if o.Application.AcceptedOn == nil {
		lead = "receipt.not_accepted.lead"
	}
	w, err := p.paper(&v.Page, o.Case.CaseNo, lead, v.Unit)
	if err != nil {
		return err
	}
	w.Pairs([]document.Pair{w.Fact("permit.sent.number", o.Case.CaseNo), w.Fact("receipt.applicant", w.Say(v.For)),
		w.Fact("receipt.received", w.Format.DateTime(o.Case.ReceivedAt)), w.Fact("receipt.unit", w.Say(v.Unit))})
	claims, err := p.claims(ctx, o)
	if err != nil {
		return err
	}
	if on := o.Application.AcceptedOn; on != nil {
		claims.Act, claims.On, claims.Deemed = register.ActAccepted, on.String(), o.Application.Deemed
		w.accepted(o)
	} else {
		sum := sha256.Sum256([]byte(o.Declined.Reasons))
		claims.Act, claims.On, claims.Ground, claims.Reasons = register.ActNotAccepted, o.Declined.On.String(), o.Declined.Reason, hex.EncodeToString(sum[:])
		w.declined(v.Declined, o.Remedy)
	}
	if err := p.stamp(ctx, w, v.Unit, claims); err != nil {
		return err
	}
	w.Note(w.Key("receipt.act.proof"))
	return w.give(c, o.Case.CaseNo+"-"+claims.Act)
}

// accepted says since when the decision has its limit, and how long that is.
func (w *receiptPaper) accepted(o *permits.Own) {
	list := []document.Pair{w.Fact("receipt.accepted.on", w.Day(*o.Application.AcceptedOn))}
	if o.Application.Deemed {
		list = append(list, w.Fact("receipt.accepted.how", w.Key("permit.next.deemed")))
	}
	for _, limit := range []struct {
		key   string
		words web.Words
	}{{"permit.limit.promised", limitWords(o.Type.Promised)}, {lawKey(o.Type, "permit.limit.statutory"), limitWords(o.Type.Statutory)}} {
		if !limit.words.IsZero() {
			list = append(list, w.Fact(limit.key, w.Say(limit.words)))
		}
	}
	w.Heading(w.Key("receipt.accepted.title"))
	w.Pairs(list)
}
