package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	qr "github.com/piglig/go-qr"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/web"
)

type receiptPage struct{ Deps }

type receiptView struct {
	web.Page
	*cases.Receipt
	Code        string // the query code in groups
	Track       string
	Address     string // of the tracking page, for paper
	Picture     template.HTML
	Emergencies []emergency
}

// show is the receipt of what this browser filed: the query code comes from the
// sealed draft, never from the address.
func (h *receiptPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	no := c.Param("case_no")
	r, err := h.kept(c)
	if err != nil {
		return err
	}
	if r != nil && r.CaseNo == no { // the code may have been renewed since
		_, err = h.Cases.Track(ctx, cases.Key{CaseNo: no, QueryCode: r.QueryCode})
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	if r == nil || r.CaseNo != no || err != nil {
		c.Redirect(303, "/track?case_no="+url.QueryEscape(no))
		return nil
	}
	city, err := h.city(ctx)
	if err != nil {
		return err
	}
	v := &receiptView{Page: h.Kit.Page(c, web.Say("portal.receipt.title")), Receipt: r, Code: idcode.FormatQueryCode(r.QueryCode),
		Track: "/track?case_no=" + url.QueryEscape(no), Emergencies: city.emergencies()}
	v.Address = strings.TrimSuffix(h.BaseURL, "/") + v.Track
	if v.Picture, err = picture(v.Address); err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/receipt", v)
}

func (h *receiptPage) kept(c *gin.Context) (*cases.Receipt, error) {
	token := h.Kit.Kept(c, cookie.Draft)
	d, err := h.Drafts.Load(c.Request.Context(), token)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil
	}
	if err != nil || d.Step != stepFiled {
		return nil, err
	}
	return opened(c.Request.Context(), token, d)
}

// filed is a receipt as it is kept for the browser. One that an account filed
// opens for nobody else: the session may have ended, and another person sit there.
// Whose it is stands there as a hash with the browser's token, which nobody else
// has: an anonymous filing must not be tied to an account by its receipt.
type filed struct {
	cases.Receipt
	Owner string `json:",omitempty"`
}

func ownerOf(ctx context.Context, token string) string {
	me := actor.From(ctx).AccountID
	if me == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("minqing receipt\x00" + token + "\x00" + me))
	return hex.EncodeToString(sum[:])
}

// opened is the receipt in a draft; nil when it is another's.
func opened(ctx context.Context, token string, d *cases.Draft) (*cases.Receipt, error) {
	var f filed
	if err := json.Unmarshal(d.Data, &f); err != nil {
		return nil, fmt.Errorf("read a kept receipt: %w", err)
	}
	if f.Owner != "" && f.Owner != ownerOf(ctx, token) {
		return nil, nil
	}
	return &f.Receipt, nil
}

// picture draws a QR code as one path: it needs no style and no other file.
func picture(address string) (template.HTML, error) {
	code, err := qr.EncodeText(address, qr.Medium)
	if err != nil {
		return "", fmt.Errorf("draw a QR code: %w", err)
	}
	const quiet = 4 // modules of empty border that readers need
	var path strings.Builder
	for y := range code.Size() {
		for x := range code.Size() {
			if code.Module(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	side := code.Size() + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg class="mq-qr" viewBox="0 0 %d %d" width="176" height="176" aria-hidden="true" focusable="false" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"></rect><path d="%s" fill="#1d2733"></path></svg>`,
		side, side, side, side, path.String())), nil
}
