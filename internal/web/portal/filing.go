package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/web"
)

type filingPages struct{ Deps }

// work is one request on a filing: the draft and what its matter asks.
type work struct {
	c         *gin.Context
	city      city
	token     string
	step      string
	sheet     sheet
	matter    *catalogue.Matter // nil when the person is not sure
	questions []catalogue.Question
	steps     []string
	receipt   *cases.Receipt // set when this browser's draft was filed before
	fresh     bool           // nothing is stored yet
}

// open finds the browser's draft and the matter of the address. A draft begun
// under another matter goes on under this one.
func (h *filingPages) open(c *gin.Context) (*work, error) {
	ctx := c.Request.Context()
	if err := h.mayFile(ctx); err != nil {
		return nil, err
	}
	w := &work{c: c, step: c.Param("step")}
	var err error
	if w.city, err = h.city(ctx); err != nil {
		return nil, err
	}
	code := c.Param("matter")
	if code != other {
		if w.matter, err = w.city.snap.MatterOn(code, w.city.day); err != nil {
			return nil, err
		}
		if w.questions, err = w.city.snap.Questions(w.matter); err != nil {
			return nil, err
		}
		code = w.matter.Code
	}
	w.steps = stepsFor(w.matter, w.questions)
	if err := h.load(ctx, w); err != nil {
		return nil, err
	}
	w.sheet.turnTo(code)
	if kinds := kindsOf(w.matter); w.matter != nil && !slices.Contains(kinds, cases.Kind(w.sheet.Kind)) {
		w.sheet.Kind = string(firstKind(w.matter))
	}
	return w, nil
}

// mayFile stops staff who may not file for others before they have typed
// anything: their account is no person's.
func (h *filingPages) mayFile(ctx context.Context) error {
	if actor.From(ctx).Kind != actor.Staff {
		return nil
	}
	err := h.Cases.Access.Can(ctx, access.CaseFile)
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return fault.New(fault.Forbidden, "portal.file.staff")
	}
	return err
}

func (h *filingPages) load(ctx context.Context, w *work) error {
	if token := h.Kit.Kept(w.c, cookie.Draft); token != "" {
		d, err := h.Drafts.Load(ctx, token)
		switch {
		case err == nil && d.Step == stepFiled:
			if w.receipt, err = opened(ctx, token, d); err != nil {
				return err
			}
		case err == nil:
			w.token = token
			if err := json.Unmarshal(d.Data, &w.sheet); err != nil {
				return fmt.Errorf("read a draft: %w", err)
			}
			if whose := w.sheet.Account; whose == "" || whose == actor.From(ctx).AccountID {
				return nil
			}
			w.sheet = sheet{} // somebody else sat here before
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
	}
	w.token, w.fresh = h.Drafts.NewToken(), true
	return nil
}

// save keeps what was typed, well or not, and tells the browser where.
func (h *filingPages) save(w *work) error {
	if me := actor.From(w.c.Request.Context()).AccountID; me != "" {
		w.sheet.Account = me
	}
	body, err := json.Marshal(w.sheet)
	if err != nil {
		return fmt.Errorf("write a draft: %w", err)
	}
	if err := h.Drafts.Save(w.c.Request.Context(), w.token, w.step, body); err != nil {
		return err
	}
	if w.fresh {
		h.Kit.Keep(w.c, cookie.Draft, w.token)
		w.fresh = false
	}
	return nil
}

func (w *work) path(step string) string { return "/file/" + w.sheet.Matter + "/" + step }

// missing is the first step that was not filled in yet; the check when all were.
func (w *work) missing() string {
	for _, s := range w.steps {
		if s != stepCheck && !w.sheet.Done[s] {
			return s
		}
	}
	return stepCheck
}

// filing is the sheet as it would be sent by this actor.
func (w *work) filing() cases.Filing {
	f := w.sheet.filing(web.Lang(w.c), w.city.region(), w.questions)
	f.ContactFirst = actor.From(w.c.Request.Context()).ConstituentID == ""
	if w.staff() {
		f.Channel = w.sheet.channel()
	}
	return f
}

// staff says whether somebody writes down what another tells them.
func (w *work) staff() bool { return actor.From(w.c.Request.Context()).Kind == actor.Staff }

// permit leads elsewhere when the matter is a permit: it is not filed like a request.
func (h *filingPages) permit(c *gin.Context) (done bool, err error) {
	city, err := h.city(c.Request.Context())
	if err != nil {
		return false, err
	}
	m, err := city.snap.MatterOn(c.Param("matter"), city.day)
	if err != nil || m.Track != catalogue.TrackPermit {
		return false, nil // what is missing is told by the page itself
	}
	return true, h.toPermit(c, m)
}

// begin goes to the first step.
func (h *filingPages) begin(c *gin.Context) error {
	if done, err := h.permit(c); done || err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/file/"+c.Param("matter")+"/"+stepWhat)
	return nil
}

// show is a step as it stands in the draft.
func (h *filingPages) show(c *gin.Context) error {
	if done, err := h.permit(c); done || err != nil {
		return err
	}
	w, err := h.open(c)
	if err != nil {
		return err
	}
	if !slices.Contains(w.steps, w.step) {
		return fault.New(fault.NotFound, "fault.no_page")
	}
	if next := w.missing(); w.step == stepCheck && next != stepCheck {
		c.Redirect(http.StatusSeeOther, w.path(next))
		return nil
	}
	return h.render(w, nil)
}

// take keeps what was typed on a step, then says what to mend or goes on.
func (h *filingPages) take(c *gin.Context) error {
	if done, err := h.permit(c); done || err != nil {
		return err
	}
	w, err := h.open(c)
	if err != nil {
		return err
	}
	if !slices.Contains(w.steps, w.step) {
		return fault.New(fault.NotFound, "fault.no_page")
	}
	if w.step == stepCheck {
		return h.send(w)
	}
	again, err := h.read(w)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return err
	}
	problems := fieldsOf(err)
	if err != nil && len(problems) == 0 {
		return err // malformed or too large: there is nothing to keep
	}
	if !again {
		found, err := h.stepProblems(w)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
	}
	w.sheet.done(w.step, len(problems) == 0 && !again)
	if err := h.save(w); err != nil {
		if fault.KindOf(err) == fault.Invalid && len(problems) > 0 { // too large to keep: the page itself gives it back
			return h.render(w, fault.InvalidInput(problems...))
		}
		return err
	}
	stay, fileProblems, err := h.attach(w)
	if err != nil {
		return err
	}
	problems = append(problems, fileProblems...)
	switch {
	case len(problems) > 0:
		return h.render(w, fault.InvalidInput(problems...))
	case again || stay:
		c.Redirect(http.StatusSeeOther, w.path(w.step))
	default:
		c.Redirect(http.StatusSeeOther, w.path(w.missing()))
	}
	return nil
}

