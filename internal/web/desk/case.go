package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/text"
	"minqing/internal/web"
)

type casePage struct{ Deps }

type caseView struct {
	web.Page
	CaseNo      string
	Version     int64
	Chips       []web.Chip
	Order       *order // the unit above wants something
	Clock       clock
	Facts       []web.SummaryRow
	Point       string // where it is, "lat,lng"
	Answers     []web.SummaryRow
	Description string
	Parties     []web.SummaryRow
	Records     []web.Link // of those who ask
	Story       web.Story
	First       *form // the one next act
	Waiting     web.Words
	More        []form
	Route       []web.Words
	Files       []attachment
	Reveal      *web.Field // asks why, where somebody can be shown in the clear
	Password    *web.Field // asked for too, when the sign-in is a while ago
	Revealed    bool
	Alarm       *cases.Alarm
	Changed     []web.StoryItem // by somebody else since the form was opened
	Kept        []web.SummaryRow
	Bond        *bond      // with cases that are handled as one with it
	Merges      bool       // this reader may merge it
	Earlier     string     // where closed cases of the same person and place are listed
	Joint       *web.Table // what other units were asked to do
	Pieces      *web.Table // parts that are cases of their own
	PartOf      string     // number of the case that this one is a part of
	Versions    int        // of the reply, where there are several
	Drafts      bool       // a script keeps what is typed
	Paper       bool       // this reader may take it out as a file
	parts       []cases.Part
	called      map[string]string // names of the files, by id
	pieces      []cases.Piece
	Permit      *web.Link    // its permit side, of an application
	Silence     *silenceCard // what becomes of it where nobody decides
	Bundle      *bundleCard  // what was applied for with it
	Voice       *web.Link    // its person agrees to publication, and this reader publishes
}

// show is the case as this member of staff may see it. ?do=ACT opens the form of
// that act; a script gets nothing else.
func (p *casePage) show(c *gin.Context) error {
	v, _, err := p.view(c)
	if err != nil {
		return err
	}
	if act := wanted(c); act != "" && web.WantsFragment(c) {
		i := slices.IndexFunc(v.More, func(f form) bool { return f.Action == act && !f.Later })
		if i < 0 {
			return fault.New(fault.NotFound, "case.action.unknown")
		}
		return p.Kit.Fragment(c, "desk/case-act", &actView{Page: v.Page, CaseNo: v.CaseNo, Version: v.Version, Form: v.More[i]})
	}
	return p.Kit.Show(c, "desk/case", v)
}

func (p *casePage) view(c *gin.Context) (*caseView, *cases.View, error) {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return nil, nil, err
	}
	n, err := p.names(ctx)
	if err != nil {
		return nil, nil, err
	}
	known, err := p.involved(ctx, one)
	if err != nil {
		return nil, nil, err
	}
	v := &caseView{Page: p.Kit.Page(c, web.Plain(one.ShownTitle())), CaseNo: one.CaseNo, Version: one.Version, Description: one.ShownDescription()}
	v.Wide, v.Alarm, v.Versions, v.Drafts, v.Paper, v.Records = true, one.Alarm, versionsOf(one), p.Bulk != nil, one.Exports, p.records(ctx, one)
	v.Back = &web.Link{Href: p.left(c), Words: web.Say("desk.inbox.title")}
	v.Chips = chips(one)
	if v.Clock, err = p.clock(ctx, one, n, v.Lang); err != nil {
		return nil, nil, err
	}
	if v.Order, err = p.order(ctx, one, n); err != nil {
		return nil, nil, err
	}
	v.facts(one, n, known)
	v.answers(one, n, p.Kit)
	v.parties(one, n)
	if err := p.attachments(ctx, v, one); err != nil {
		return nil, nil, err
	}
	if one.Reveals && somebody(one.People) {
		v.Reveal = &web.Field{Name: "reveal_reason", Label: web.Say("desk.reveal.reason"), Width: "full"}
	}
	if err := p.story(ctx, v, one, teller{names: n, known: known, files: v.called, at: c.Query("at")}); err != nil {
		return nil, nil, err
	}
	if err := p.shared(ctx, v, one, n); err != nil {
		return nil, nil, err
	}
	if err := p.acts(c, v, one, n); err != nil {
		return nil, nil, err
	}
	v.Waiting = waiting(one, n, known)
	if one.Track == catalogue.TrackPermit {
		v.Permit = &web.Link{Href: "/desk/cases/" + one.CaseNo + "/permit", Words: web.Say("permit.desk.link")}
		if v.Bundle, err = p.bundleOf(ctx, one.ID); err != nil {
			return nil, nil, err
		}
		if v.Silence, err = p.silence(ctx, one.ID); err != nil {
			return nil, nil, err
		}
	}
	v.Voice = p.publishing(ctx, &one.Case)
	v.Earlier = earlierOf(&one.Case)
	if err := p.together(ctx, v, one); err != nil {
		return nil, nil, err
	}
	return v, one, nil
}

