package portal

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/identity"
	rights "minqing/internal/privacy"
	"minqing/internal/retention"
	"minqing/internal/web"
)

// PrivacyDeps are what the pages about one's own data work with.
type PrivacyDeps struct {
	Kit          *web.Kit
	Words        *i18n.Bundle
	Privacy      *rights.Service
	Constituents *constituents.Service
	Identity     *identity.Service
	Retention    *retention.Service
	Zone         *time.Location
	Withdraw     func(ctx context.Context, constituentID string) error // takes out of the portal what they were sent unasked and have not opened
	Region       string                                                // whose numbering plan counts for phones without a country code
}

// RegisterPrivacy mounts what people see of their own data and may do with it.
func RegisterPrivacy(d PrivacyDeps) {
	k, e := d.Kit, d.Kit.Engine()
	page, erase := &privacyPage{d}, &erasePage{d}
	slow, own := web.Throttle(30, time.Minute, web.ByIP), web.Throttle(30, time.Minute, web.ByActor)
	k.GET(e, "/me/privacy", access.OwnRead, page.show)
	k.POST(e, "/me/privacy", access.OwnRead, page.send, slow, own)
	k.POST(e, "/me/privacy/copy", access.OwnRead, page.copy, slow, own)
	k.GET(e, "/me/privacy/erase", access.OwnRead, erase.show)
	k.POST(e, "/me/privacy/erase", access.OwnRead, erase.send, slow, own)
}

type privacyPage struct{ PrivacyDeps }

type privacyForm struct {
	Do       string   `form:"do"`
	Name     string   `form:"name"`
	Phone    string   `form:"phone"`
	Email    string   `form:"email"`
	Consent  []string `form:"consent"`
	ByMail   string   `form:"outreach_mail"`
	ByText   string   `form:"outreach_sms"`
	ByPortal string   `form:"outreach_inapp"`
	Password string   `form:"password"`
}

type privacyView struct {
	web.Page
	Own      []web.SummaryRow
	Held     web.Table
	Name     web.Field
	Phone    web.Field
	Email    web.Field
	MayMail  bool
	Mail     web.Button
	Consent  web.Field
	Unasked  []web.Field // whether to be told of what may be one's own
	Password web.Field
	Correct  web.Button
	Decide   web.Button
	JSON     web.Button
	Read     web.Button
	Waits    *web.Notice // a wish to be erased
	Bounced  *web.Notice // mails to an address come back
	Cancel   web.Button
}

// show tells what is held and why, and lets people correct it, copy it and say
// what they want.
func (h *privacyPage) show(c *gin.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/privacy", v)
}

// classes are the kinds of records, in the order in which people ask.
var classes = []string{"account", "contact", "case", "file", "evaluation", "delivery", "follow", "session", "audit"}

// passwordHint says what the password is for, or what counts without one.
func passwordHint(account *identity.Own) web.Words {
	if account.HasPassword {
		return web.Say("privacy.password.hint")
	}
	return web.Say("privacy.password.none")
}

func (h *privacyPage) view(c *gin.Context) (*privacyView, error) {
	ctx := c.Request.Context()
	id := actor.From(ctx).ConstituentID
	own, err := h.Constituents.Own(ctx, id)
	if err != nil {
		return nil, err
	}
	account, err := h.Identity.Own(ctx)
	if err != nil {
		return nil, err
	}
	consents, err := h.Constituents.Consents(ctx, id)
	if err != nil {
		return nil, err
	}
	v := &privacyView{Page: h.Kit.Page(c, web.Say("privacy.title")),
		Name:     web.Field{Name: "name", Label: web.Say("privacy.name"), Value: account.Name, Complete: "name", Width: "20"},
		Phone:    web.Field{Name: "phone", Label: web.Say("privacy.phone"), Hint: web.Say("privacy.phone.hint"), Type: "tel", Complete: "tel", Width: "20", Optional: true},
		Email:    web.Field{Name: "email", Label: web.Say("privacy.mail.label"), Hint: web.Say("privacy.mail.hint"), Type: "email", Complete: "email", Width: "30"},
		MayMail:  h.Privacy.CanMail(),
		Mail:     web.Button{Words: web.Say("privacy.mail.do"), Name: "do", Value: "mail"},
		Consent:  web.Field{Name: "consent", Label: web.Say("privacy.consent.label"), Hint: web.Say("privacy.consent.hint")},
		Password: web.Field{Name: "password", Label: web.Say("privacy.password"), Hint: passwordHint(account), Optional: !account.HasPassword, Complete: "current-password"},
		Correct:  web.Button{Words: web.Say("privacy.correct.do"), Name: "do", Value: "correct"},
		Decide:   web.Button{Words: web.Say("privacy.consent.do"), Name: "do", Value: "consent"},
		Read:     web.Button{Words: web.Say("privacy.copy.read"), Name: "do", Value: "read"},
		JSON:     web.Button{Words: web.Say("privacy.copy.json"), Kind: "secondary", Name: "do", Value: "json"},
		Cancel:   web.Button{Words: web.Say("privacy.erase.cancel"), Name: "do", Value: "cancel"}}
	v.points(account, own)
	for _, one := range consents {
		if one.ByBasis {
			v.Unasked = append(v.Unasked, unasked(one))
			continue
		}
		v.Consent.Options = append(v.Consent.Options, web.Option{Value: one.Purpose + "." + one.Channel, Words: web.Say(one.Key())})
		if one.Given {
			v.Consent.Values = append(v.Consent.Values, one.Purpose+"."+one.Channel)
		}
	}
	v.Held = web.Table{ID: "held", Caption: web.Say("privacy.held"), Columns: []web.Column{{Words: web.Say("privacy.held.what")},
		{Words: web.Say("privacy.held.why")}, {Words: web.Say("privacy.held.basis")}, {Words: web.Say("privacy.held.long")}}}
	rules, err := h.Retention.Rules(ctx)
	if err != nil {
		return nil, err
	}
	for _, class := range classes {
		v.Held.Rows = append(v.Held.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("privacy.held." + class)}, {Words: web.Say("privacy.held." + class + ".why")},
			{Words: h.basis(class)}, {Words: h.long(class, rules)}}})
	}
	wish, err := h.Privacy.Standing(ctx)
	if wish != nil {
		v.Waits = h.waits(v.Lang, wish)
	}
	return v, err
}

