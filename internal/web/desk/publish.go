package desk

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/voices"
	"minqing/internal/web"
)

// publishPage lists what may be published, and shows the masked draft of one.
type publishPage struct {
	Deps
	voices *voices.Service
}

// RegisterVoices mounts the pages on which staff publish questions and answers.
func RegisterVoices(d Deps, s *voices.Service) {
	p := &publishPage{Deps: d, voices: s}
	g := d.Kit.Group("/desk")
	d.Kit.GET(g, "/voices", access.CasePublish, p.list)
	d.Kit.GET(g, "/cases/:case_no/publish", access.CasePublish, p.show)
	d.Kit.POST(g, "/cases/:case_no/publish", access.CasePublish, p.act, web.Keeps(typedInPublishing))
}

// publishing leads to the page on which a case is published, where its person
// agrees and the reader may.
func (d Deps) publishing(ctx context.Context, one *cases.Case) *web.Link {
	if one.Voice == "" || d.Access.Can(ctx, access.CasePublish) != nil {
		return nil
	}
	words := web.Say("voices.desk.link." + string(one.Voice))
	if one.Voice == cases.VoicePublished && one.Concerns > 0 {
		words = web.Say("voices.desk.link.published.concerns", "Count", one.Concerns)
	}
	return &web.Link{Href: "/desk/cases/" + one.CaseNo + "/publish", Words: words}
}

type toPublishView struct {
	web.Page
	Rows  []inboxRow
	More  *web.Words // there are more than are shown
	Empty web.Empty
}

func (p *publishPage) list(c *gin.Context) error {
	ctx := c.Request.Context()
	list, more, err := p.Cases.ToPublish(ctx)
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	v := &toPublishView{Page: p.Kit.Page(c, web.Say("voices.desk.title"))}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	if more {
		v.More = new(web.Say("voices.desk.more", "Count", len(list)))
	}
	for _, it := range list {
		r := inboxRow{CaseNo: it.CaseNo, Href: "/desk/cases/" + it.CaseNo + "/publish", Title: web.Plain(it.ShownTitle()),
			Due: web.Chip{Tone: web.ToneDue, Words: web.Say("voices.desk.waits")}}
		r.add(n.matter(it.MatterID))
		if d := n.district(it.DistrictID); !d.IsZero() {
			r.add(d)
		}
		v.Rows = append(v.Rows, r)
	}
	v.Empty = web.Empty{Title: web.Say("voices.desk.none"), Words: web.Say("voices.desk.none.words")}
	return p.Kit.Show(c, "desk/voices", v)
}

type publishView struct {
	web.Page
	CaseNo    string
	State     web.Notice
	Title     web.Field
	Question  web.Field
	Answer    web.Field
	Reason    web.Field
	Hide      web.Field
	Read      web.Field
	Hidden    []string
	Possible  bool
	Published bool
	Seen      string
	Address   string // of what is published
	At        *time.Time
}

