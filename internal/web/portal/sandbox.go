package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/web"
)

// sandboxPage plays the bank of the demo city: what is pressed there reaches the
// fees by the same signed call as that of a real one.
type sandboxPage struct {
	kit  *web.Kit
	bank *fees.Sandbox
	fees *fees.Service
}

// RegisterSandbox mounts the bank of the demo city.
func RegisterSandbox(k *web.Kit, bank *fees.Sandbox, f *fees.Service) {
	p := &sandboxPage{k, bank, f}
	slow := web.Throttle(60, time.Minute, web.ByIP)
	k.GET(k.Engine(), "/sandbox/pay/:id", web.Public, p.show)
	k.POST(k.Engine(), "/sandbox/pay/:id", web.Public, p.act, slow)
}

type sandboxView struct {
	web.Page
	Bill   fees.SandboxBill
	Amount string
	Told   bool
	Less   string // another amount than was asked for
	Return string
}

func (p *sandboxPage) bill(c *gin.Context) (fees.SandboxBill, error) {
	b, ok := p.bank.Bill(c.Param("id"))
	if !ok {
		return b, fault.New(fault.NotFound, "fees.sandbox.missing")
	}
	return b, nil
}

// show is the page on which a payer would type a card.
func (p *sandboxPage) show(c *gin.Context) error {
	b, err := p.bill(c)
	if err != nil {
		return err
	}
	v := &sandboxView{Page: p.kit.Page(c, web.Say("fees.sandbox.title")), Bill: b, Amount: fees.Money(b.Amount, b.Currency), Told: b.Last != nil,
		Less: fees.Money(less(b.Amount), b.Currency), Return: b.ReturnURL}
	v.Bare = true
	return p.kit.Show(c, "portal/sandbox", v)
}

// less is an amount that is not the one that was asked for.
func less(amount int64) int64 { return max(1, amount-100) }

func (p *sandboxPage) act(c *gin.Context) error {
	b, err := p.bill(c)
	if err != nil {
		return err
	}
	var h http.Header
	var body []byte
	done := ""
	switch c.PostForm("do") {
	case "pay":
		h, body, err = p.bank.Move(b.ID, fees.StatusPaid, b.Amount)
	case "less":
		h, body, err = p.bank.Move(b.ID, fees.StatusPaid, less(b.Amount))
	case "again":
		h, body, err = p.bank.Again(b.ID)
		done = "fees.sandbox.told_again"
	case "lost": // money moves and nobody is told
		_, _, err = p.bank.Move(b.ID, fees.StatusPaid, b.Amount)
		done = "fees.sandbox.not_told"
	case "give_up":
		h, body, err = p.bank.Move(b.ID, fees.StatusFailed, 0)
	default:
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if err != nil {
		return fault.New(fault.NotFound, "fees.sandbox.missing").Because(err)
	}
	if h != nil {
		if err := p.fees.Hear(c.Request.Context(), p.bank.Code(), h, body); err != nil {
			return err
		}
	}
	to := c.Request.URL.Path
	if done == "" {
		to = strings.TrimPrefix(b.ReturnURL, p.fees.BaseURL)
	} else if err := p.kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(done)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
