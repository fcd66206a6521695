package portal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/register"
	"minqing/internal/web"
)

// VerifyDeps are what the public pages about issued permits work with.
type VerifyDeps struct {
	Kit       *web.Kit
	Register  *register.Service
	Catalogue *catalogue.Service
	BaseURL   string // where people find the portal
	Now       func() time.Time
}

// RegisterVerify mounts the pages on which everybody sees how a permit stands, and
// what programs need to check credentials by themselves.
func RegisterVerify(d VerifyDeps) {
	k, e := d.Kit, d.Kit.Engine()
	looks := web.ThrottleHere(120, time.Minute, web.ByIP) // an inspector at a market, a bank's counter
	fetches := web.ThrottleHere(60, time.Minute, web.ByIP)
	k.GET(e, "/verify", web.Public, d.ask, looks)
	k.GET(e, "/verify/status", web.Public, d.status, fetches)
	k.GET(e, "/verify/receipt/:seal", web.Public, d.receipt, looks)
	k.GET(e, "/verify/:no", web.Public, d.show, looks)
	k.GET(e, register.JWKSPath, web.Public, d.keys, fetches)
}

// How long programs may keep an answer, in seconds: how a permit stands and which
// are withdrawn changes from one minute to the next, keys hardly ever.
const (
	keepStands = 30
	keepStatus = int(register.StatusLives / time.Second)
	keepKeys   = 300
)

// give answers a program with something that may be kept for a while, or tells it
// that what it has is still so.
func give(c *gin.Context, kind string, seconds int, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h := c.Writer.Header()
	h["Cache-Control"] = []string{fmt.Sprintf("public, max-age=%d", seconds)}
	h["Vary"] = []string{"Accept"}
	h["Etag"] = []string{tag}
	h["Access-Control-Allow-Origin"] = []string{"*"} // read by other offices' pages; nothing here is anybody's own
	if strings.Contains(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, kind, body)
}

// status is the signed list of permits that were withdrawn before their end.
func (d *VerifyDeps) status(c *gin.Context) error {
	body, err := d.Register.StatusList(c.Request.Context())
	if err != nil {
		return err
	}
	give(c, "application/jose+json", keepStatus, body)
	return nil
}

// keys are the public keys of credentials (RFC 7517).
func (d *VerifyDeps) keys(c *gin.Context) error {
	body, err := d.Register.JWKS(c.Request.Context())
	if err != nil {
		return err
	}
	give(c, "application/jwk-set+json", keepKeys, body)
	return nil
}

type verifyView struct {
	web.Page
	Number  web.Field
	Host    string
	Missing string // a sound number under which nothing is entered
	Hotline string
}

func (d *VerifyDeps) form(c *gin.Context, title web.Words, typed string) (*verifyView, error) {
	snap, err := d.Catalogue.Snapshot(c.Request.Context())
	if err != nil {
		return nil, err
	}
	return &verifyView{Page: d.Kit.Page(c, title), Host: host(d.BaseURL), Hotline: city{snap: snap}.hotline(),
		Number: web.Field{Name: "number", Label: web.Say("verify.number"), Hint: web.Say("verify.number.hint"), Value: typed, Width: "20", Complete: "off"}}, nil
}

// host is what readers should see in the bar of their browser.
func host(base string) string {
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Host
	}
	return base
}

// ask is the page on which a number is typed, and leads on from it.
func (d *VerifyDeps) ask(c *gin.Context) error {
	typed, sent := c.GetQuery("number")
	no, wrong := "", error(nil)
	if sent {
		if no, wrong = register.ReadNumber(typed); wrong == nil {
			c.Redirect(http.StatusSeeOther, verifyHref(no))
			return nil
		}
		if web.WantsJSON(c) {
			return wrong
		}
	}
	v, err := d.form(c, web.Say("verify.title"), typed)
	if err != nil {
		return err
	}
	if err := v.Fail(wrong); err != nil {
		return err
	}
	v.Number = v.Bind(v.Number)
	return d.Kit.Show(c, "portal/verify", v)
}

func verifyHref(no string) string { return "/verify/" + no }

type verdictView struct {
	web.Page
	No        string
	Tone      web.Tone
	Verdict   web.Words
	Means     web.Words
	Facts     []web.SummaryRow
	Person    bool // the name is masked
	Successor string
	Host      string
	At        time.Time
	Hotline   string
}

// tones say at a glance whether the permit counts now.
var tones = map[register.State]web.Tone{register.Valid: web.ToneDone, register.Future: web.ToneDue, register.Suspended: web.ToneOver,
	register.Expired: web.ToneOver, register.Revoked: web.ToneOver, register.Cancelled: web.ToneOver}