func (p *publishPage) view(c *gin.Context) (*publishView, error) {
	d, err := p.voices.Draft(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	v := &publishView{Page: p.Kit.Page(c, web.Say("voices.desk.publish")), CaseNo: d.Case.CaseNo, Possible: d.Possible, Seen: d.Seen}
	v.Back = &web.Link{Href: "/desk/cases/" + v.CaseNo, Words: web.Plain(v.CaseNo)}
	v.Title = web.Field{Name: "title", Label: web.Say("voices.desk.subject"), Value: d.Texts.Title, Width: "full", Max: voices.TitleMost}
	v.Question = web.Field{Name: "question", Label: web.Say("voices.question"), Value: d.Texts.Question, Rows: 8, Max: voices.TextMost}
	v.Answer = web.Field{Name: "answer", Label: web.Say("voices.answer"), Value: d.Texts.Answer, Rows: 10, Max: voices.TextMost}
	v.Hide = web.Field{Name: "hide", Label: web.Say("voices.desk.hide"), Hint: web.Say("voices.desk.hide.hint"), Rows: 2, Max: voices.ReasonMost}
	v.Read = web.Field{Name: "read", Label: web.Say("voices.desk.read.title"), Options: []web.Option{{Value: "yes", Words: web.Say("voices.desk.read")}}}
	v.Hidden = d.Texts.Hidden()
	v.Reason = web.Field{Name: "reason", Label: web.Say("voices.desk.reason"), Hint: web.Say("voices.desk.reason.hint"), Rows: 3, Max: voices.ReasonMost}
	switch d.Case.Voice {
	case cases.VoicePublished:
		v.Published, v.Address = true, "/voices/"+*d.Case.VoiceID
		v.State = web.Notice{Tone: web.ToneDone, Words: web.Say("voices.desk.is.published"), Link: &web.Link{Href: v.Address, Words: web.Say("voices.desk.see")}}
	case cases.VoiceDeclined:
		v.State = web.Notice{Words: web.Say("voices.desk.is.declined")}
		if d.Decided != nil {
			v.State.Words = web.Say("voices.desk.is.declined_for", "Reason", d.Decided.Reason)
		}
	case cases.VoiceAgreed:
		v.State = web.Notice{Tone: web.ToneInfo, Words: web.Say("voices.desk.is.agreed")}
		if !d.Possible {
			v.State.Words = web.Say("voices.desk.is.early")
		}
	default:
		v.State = web.Notice{Words: web.Say("voices.desk.is.none")}
	}
	return v, nil
}

func (p *publishPage) show(c *gin.Context) error {
	v, err := p.view(c)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/publish", v)
}

type publishInput struct {
	Do       string `form:"do"`
	Title    string `form:"title"`
	Question string `form:"question"`
	Answer   string `form:"answer"`
	Reason   string `form:"reason"`
	Hide     string `form:"hide"`
	Read     string `form:"read"`
	Seen     string `form:"seen"`
}

func (in publishInput) texts() voices.Texts {
	return voices.Texts{Title: in.Title, Question: in.Question, Answer: in.Answer}.Without(in.Hide)
}

// checked is whether somebody says that they have read what everybody will.
func (in publishInput) checked() error {
	var c fault.Check
	c.That(in.Read == "yes", "read", "voices.desk.read.required")
	return c.Err()
}

// more shows the draft with more of it hidden; nothing is published by that.
func (p *publishPage) more(c *gin.Context, in publishInput) error {
	v, err := p.view(c)
	if err != nil {
		return err
	}
	t := in.texts()
	v.Title.Value, v.Question.Value, v.Answer.Value, v.Hidden = t.Title, t.Question, t.Answer, t.Hidden()
	return p.Kit.Show(c, "desk/publish", v)
}

func (p *publishPage) act(c *gin.Context) error {
	ctx, no := c.Request.Context(), c.Param("case_no")
	var in publishInput
	err := web.Decode(c, &in)
	done := "voices.desk.done.publish"
	switch {
	case err != nil:
	case in.Do == "hide":
		return p.more(c, in)
	case in.Do == "publish":
		if err = in.checked(); err == nil {
			_, err = p.voices.Publish(ctx, no, in.texts(), in.Seen)
		}
	case in.Do == "decline":
		done = "voices.desk.done.decline"
		err = p.voices.Decline(ctx, no, in.Reason, in.Seen)
	default:
		err = fault.New(fault.NotFound, "case.action.unknown")
	}
	if err == nil {
		link := &web.Link{Href: "/desk/cases/" + no + "/publish", Words: web.Plain(no)}
		if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(done), Link: link}); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, "/desk/voices") // the next one
		return nil
	}
	v, failed := p.view(c)
	if failed != nil {
		return failed
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	if in.Do == "publish" {
		t := in.texts()
		v.Title.Value, v.Question.Value, v.Answer.Value, v.Hidden = t.Title, t.Question, t.Answer, t.Hidden()
	}
	v.Reason.Value, v.Read = in.Reason, v.Bind(v.Read)
	v.Title, v.Question, v.Answer, v.Reason = v.Bind(v.Title), v.Bind(v.Question), v.Bind(v.Answer), v.Bind(v.Reason)
	return p.Kit.Show(c, "desk/publish", v)
}

// typedInPublishing labels what staff type about a publication.
func typedInPublishing(name string) web.Words {
	key := map[string]string{"title": "voices.desk.subject", "question": "voices.question", "answer": "voices.answer", "reason": "voices.desk.reason", "hide": "voices.desk.hide"}[name]
	if key == "" {
		return web.Words{}
	}
	return web.Say(key)
}
