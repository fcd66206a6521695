package editor

import (
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/web"
)

// overviewView leads through the parts of a draft and says what keeps it from being
// published.
type overviewView struct {
	web.Page
	Action   string
	Version  int64
	Begun    bool
	Parts    []partLine
	Troubles []trouble
	Preview  *web.Button
	File     *web.Button
	Compare  web.Button
}

type partLine struct {
	Href  string
	Words web.Words
	Count int // things in a list; -1 of a form
	Chip  web.Chip
}

// trouble is something to mend, with the page on which that is done.
type trouble struct {
	Href  string
	Where web.Words
	Field web.Words // what it is of the thing; no words where it is all of it
	What  fault.Field
}

func (d *desk[T]) showDraft(c *gin.Context) error { return d.overview(c, nil) }

func (d *desk[T]) overview(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	x, version, err := d.load(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	parts, err := d.parts(ctx)
	if err != nil {
		return err
	}
	all, err := d.troubles(ctx, x)
	if err != nil {
		return err
	}
	v := &overviewView{Page: d.kit.Page(c, web.Say("permitedit.draft.title", "Name", d.name(x))), Action: d.at(c), Version: version, Begun: version > 0,
		Compare: web.Button{Words: web.Say("permitedit.compare"), Href: d.base + "/" + c.Param("code")}}
	v.Wide = true
	v.Back = &web.Link{Href: d.base + "/" + c.Param("code"), Words: web.Say("permitedit.versions")}
	if version == 0 {
		v.Compare.Href = ""
	}
	if d.preview {
		v.Preview = &web.Button{Words: web.Say("permitedit.preview"), Href: d.at(c) + "/preview", Kind: "secondary"}
	}
	if d.file {
		v.File = &web.Button{Words: web.Say("permitedit.file"), Href: d.at(c) + "/file", Kind: "secondary"}
	}
	if err := v.Fail(failed); err != nil {
		return err
	}
	for _, p := range parts {
		one := partLine{Href: d.at(c) + "/" + p.Name(), Words: web.Say("permitedit.part." + p.Name()), Count: -1, Chip: web.Chip{Tone: web.ToneDone, Words: web.Say("permitedit.sound")}}
		if p.List() {
			one.Count = len(p.Lines(x))
		}
		n := 0
		for _, f := range all {
			if p.Owns(f.Name) {
				n++
				v.Troubles = append(v.Troubles, d.trouble(c, p, x, f))
			}
		}
		if n > 0 {
			one.Chip = web.Chip{Tone: web.ToneDue, Icon: "alert-triangle", Words: web.Say("permitedit.troubles", "Count", n)}
		}
		v.Parts = append(v.Parts, one)
	}
	for _, f := range all {
		if !owned(parts, f.Name) {
			v.Troubles = append(v.Troubles, trouble{What: f, Where: web.Plain(f.Name)})
		}
	}
	return d.kit.Show(c, "admin/edit-draft", v)
}

func owned[T any](parts []part[T], field string) bool {
	for _, p := range parts {
		if p.Owns(field) {
			return true
		}
	}
	return false
}

// trouble leads to the thing of a list that a field belongs to, or to its part.
func (d *desk[T]) trouble(c *gin.Context, p part[T], x *T, f fault.Field) trouble {
	t := trouble{Href: d.at(c) + "/" + p.Name(), Where: web.Say("permitedit.part." + p.Name()), What: f}
	if friendlier := "permitedit.wrong." + strings.TrimPrefix(f.Key, "permittype."); d.words.Has(friendlier) {
		t.What.Key = friendlier
	}
	if last := f.Name[strings.LastIndexByte(f.Name, '.')+1:]; last != f.Name || !p.List() {
		t.Field = (&sheet{part: p.Name(), words: d.words}).say("field", last)
	}
	lines := p.Lines(x)
	for i := range lines {
		prefix := p.Prefix(x, i)
		if f.Name != prefix && !strings.HasPrefix(f.Name, prefix+".") {
			continue
		}
		t.Href += "/" + address(i, len(lines))
		t.Where = web.Plain(lines[i].Code)
		if !lines[i].Title.IsZero() {
			t.Where = lines[i].Title
		}
		return t
	}
	return t
}

// drop throws the draft away.
func (d *desk[T]) sendDraft(c *gin.Context) error {
	version, err := seen(c)
	if err != nil {
		return err
	}
	if c.PostForm("do") != "drop" {
		return fault.InvalidInput(fault.Field{Name: "do", Key: "fault.field.invalid"})
	}
	err = d.drop(c.Request.Context(), c.Param("code"), version)
	if conflict(err) {
		return d.overview(c, err)
	}
	if err != nil {
		return err
	}
	return d.told(c, "permittype.admin.dropped", d.base)
}