func fieldsOf(err error) []fault.Field {
	if e, ok := fault.As(err); ok {
		return e.Fields
	}
	return nil
}

// stepProblems are the problems of this step and no other: what comes later is
// filled with what cannot fail.
func (h *filingPages) stepProblems(w *work) ([]fault.Field, error) {
	f := w.filing()
	if w.step != stepWho {
		f.Confidentiality, f.Contact, f.ContactFirst = cases.AnonymousFiler, cases.Contact{}, false
	}
	err := h.Cases.Check(w.c.Request.Context(), f)
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return nil, err
	}
	var own []fault.Field
	if w.step == stepWho {
		own = w.sheet.behalfProblems()
		if w.staff() && !slices.Contains(cases.StaffChannels, w.sheet.channel()) {
			own = append(own, fault.Field{Name: "channel", Key: "portal.channel.required"})
		}
	}
	for _, p := range fieldsOf(err) {
		if belongs(p.Name) == w.step {
			own = append(own, p)
		}
	}
	return own, nil
}

// send files the draft, once however often the button is pressed.
func (h *filingPages) send(w *work) error {
	if w.receipt != nil && w.fresh {
		w.c.Redirect(http.StatusSeeOther, "/receipt/"+w.receipt.CaseNo)
		return nil
	}
	if next := w.missing(); next != stepCheck {
		w.c.Redirect(http.StatusSeeOther, w.path(next))
		return nil
	}
	f := w.filing()
	f.Publish = !w.staff() && w.c.PostForm("publish") == "yes"
	f.DraftID = h.Drafts.ID(w.token)
	answer, _, err := h.Once.Do(w.c.Request.Context(), cases.Request{Scope: "filing in the browser", Key: w.token},
		func(ctx context.Context) (cases.Answer, error) {
			r, err := h.Cases.File(ctx, f)
			if err != nil {
				return cases.Answer{}, err
			}
			body, err := json.Marshal(filed{Receipt: *r, Owner: ownerOf(ctx, w.token)})
			if err != nil {
				return cases.Answer{}, fmt.Errorf("write the receipt: %w", err)
			}
			return cases.Answer{Status: http.StatusSeeOther, Body: body}, h.Drafts.Save(ctx, w.token, stepFiled, body)
		})
	if fault.KindOf(err) == fault.Invalid && len(fieldsOf(err)) > 0 {
		for _, p := range fieldsOf(err) {
			w.sheet.done(belongs(p.Name), false)
		}
		if err := h.save(w); err != nil {
			return err
		}
		return h.render(w, err)
	}
	if err != nil {
		return err
	}
	var r cases.Receipt
	if err := json.Unmarshal(answer.Body, &r); err != nil {
		return fmt.Errorf("read the receipt: %w", err)
	}
	w.c.Redirect(http.StatusSeeOther, "/receipt/"+r.CaseNo)
	return nil
}
