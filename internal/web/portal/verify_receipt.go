package portal

import (
	"errors"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

type sealView struct {
	web.Page
	Genuine bool
	Tone    web.Tone
	Facts   []web.SummaryRow
	Host    string
	Hotline string
}

// receipt says whether the seal on a receipt is ours, and what was received: number,
// day, agency and the digest of the documents, nothing of the applicant.
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
	v := &sealView{Page: d.Kit.Page(c, web.Say("verify.receipt.forged")), Genuine: !forged, Tone: web.ToneOver, Host: host(d.BaseURL), Hotline: city{snap: snap}.hotline()}
	v.Back = &web.Link{Href: "/verify", Words: web.Say("verify.title")}
	if forged {
		v.Absent()
		return d.Kit.Show(c, "portal/verify_receipt", v)
	}
	v.Title, v.Tone = web.Say("verify.receipt.genuine"), web.ToneDone
	unit := web.Plain(claims.Unit)
	for _, u := range snap.Units {
		if u.Code == claims.Unit {
			unit = web.Data(u.Name)
		}
	}
	f := d.Kit.Format(v.Lang)
	at := func(seconds int64) web.Words { return web.Plain(f.DateTime(time.Unix(seconds, 0))) }
	numbers := claims.Subject
	for _, n := range claims.More {
		numbers += " · " + n
	}
	v.Facts = []web.SummaryRow{{Key: web.Say("permit.sent.number"), Value: web.Plain(numbers)}, {Key: web.Say("receipt.received"), Value: at(claims.Received)},
		{Key: web.Say("verify.receipt.unit"), Value: unit}, {Key: web.Say("verify.receipt.files"), Value: web.Plain(strconv.Itoa(claims.Files))},
		{Key: web.Say("verify.receipt.digest"), Value: web.Plain(permits.Grouped(claims.Documents))}, {Key: web.Say("verify.receipt.sealed"), Value: at(claims.IssuedAt)}}
	return d.Kit.Show(c, "portal/verify_receipt", v)
}
