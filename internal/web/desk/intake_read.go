package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/text"
	"minqing/internal/web"
)

// taken is a call as it stands in the form.
type taken struct {
	Once      string `form:"once"`
	Channel   string `form:"channel"`
	Phone     string `form:"contact.phone"`
	Name      string `form:"contact.name"`
	Mail      string `form:"contact.email"`
	Requester string `form:"requester"`
	Kind      string `form:"kind"`
	Matter    string `form:"matter_code"`
	Line      string `form:"title"`
	Text      string `form:"description"`
	Address   string `form:"location.address"`
	District  string `form:"location.district_code"`
	Danger    string `form:"danger"`
	Privacy   string `form:"confidentiality"`
	About     string `form:"subject.unit_code"`
	Whom      string `form:"subject.name"`
	Notes     string `form:"notes"`
	Callback  string `form:"callback"`

	Asked []string `form:"asked"`
}

func (p *intakePage) read(c *gin.Context) (taken, error) {
	var t taken
	if err := web.Decode(c, &t); err != nil {
		return t, err
	}
	return t, nil
}

// filing is what was typed as a command, without the matter and its answers.
func (t taken) filing(lang i18n.Lang) cases.Filing {
	f := cases.Filing{
		Kind: cases.Kind(t.Kind), Title: t.Line, Description: t.Text, Danger: t.Danger == "yes",
		Location:        cases.Location{Address: t.Address, DistrictCode: t.District},
		Confidentiality: cases.Confidentiality(t.Privacy), Locale: string(lang), Channel: t.Channel,
	}
	f.Subject = cases.Subject{UnitCode: t.About, Name: t.Whom}
	if f.Confidentiality != cases.AnonymousFiler {
		f.Contact = cases.Contact{Name: t.Name, Phone: t.Phone, Email: t.Mail}
	}
	return f
}

// call is what was typed as a command.
func (p *intakePage) call(ctx context.Context, c *gin.Context, t taken) (cases.Call, error) {
	n, err := p.names(ctx)
	if err != nil {
		return cases.Call{}, err
	}
	lang := web.Lang(c)
	call := cases.Call{Filing: t.filing(lang), RequesterID: t.Requester, Notes: t.Notes, Callback: t.Callback}
	var check fault.Check
	check.That(slices.Contains(cases.StaffChannels, t.Channel), "channel", "case.channel.unknown")
	m, ok := p.matter(n, calendar.DateOf(p.Now(), n.zone), t.Matter, lang)
	check.That(ok, "matter_code", "desk.intake.matter.unknown")
	if err := check.Err(); err != nil {
		return cases.Call{}, err
	}
	if m == nil {
		return call, nil
	}
	call.MatterCode = m.Code
	questions, err := n.snap.Questions(m)
	if err != nil {
		return cases.Call{}, err
	}
	call.Answers = catalogue.Answers(questions, func(name string) []string { return p.answered(c, t, questions, name) })
	return call, nil
}

// dangerQuestion is asked of everybody by the box for danger.
const dangerQuestion = "danger_now"

func (p *intakePage) answered(c *gin.Context, t taken, questions []catalogue.Question, name string) []string {
	if name == dangerQuestion {
		return []string{strconv.FormatBool(t.Danger == "yes")}
	}
	i := slices.IndexFunc(questions, func(q catalogue.Question) bool { return q.Name == name })
	if i < 0 {
		return nil
	}
	return web.Sent(c, questions[i])
}

// questions are those of the matter that the answers so far make appear.
func (p *intakePage) questions(v *intakeView, n names, m *catalogue.Matter, c *gin.Context, t taken) error {
	if m == nil {
		return nil
	}
	questions, err := n.snap.Questions(m)
	if err != nil {
		return err
	}
	answers := catalogue.Answers(questions, func(name string) []string { return p.answered(c, t, questions, name) })
	for _, q := range catalogue.ToAsk(questions, answers) {
		if q.Name != dangerQuestion {
			v.Asked = append(v.Asked, v.Ask(q, web.Sent(c, q)))
		}
	}
	return nil
}

// matter finds the matter that somebody typed: its code, its name, or a part of
// its name that no other has, in either Chinese script. Nothing typed is no matter; false: not found.
func (p *intakePage) matter(n names, day calendar.Date, typed string, lang i18n.Lang) (*catalogue.Matter, bool) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, true
	}
	if m, err := n.snap.MatterOn(typed, day); err == nil {
		return m, true
	}
	var found []*catalogue.Matter
	typed = text.Normalise(typed)
	for _, m := range n.snap.Matters {
		name := text.Normalise(m.Name.In(lang))
		if !m.On(day) || !strings.Contains(name, typed) {
			continue
		}
		if name == typed {
			return m, true
		}
		found = append(found, m)
	}
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}