// show says how a permit stands now, with the minimum that the reader has to compare
// with the paper. It is never kept by a browser: what was so a moment ago may not be
// so any more.
func (d *VerifyDeps) show(c *gin.Context) error {
	ctx, typed := c.Request.Context(), c.Param("no")
	no, wrong := register.ReadNumber(typed)
	if wrong != nil {
		return d.nothing(c, typed, wrong)
	}
	if no != typed {
		c.Redirect(http.StatusSeeOther, verifyHref(no))
		return nil
	}
	p, err := d.Register.ByNo(ctx, no)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return d.nothing(c, no, nil)
		}
		return err
	}
	shown, err := d.Register.Show(ctx, p)
	if err != nil {
		return err
	}
	next, err := d.Register.Successor(ctx, p)
	if err != nil {
		return err
	}
	state := p.On(d.Register.Today())
	if web.WantsJSON(c) {
		return d.tell(c, p, state, shown, next)
	}
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	v := &verdictView{Page: d.Kit.Page(c, web.Say("verify.result", "No", no, "State", i18n.Key("verify.is."+string(state)))), No: no, Tone: tones[state],
		Verdict: web.Say("verify.is." + string(state)), Person: shown.Holder.Kind == constituents.Person && shown.Holder.Name != "",
		Successor: next, Host: host(d.BaseURL), At: d.Now(), Hotline: city{snap: snap}.hotline()}
	v.Back = &web.Link{Href: "/verify", Words: web.Say("verify.again")}
	v.Means = meaning(p, state)
	v.Facts = shownFacts(shown)
	return d.Kit.Show(c, "portal/verdict", v)
}

// meaning says what follows from how the permit stands, with the day of it.
func meaning(p *register.Permit, state register.State) web.Words {
	if state != register.Valid {
		return web.Say("verify.means."+string(state), "Day", web.DayText(p.SinceDay(state)))
	}
	if p.ValidUntil == nil {
		return web.Say("verify.means.endless")
	}
	if p.Renewing() {
		return web.Say("verify.means.renewing", "Day", web.DayText(*p.ValidUntil))
	}
	return web.Say("verify.means.valid", "Day", web.DayText(*p.ValidUntil))
}

// shownFacts are what stands on the paper too, in the order of the paper.
func shownFacts(s register.Shown) []web.SummaryRow {
	holder := web.Plain(s.Holder.Name)
	if s.Holder.Name == "" {
		holder = web.Say("verify.holder.erased")
	}
	rows := []web.SummaryRow{{Key: web.Say("verify.fact.number"), Value: web.Plain(s.Number)}, {Key: web.Say("verify.fact.holder"), Value: holder},
		{Key: web.Say("verify.fact.type"), Value: web.Data(s.Type.Name)}}
	for _, f := range s.InWords() {
		rows = append(rows, web.SummaryRow{Key: web.Data(f.Label), Value: web.Data(f.Value)})
	}
	until := web.Say("verify.endless")
	if s.ValidUntil != nil {
		until = web.Data(web.DayText(*s.ValidUntil))
	}
	return append(rows, web.SummaryRow{Key: web.Say("verify.fact.from"), Value: web.Data(web.DayText(s.ValidFrom))}, web.SummaryRow{Key: web.Say("verify.fact.until"), Value: until},
		web.SummaryRow{Key: web.Say("verify.fact.unit"), Value: web.Data(s.Unit.Name)}, web.SummaryRow{Key: web.Say("verify.fact.issued"), Value: web.Data(web.DayText(s.IssuedOn))})
}

// standing is how a permit stands, for programs.
type standing struct {
	State     register.State `json:"state"`           // where it stands today: valid, future, suspended, revoked, cancelled, expired
	Since     *calendar.Date `json:"since,omitempty"` // of a state other than valid
	Permit    register.Shown `json:"permit"`
	Successor string         `json:"successor,omitempty"` // the permit that took its place
}

func (d *VerifyDeps) tell(c *gin.Context, p *register.Permit, state register.State, shown register.Shown, next string) error {
	out := standing{State: state, Permit: shown, Successor: next}
	if state != register.Valid {
		since := p.SinceDay(state)
		out.Since = &since
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	give(c, "application/json", keepStands, body)
	return nil
}

// nothing answers for a number that nobody has, and for what is no number.
func (d *VerifyDeps) nothing(c *gin.Context, typed string, wrong error) error {
	if web.WantsJSON(c) {
		return fault.New(fault.NotFound, "register.missing")
	}
	v, err := d.form(c, web.Say("verify.none"), typed)
	if err != nil {
		return err
	}
	if wrong == nil {
		v.Missing = typed
	}
	if err := v.Fail(wrong); err != nil {
		return err
	}
	v.Absent()
	v.Number = v.Bind(v.Number)
	return d.Kit.Show(c, "portal/verify", v)
}