// points are the ways to reach the person.
func (v *privacyView) points(account *identity.Own, own *constituents.Own) {
	v.Own = []web.SummaryRow{{Key: web.Say("privacy.login"), Value: web.Plain(account.Email)}}
	if account.MailBounces {
		v.Bounced = bounced(account.Email)
	}
	for _, p := range own.Points {
		if p.Kind == constituents.Phone && !p.Replaced {
			v.Phone.Value = p.Value
			if p.Bounced && v.Bounced == nil {
				v.Bounced = &web.Notice{Tone: web.ToneOver, Title: web.Say("privacy.bounced.phone.title"), Words: web.Say("privacy.bounced.phone.words", "Phone", p.Value)}
			}
		}
		if p.Kind == constituents.Email && p.Proven && !p.Replaced {
			v.Email.Value = p.Value // the newest comes last
		}
		if p.Kind == constituents.Email && !p.Proven && !p.Replaced {
			v.Own = append(v.Own, web.SummaryRow{Key: web.Say("privacy.mail.pending"), Value: web.Plain(p.Value)})
		}
		if p.Kind == constituents.Email && p.Bounced && !p.Replaced {
			v.Bounced = bounced(p.Value)
		}
		if p.Kind == constituents.Address && !p.Replaced {
			v.Own = append(v.Own, web.SummaryRow{Key: web.Say("privacy.address"), Value: web.Plain(p.Value)})
		}
	}
}

// bounced tells somebody that mails to their address come back.
func bounced(address string) *web.Notice {
	return &web.Notice{Tone: web.ToneOver, Title: web.Say("privacy.bounced.title"), Words: web.Say("privacy.bounced.words", "Address", address)}
}

// basis is the law of the place by which a class of records is held.
func (d PrivacyDeps) basis(class string) web.Words {
	return d.lawOf("privacy.held." + class + ".basis")
}

// lawOf is a text that cites the law of the place.
func (d PrivacyDeps) lawOf(key string) web.Words {
	if d.Region == "TW" {
		key += ".tw"
	}
	return web.Say(key)
}

// ruled are the classes whose term a retention rule sets.
var ruled = map[string]string{"case": "case-file", "evaluation": "comment", "delivery": "delivery"}

// long says how long a class of records is kept.
func (d PrivacyDeps) long(class string, rules []retention.Rule) web.Words {
	key := "privacy.held." + class + ".long"
	for _, r := range rules {
		if r.Code != ruled[class] {
			continue
		}
		n, unit := r.Span()
		said := make(i18n.Text, len(i18n.Langs))
		for _, l := range i18n.Langs {
			said[l] = d.Words.T(l, key, i18n.Args{"Span": d.Words.T(l, "retention.span."+unit, i18n.Args{"Count": n})})
		}
		return web.Data(said)
	}
	return web.Say(key)
}

// waits says when a wish to be erased is carried out.
func (d PrivacyDeps) waits(lang i18n.Lang, wish *rights.Erasure) *web.Notice {
	f := i18n.Format{Lang: lang, Zone: d.Zone}
	return &web.Notice{Tone: web.ToneDue, Title: web.Say("privacy.erase.waits"), Words: web.Say("privacy.erase.waits.words", "Day", f.Date(wish.DueAt))}
}

func (h *privacyPage) send(c *gin.Context) error {
	var f privacyForm
	err := web.Decode(c, &f)
	notice := web.Notice{Tone: web.ToneDone}
	if err == nil {
		notice.Words, err = h.act(c, f)
	}
	if err != nil {
		return h.again(c, f, err)
	}
	if err := h.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/privacy")
	return nil
}