// form makes the fields.
func (p *intakePage) form(v *intakeView, n names, day calendar.Date, t taken) {
	options := func(key string, values ...string) (list []web.Option) {
		for _, value := range values {
			list = append(list, web.Option{Value: value, Words: web.Say(key + value)})
		}
		return list
	}
	var kinds []string
	for _, k := range cases.Kinds {
		kinds = append(kinds, string(k))
	}
	v.Channel = v.Bind(web.Field{Name: "channel", Label: web.Say("desk.intake.channel"), Value: t.Channel, Inline: true, Options: options("case.channel.", cases.StaffChannels...)})
	v.Phone = v.Bind(web.Field{Focus: true, Name: "contact.phone", Label: web.Say("desk.intake.phone"), Value: t.Phone, Type: "tel", Complete: "off", Width: "20"})
	v.Name = v.Bind(web.Field{Name: "contact.name", Label: web.Say("desk.intake.name"), Value: t.Name, Complete: "off", Width: "20", Optional: true})
	v.Mail = v.Bind(web.Field{Name: "contact.email", Label: web.Say("desk.intake.email"), Value: t.Mail, Type: "email", Complete: "off", Width: "20", Optional: true})
	v.Kind = v.Bind(web.Field{Name: "kind", Label: web.Say("desk.intake.kind"), Value: t.Kind, Options: options("case.kind.", kinds...)})
	v.Matter = v.Bind(web.Field{Name: "matter_code", Label: web.Say("desk.intake.matter"), Hint: web.Say("desk.intake.matter.hint"), Value: t.Matter, Complete: "off", Optional: true})
	for _, m := range n.snap.Matters {
		if m.On(day) {
			v.Matter.Offers = append(v.Matter.Offers, web.Option{Value: m.Name.In(v.Lang), Words: web.Plain(m.Code)})
		}
	}
	v.Line = v.Bind(web.Field{Name: "title", Label: web.Say("desk.intake.line"), Hint: web.Say("desk.intake.line.hint"), Value: t.Line, Optional: true})
	v.Text = v.Bind(web.Field{Name: "description", Label: web.Say("desk.intake.text"), Value: t.Text, Rows: 5, Max: cases.DescriptionMost})
	v.Address = v.Bind(web.Field{Name: "location.address", Label: web.Say("desk.intake.address"), Hint: web.Say("desk.intake.address.hint"), Value: t.Address, Complete: "off"})
	v.District = web.Field{Name: "location.district_code", Label: web.Say("desk.intake.district"), Value: t.District, Optional: true, Options: []web.Option{{Words: web.Say("portal.where.unknown")}}}
	for _, b := range n.areas.At(place.Borough, "", day) {
		v.District.Options = append(v.District.Options, web.Option{Value: b.Code, Words: web.Data(b.Name)})
		for _, d := range n.areas.At(place.Subdistrict, b.ID, day) {
			v.District.Options = append(v.District.Options, web.Option{Value: d.Code, Words: web.Plain(b.Name.In(v.Lang) + " · " + d.Name.In(v.Lang))})
		}
	}
	v.District = v.Bind(v.District)
	v.Danger = v.Bind(web.Field{Name: "danger", Label: web.Say("desk.intake.danger"), Values: []string{t.Danger}, Options: []web.Option{{Value: "yes", Words: web.Say("desk.intake.danger.yes")}}})
	v.Privacy = v.Bind(web.Field{Name: "confidentiality", Label: web.Say("desk.intake.privacy"), Value: t.Privacy,
		Options: options("case.confidentiality.", string(cases.Normal), string(cases.IdentityHidden), string(cases.AnonymousFiler))})
	p.subject(v, n, day, t)
	v.Notes = v.Bind(web.Field{Name: "notes", Label: web.Say("desk.intake.notes"), Hint: web.Say("desk.intake.notes.hint"), Value: t.Notes, Rows: 2, Optional: true})
	v.Callback = v.Bind(web.Field{Name: "callback", Label: web.Say("desk.intake.callback"), Hint: web.Say("desk.intake.callback.hint"), Value: t.Callback, Complete: "off", Optional: true})
}

// subject asks whom a complaint is about.
func (p *intakePage) subject(v *intakeView, n names, day calendar.Date, t taken) {
	v.About = web.Field{Name: "subject.unit_code", Label: web.Say("desk.intake.subject_unit"), Value: t.About, Optional: true, Options: []web.Option{{Words: web.Say("desk.intake.subject_unit.none")}}}
	for _, u := range n.snap.Units {
		if u.On(day) {
			v.About.Options = append(v.About.Options, web.Option{Value: u.Code, Words: indented(u, depth(u))})
		}
	}
	v.About = v.Bind(v.About)
	v.Whom = v.Bind(web.Field{Name: "subject.name", Label: web.Say("desk.intake.subject_name"), Hint: web.Say("desk.intake.subject_name.hint"), Value: t.Whom, Complete: "off", Width: "20", Optional: true})
}

// typedInCall labels the texts of a call where the form cannot be given back.
func typedInCall(name string) web.Words {
	switch name {
	case "description", "notes", "title", "callback":
		return web.Say("desk.intake." + map[string]string{"description": "text", "notes": "notes", "title": "line", "callback": "callback"}[name])
	}
	return web.Words{}
}