// shared shows what other units do for it, and what it is a part of.
func (p *casePage) shared(ctx context.Context, v *caseView, one *cases.View, n names) (err error) {
	if v.parts, err = p.Cases.Parts(ctx, one); err != nil {
		return err
	}
	if slices.ContainsFunc(one.Events, func(e cases.Event) bool { return e.Action == cases.ActSplit }) {
		if v.pieces, err = p.Cases.PartsBelow(ctx, &one.Case); err != nil {
			return err
		}
	}
	v.PartOf, err = p.Cases.ParentNo(ctx, &one.Case)
	v.Pieces = pieceTable(v.pieces, n, v.Lang)
	v.Joint = jointTable(v.parts, n, v.Lang, p.Now())
	return err
}

// involved names the accounts that handled the case or did something with it.
func (p *casePage) involved(ctx context.Context, one *cases.View) (map[string]string, error) {
	var accounts []string
	if one.HandlerID != nil {
		accounts = append(accounts, *one.HandlerID)
	}
	for _, e := range one.Events {
		if e.AccountID != nil {
			accounts = append(accounts, *e.AccountID)
		}
		if m := e.Facts().Mentioned; m != "" {
			accounts = append(accounts, strings.Split(m, ",")...)
		}
		for _, id := range []string{e.Facts().HandlerID, e.Facts().Account} {
			if id != "" {
				accounts = append(accounts, id)
			}
		}
	}
	return p.People.Names(ctx, accounts...)
}

// actView is one act's form alone.
type actView struct {
	web.Page
	CaseNo  string
	Version int64
	Form    form
}

type attachment struct {
	Href  string
	Name  string
	Size  web.Words
	Black string // where parts of it are blacked out
	Small string // the preview of a picture
}

func (p *casePage) attachments(ctx context.Context, v *caseView, one *cases.View) error {
	if !one.HasFiles {
		return nil
	}
	list, err := p.Files.List(ctx, files.Owner{Kind: files.Case, ID: one.ID})
	if len(list) > 0 {
		v.called = make(map[string]string, len(list))
	}
	p.neutral(&one.Case, list)
	for _, f := range list {
		a := attachment{Href: "/desk/cases/" + one.CaseNo + "/files/" + f.ID, Name: text.MaskFree(f.Name),
			Size: web.Say("desk.file.size", "Size", max(1, (f.Size+1023)/1024))}
		if files.Paints(f.MediaType) {
			a.Small = a.Href + "/preview"
			if one.MayBlackOut() {
				a.Black = a.Href + "/black"
			}
		}
		v.Files, v.called[f.ID] = append(v.Files, a), a.Name
	}
	return err
}

func me(ctx context.Context) string { return actor.From(ctx).AccountID }

// somebody says whether there is anybody left to be shown in the clear.
func somebody(people map[string]constituents.View) bool {
	for _, p := range people {
		if !p.Erased {
			return true
		}
	}
	return false
}
