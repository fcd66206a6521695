package cases

import (
	"context"
	"slices"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/replies"
)

// Reply answers the person. Where the matter wants a second pair of eyes, it is
// published only when the review approves it.
type Reply struct {
	Text    string
	Note    string // why it is sent although there is advice on it; stays inside
	Advised bool   // the writer sees advice, so it is not sent against it without a note
}

// Action names the act.
func (Reply) Action() Action { return ActReply }

// Validate checks what was typed. What a template left to fill, and numbers of
// persons, never go out.
func (r Reply) Validate() error {
	var c fault.Check
	checkText(&c, "text", r.Text)
	checkNote(&c, r.Note, false)
	for _, f := range replies.Must(r.Text) {
		c.That(false, "text", "case.reply."+string(f.Code), "Found", f.Found)
	}
	return c.Err()
}

func (r Reply) apply(ctx context.Context, ch *change) error {
	advice := ch.c.Advice(r.Text)
	if ch.c.Track == catalogue.TrackPermit { // a decision has a form of its own
		advice = nil
	}
	if len(advice) > 0 && r.Advised && r.Note == "" {
		return fault.InvalidInput(fault.Field{Name: "note", Key: "case.reply.note.required"})
	}
	published := !needsReview(ch.matter)
	ch.c.RepliedAt, ch.c.ResumeStatus = &ch.now, ""
	ch.public = published
	if published {
		ch.contacted()
		ch.tell = true
	}
	ch.data["review"] = !published
	if len(advice) > 0 {
		ch.data["advice"] = strings.Join(advice, ",")
		ch.text = r.Note
	}
	return ch.say(ctx, "out", "reply", r.Text, published)
}

// Advice is what a reply in the language of the case's person lacks: codes, those
// that have to be mended left out.
func (c *Case) Advice(reply string) []string {
	lang, ok := i18n.ParseLang(c.Locale)
	if !ok {
		lang = i18n.ZhHant
	}
	var codes []string
	for _, f := range replies.Check(reply, lang) {
		if code := string(f.Code); !f.Code.Hard() && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}
