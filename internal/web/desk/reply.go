package desk

import (
	"minqing/internal/cases"
	"minqing/internal/web"
)

// reply asks for the answer. Once one was typed, there is advice on it, and a
// place to say why it is sent as it is.
func (b *asking) reply() {
	b.write("text", "reply").Rows = 8
	written, sent := b.c.GetPostForm(string(cases.ActReply) + ".text")
	if !sent {
		return
	}
	b.f.Advice = adviceOn(&b.one.Case, written)
	if len(b.f.Advice) > 0 {
		why := b.write("note", "anyway")
		why.Hint, why.Rows = web.Say("desk.field.anyway.hint"), 2
	}
}

func adviceOn(c *cases.Case, written string) []web.Words {
	var list []web.Words
	for _, code := range c.Advice(written) {
		list = append(list, web.Say("desk.advice."+code))
	}
	return list
}
