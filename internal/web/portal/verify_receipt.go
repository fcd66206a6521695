package portal

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

type sealView struct {
	web.Page
	Genuine bool
	Says    web.Words
	Compare web.Words // with the paper in hand
	Tone    web.Tone
	Facts   []web.SummaryRow
	Host    string
	Hotline string
}

// receipt says whether the seal on a receipt, or on a proof of acceptance or of its
// refusal, is ours, and what was received and done: number, days, agency and the digest of
// the documents, nothing of the applicant.
func (d *VerifyDeps) receipt(c *gin.Context) error {
	ctx := c.Request.Context()
	claims, err := d.Register.ReadReceipt(ctx, c.Param("seal"))
	forged := errors.Is(err, register.ErrNoCredential) || errors.Is(err, register.ErrUnknownKey) || errors.Is(err, register.ErrForged)
	if err != nil && !forged {
		return err
	}
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	v := &sealView{Page: d.Kit.Page(c, web.Say("verify.receipt.forged")), Says: web.Say("verify.receipt.forged.words"), Genuine: !forged, Tone: web.ToneOver, Host: host(d.BaseURL), Hotline: city{snap: snap}.hotline()}
	v.Back = &web.Link{Href: "/verify", Words: web.Say("verify.title")}
	if forged {
		v.Absent()
		return d.Kit.Show(c, "portal/verify_receipt", v)
	}
	v.Tone = web.ToneDone
	unit := web.Plain(claims.Unit)
	for _, u := range snap.Units {
		if u.Code == claims.Unit {
			unit = web.Data(u.Name)
		}
	}
	v.tells(d.Kit.Format(v.Lang), claims, unit)
	return d.Kit.Show(c, "portal/verify_receipt", v)
}

// tells says what was sealed: a receipt, or the proof that an application was accepted or
// not. Of an act that this version does not know it says what every seal says.
func (v *sealView) tells(f i18n.Format, claims register.ReceiptClaims, unit web.Words) {
	at := func(seconds int64) web.Words { return web.Plain(f.DateTime(time.Unix(seconds, 0))) }
	numbers := claims.Subject
	for _, n := range claims.More {
		numbers += " · " + n
	}
	row := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	row("permit.sent.number", web.Plain(numbers))
	row("receipt.received", at(claims.Received))
	kind := "receipt"
	switch claims.Act {
	case register.ActAccepted, register.ActNotAccepted:
		kind = claims.Act
		on := web.Plain(claims.On)
		if day, err := calendar.ParseDate(claims.On); err == nil {
			on = web.Data(web.DayText(day))
		}
		row("verify."+kind+".on", on)
	}
	v.Title, v.Says, v.Compare = web.Say("verify."+kind+".genuine"), web.Say("verify."+kind+".genuine.words"), web.Say("verify."+kind+".compare")
	if claims.Deemed {
		row("receipt.accepted.how", web.Say("permit.next.deemed"))
	}
	if slices.Contains(permits.RefusalReasons, claims.Ground) {
		row("permit.declined.ground", web.Say("permit.declined.ground."+claims.Ground))
	}
	row("verify.receipt.unit", unit)
	row("verify.receipt.files", web.Plain(strconv.Itoa(claims.Files)))
	row("verify.receipt.digest", web.Plain(permits.Grouped(claims.Documents)))
	if claims.Reasons != "" {
		row("receipt.seal.reasons", web.Plain(permits.Grouped(claims.Reasons)))
	}
	row("verify.receipt.sealed", at(claims.IssuedAt))
}