// again shows the page with what is to be mended, and what was typed.
const (
	yes = "yes"
	no  = "no"
)

// unasked asks for a word on which nothing is ticked before somebody says it.
func unasked(one constituents.Consent) web.Field {
	f := web.Field{Name: one.Purpose + "_" + one.Channel, Label: web.Say(one.Key()), Inline: true, Options: []web.Option{
		{Value: yes, Words: web.Say("privacy.unasked.yes")}, {Value: no, Words: web.Say("privacy.unasked.no")}}}
	switch {
	case one.Default:
		f.Hint = web.Say("privacy.unasked.open")
	case one.Given:
		f.Value = yes
	default:
		f.Value = no
	}
	return f
}

func (h *privacyPage) again(c *gin.Context, f privacyForm, problem error) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	if err := v.Fail(problem); err != nil {
		return err
	}
	if f.Do == "correct" {
		v.Name.Value, v.Phone.Value = f.Name, f.Phone
	}
	if f.Do == "mail" {
		v.Email.Value = f.Email
	}
	v.Name, v.Phone, v.Email = v.Bind(v.Name), v.Bind(v.Phone), v.Bind(v.Email)
	v.Consent, v.Password = v.Bind(v.Consent), v.Bind(v.Password)
	return h.Kit.Show(c, "portal/privacy", v)
}

func (h *privacyPage) act(c *gin.Context, f privacyForm) (web.Words, error) {
	ctx := c.Request.Context()
	switch f.Do {
	case "correct":
		return web.Say("privacy.correct.done"), h.correct(c, f)
	case "mail":
		return web.Say("privacy.mail.done"), h.Privacy.CorrectMail(ctx, f.Email)
	case "consent":
		return web.Say("privacy.consent.done"), h.decide(c, f)
	case "cancel":
		return web.Say("privacy.erase.cancelled"), h.Privacy.Cancel(ctx)
	}
	return web.Words{}, fault.New(fault.Invalid, "fault.malformed")
}

func (h *privacyPage) correct(c *gin.Context, f privacyForm) error {
	ctx := c.Request.Context()
	if strings.TrimSpace(f.Phone) != "" {
		if _, err := idcode.ParsePhone(f.Phone, h.Region); err != nil {
			return fault.InvalidInput(fault.Field{Name: "phone", Key: "privacy.phone.form"})
		}
	}
	if err := h.Identity.Rename(ctx, f.Name); err != nil {
		return err
	}
	return h.Privacy.CorrectPhone(ctx, f.Phone)
}

func (h *privacyPage) decide(c *gin.Context, f privacyForm) error {
	ctx := c.Request.Context()
	id := actor.From(ctx).ConstituentID
	consents, err := h.Constituents.Consents(ctx, id)
	if err != nil {
		return err
	}
	lang := web.Lang(c)
	for _, one := range consents {
		said := map[string]string{constituents.ChannelMail: f.ByMail, constituents.ChannelSMS: f.ByText, constituents.ChannelPortal: f.ByPortal}[one.Channel]
		if one.ByBasis && said != yes && said != no {
			continue
		}
		given := one.ByBasis && said == yes
		for _, ticked := range f.Consent {
			given = given || ticked == one.Purpose+"."+one.Channel
		}
		if err := h.Constituents.Decide(ctx, id, constituents.Decision{Purpose: one.Purpose, Channel: one.Channel, Given: given,
			Words: h.Words.T(lang, one.Key(), nil), Locale: string(lang)}); err != nil {
			return err
		}
		if one.Channel == constituents.ChannelPortal && !given {
			if err := h.Withdraw(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

type copyView struct {
	web.Page
	*rights.Copy
	Zone *time.Location
	Held web.Words // why notes are held back, by the law of the place
}

// copy gives everything that is held: as a file for machines, or as a page to
// read and print. It asks for the password first.
func (h *privacyPage) copy(c *gin.Context) error {
	var f privacyForm
	err := web.Decode(c, &f)
	var own *rights.Copy
	if err == nil {
		own, err = h.Privacy.Copy(c.Request.Context(), f.Password)
	}
	if err != nil {
		return h.again(c, f, err)
	}
	c.Header("Cache-Control", "no-store")
	if f.Do == "json" {
		body, err := own.JSON()
		if err != nil {
			return err
		}
		c.Header("Content-Disposition", `attachment; filename="my-data.json"`)
		c.Data(http.StatusOK, "application/json; charset=utf-8", body)
		return nil
	}
	v := &copyView{Page: h.Kit.Page(c, web.Say("privacy.copy.title")), Copy: own, Zone: h.Zone, Held: h.lawOf("privacy.copy.held.about")}
	v.Back = &web.Link{Href: "/me/privacy", Words: web.Say("privacy.title")}
	return h.Kit.Show(c, "portal/copy", v)
}
