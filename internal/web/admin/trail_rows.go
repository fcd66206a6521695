package admin

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/audit"
	"minqing/internal/text"
	"minqing/internal/web"
)

func asBroken(err error, into **audit.Broken) bool { return errors.As(err, into) }

// rows reads a page of either log and names who did it.
func (p *trailPage) rows(ctx context.Context, log string, f audit.Filter) (out []trailRow, next string, err error) {
	if log == logReads {
		reads, next, err := p.Audit.FindReads(ctx, f)
		if err != nil {
			return nil, "", err
		}
		out, err := p.reads(ctx, reads)
		return out, next, err
	}
	entries, next, err := p.Audit.Find(ctx, f)
	if err != nil {
		return nil, "", err
	}
	out, err = p.entries(ctx, entries)
	return out, next, err
}

func (p *trailPage) entries(ctx context.Context, entries []audit.Row) ([]trailRow, error) {
	var ids []string
	for _, e := range entries {
		ids = append(ids, deref(e.AccountID), deref(e.AsAccountID))
		if e.ObjectKind == "account" {
			ids = append(ids, e.ObjectID)
		}
	}
	names, err := p.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]trailRow, len(entries))
	for i, e := range entries {
		r := trailRow{At: e.At, Action: p.action(e.Action), Code: e.Action, Who: p.who(e.ActorKind, e.AccountID, e.Job, names),
			About: p.about(e.ObjectKind), Object: e.ObjectID, IP: e.IP, Request: e.RequestID}
		if r.Reason, r.Gone, err = p.Reason(ctx, e.Reason); err != nil {
			return nil, err
		}
		if e.ObjectKind == "account" {
			r.Named = names[e.ObjectID]
		}
		if e.AsAccountID != nil {
			r.As = p.who("", e.AsAccountID, "", names)
		}
		changes, err := e.Fields()
		if err != nil {
			return nil, err
		}
		for _, c := range changes {
			if c.Field == "for" { // written by the trail itself
				r.For = c.After
				continue
			}
			r.Changes = append(r.Changes, changed(c))
		}
		out[i] = r
	}
	return out, nil
}

func (p *trailPage) reads(ctx context.Context, reads []audit.ReadRow) ([]trailRow, error) {
	var ids []string
	for _, e := range reads {
		ids = append(ids, deref(e.AccountID))
	}
	names, err := p.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]trailRow, len(reads))
	for i, e := range reads {
		seen, err := e.Names()
		if err != nil {
			return nil, err
		}
		out[i] = trailRow{At: e.At, Action: web.Say("audit.read"), Code: "read", Who: p.who("", e.AccountID, "", names), About: p.about(e.ObjectKind),
			Object: e.ObjectID, Changes: seen, Request: e.RequestID}
		if out[i].Reason, out[i].Gone, err = p.Reason(ctx, e.Reason); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *trailPage) names(ctx context.Context, ids []string) (map[string]string, error) {
	slices.Sort(ids)
	return p.People.Names(ctx, slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })...)
}

// who names an actor: a person by name, an erased one by id, a job by its kind.
func (p *trailPage) who(kind string, account *string, job string, names map[string]string) web.Words {
	switch {
	case account != nil && names[*account] != "":
		return web.Plain(names[*account])
	case account != nil:
		return web.Plain(*account)
	case job != "":
		return web.Say("audit.who.job", "Job", job)
	case kind == "anonymous":
		return web.Say("audit.who.anonymous")
	}
	return web.Say("audit.who.system")
}

// action says an action in words where there are some; its code stands beside.
func (p *trailPage) action(code string) web.Words {
	for _, key := range []string{"audit.action." + code, strings.Replace(code, "case.", "case.action.", 1)} {
		if key != code && p.Words.Has(key) {
			return web.Say(key)
		}
	}
	return web.Plain(code)
}

func (p *trailPage) about(kind string) web.Words {
	if key := "audit.kind." + kind; p.Words.Has(key) {
		return web.Say(key)
	}
	return web.Plain(kind)
}

// changed is one field: before → after, or its name alone where the values are
// nobody's to read.
func changed(c audit.Change) string {
	switch {
	case c.Before == "" && c.After == "":
		return c.Field
	case c.Before == "":
		return c.Field + ": " + c.After
	}
	return c.Field + ": " + c.Before + " → " + c.After
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// download is what the filter leaves, for a spreadsheet. That it was taken is an
// entry itself.
func (p *trailPage) download(c *gin.Context) error {
	ctx := c.Request.Context()
	log, f, err := p.asked(c.Request.URL.Query())
	if err != nil {
		return err
	}
	var rows []trailRow
	if log == logReads {
		reads, err := p.Audit.ExportReads(ctx, f)
		if err != nil {
			return err
		}
		if rows, err = p.reads(ctx, reads); err != nil {
			return err
		}
	} else {
		entries, err := p.Audit.Export(ctx, f)
		if err != nil {
			return err
		}
		if rows, err = p.entries(ctx, entries); err != nil {
			return err
		}
	}
	lang := web.Lang(c)
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that spreadsheets read Chinese as UTF-8
	w := csv.NewWriter(&out)
	write := func(fields ...string) {
		for i := range fields {
			fields[i] = text.Cell(fields[i])
		}
		_ = w.Write(fields) // a buffer takes everything; Error is asked below
	}
	write("at", "action", "who", "as", "kind", "object", "changes", "reason", "ip", "request_id")
	for _, r := range rows {
		write(r.At.UTC().Format(time.RFC3339Nano), r.Code, r.Who.In(p.Words, lang), r.As.In(p.Words, lang), r.About.In(p.Words, lang),
			r.Object, strings.Join(r.Changes, "; "), r.Reason, r.IP, r.Request)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write the trail as CSV: %w", err)
	}
	c.Header("Content-Disposition", `attachment; filename="audit_`+log+`.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
	return nil
}
