package enterprise

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/enterprises"
	"minqing/internal/web"
)

// handoverPage hands an enterprise over to another member.
type handoverPage struct{ HouseDeps }

type handoverView struct {
	house
	Open   []handoverRow
	Member *web.Field // whom to offer it to; nil: the reader owns nothing or offered it
	Alone  bool       // there is nobody to take over
}

type handoverRow struct {
	ID       string
	From, To string
	Since    string
	Mine     bool // offered by the reader
	ToMe     bool
}

func (p *handoverPage) show(c *gin.Context) error {
	m, err := p.about(c, "")
	if m == nil || err != nil {
		return err
	}
	return p.page(c, m, "", nil)
}

func (p *handoverPage) page(c *gin.Context, m *enterprises.Membership, member string, failed error) error {
	ctx := c.Request.Context()
	list, err := p.Enterprises.Members(ctx, m.EnterpriseID)
	if err != nil {
		return err
	}
	names, err := p.names(ctx, list)
	if err != nil {
		return err
	}
	v := &handoverView{house: p.house(c, m, web.Say("house.handover.title"))}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if err := p.open(ctx, v, names); err != nil {
		return err
	}
	offered := false
	for _, h := range v.Open {
		offered = offered || h.Mine
	}
	if !v.Owns || offered {
		return p.Kit.Show(c, "enterprise/handover", v)
	}
	f := web.Field{Name: "member", Label: web.Say("house.handover.to"), Value: member}
	for i := range list {
		if list[i].AccountID != me(ctx) {
			f.Options = append(f.Options, web.Option{Value: list[i].ID, Words: web.Plain(names[list[i].AccountID]), Hint: web.Say("house.role." + string(list[i].Role))})
		}
	}
	v.Alone = len(f.Options) == 0
	if !v.Alone {
		f = v.Bind(f)
		v.Member = &f
	}
	return p.Kit.Show(c, "enterprise/handover", v)
}

func (p *handoverPage) open(ctx context.Context, v *handoverView, names map[string]string) error {
	list, err := p.Enterprises.Handovers(ctx, v.ID)
	f := p.Kit.Format(v.Lang)
	for i := range list {
		h := &list[i]
		v.Open = append(v.Open, handoverRow{ID: h.ID, From: names[h.FromID], To: names[h.ToID], Since: f.Date(h.CreatedAt), Mine: h.FromID == me(ctx), ToMe: h.ToID == me(ctx)})
	}
	return err
}

type handoverForm struct {
	Enterprise string `form:"enterprise"`
	Do         string `form:"do"`
	ID         string `form:"id"`
	Member     string `form:"member"`
}

// send offers the enterprise, answers the offer, or takes it back.
func (p *handoverPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in handoverForm
	decoded := web.Decode(c, &in)
	m, err := p.about(c, in.Enterprise)
	if err != nil {
		return err
	}
	switch {
	case decoded != nil:
		err = decoded
	case in.Do == "offer":
		err = p.Enterprises.Offer(ctx, m.EnterpriseID, in.Member)
	case in.Do == "accept" || in.Do == "decline" || in.Do == "withdraw":
		err = p.Enterprises.Answer(ctx, m.EnterpriseID, in.ID, in.Do == "accept")
	default:
		return errUnknown
	}
	if err != nil {
		if m, stays := p.Enterprises.For(ctx, m.EnterpriseID); stays == nil {
			return p.page(c, m, in.Member, err)
		}
		return err
	}
	return p.done(c, web.Say("house.handover."+in.Do+".done"), "/enterprise/handover")
}
