package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
	"minqing/internal/worklist"
)

// liveBeat is when a stream looks for who fell silent, whether its reader may still
// hear it, and shows that it lives.
const liveBeat = 5 * time.Second

const liveSlack = 10 * time.Second

// live streams who else has the case open and what they did since the version
// that the page shows. It ends after a lease; the browser then asks anew, so
// that everything is looked at again.
func (p *casePage) live(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	shown, err := strconv.ParseInt(c.Query("version"), 10, 64)
	if err != nil || shown <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	last := lastAct(one)
	me := actor.From(ctx).AccountID
	known := []string{me}
	if last.AccountID != "" {
		known = append(known, last.AccountID)
	}
	names, err := p.People.Names(ctx, known...)
	if err != nil {
		return err
	}
	last.Name = names[last.AccountID]
	c.Header("Content-Type", "text/event-stream; charset=utf-8")
	c.Header("X-Accel-Buffering", "no") // a proxy passes each line on at once
	if c.Request.Method == http.MethodHead {
		return nil
	}
	seat, err := p.Bulk.Sit(ctx, one.CaseNo, me, names[me])
	if err != nil {
		c.Writer.Header().Del("Content-Type")
		return err
	}
	still := func() bool { return p.Kit.Still(ctx) && one.StillReadable() }
	s := &stream{c: c, still: still, control: http.NewResponseController(c.Writer), words: p.Words, lang: web.Lang(c), shown: shown}
	seat.Leave(ctx, s.run(ctx, seat, last))
	return nil
}

// lastAct is what was done last by somebody.
func lastAct(one *cases.View) worklist.Seen {
	for i := len(one.Events) - 1; i >= 0; i-- {
		if e := one.Events[i]; e.AccountID != nil && e.ActorKind == string(actor.Staff) {
			return worklist.Seen{AccountID: *e.AccountID, Action: string(e.Action), Version: one.Version}
		}
	}
	return worklist.Seen{Version: one.Version} // whoever asks is masked, here too
}

// stream is one open answer.
type stream struct {
	c       *gin.Context
	control *http.ResponseController
	words   *i18n.Bundle
	lang    i18n.Lang
	still   func() bool // whether its reader may still hear it
	shown   int64       // the version that the reader knows of
	said    string      // who is here, as told last
}

// run tells until the lease ends; true when the reader went away before.
func (s *stream) run(ctx context.Context, seat *worklist.Seat, last worklist.Seen) bool {
	// Refused only by what is no connection, which has no deadline to move.
	_ = s.control.SetWriteDeadline(time.Now().Add(worklist.LiveLease + liveSlack))
	lease, beat := time.NewTimer(worklist.LiveLease), time.NewTicker(liveBeat)
	defer lease.Stop()
	defer beat.Stop()
	if s.write("retry: 1000\n\n") != nil || s.changed(last) != nil {
		return true
	}
	for {
		others, acted := seat.Others()
		if s.here(others) != nil || s.changed(acted) != nil || s.write(": \n\n") != nil {
			return true
		}
		select {
		case <-seat.Changed:
		case <-beat.C:
			if !s.still() {
				return true
			}
		case <-lease.C:
			return false
		case <-seat.Stopped():
			return false
		case <-ctx.Done():
			return true
		}
	}
}

func (s *stream) here(others []worklist.Present) error {
	said := make([]string, 0, len(others))
	for _, one := range others {
		key := "desk.live.here"
		if one.Typing {
			key = "desk.live.typing"
		}
		said = append(said, s.words.T(s.lang, key, i18n.Args{"Name": one.Name}))
	}
	now := strings.Join(said, "\n")
	if now == s.said {
		return nil
	}
	s.said = now
	return s.event("here", said)
}

func (s *stream) changed(acted worklist.Seen) error {
	if acted.Version <= s.shown {
		return nil
	}
	s.shown = acted.Version
	text := s.words.T(s.lang, "desk.live.changed", nil)
	if key := "case.action." + acted.Action; acted.Name != "" && s.words.Has(key) {
		text = s.words.T(s.lang, "desk.live.did", i18n.Args{"Name": acted.Name, "Act": s.words.T(s.lang, key, nil)})
	}
	return s.event("changed", []string{text, s.words.T(s.lang, "desk.live.look", nil)})
}

func (s *stream) event(name string, lines []string) error {
	data, err := json.Marshal(lines)
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, data))
}

func (s *stream) write(text string) error {
	if _, err := s.c.Writer.WriteString(text); err != nil {
		return err
	}
	return s.control.Flush()
}

func (p *casePage) registerLive(g *gin.RouterGroup) {
	if p.Bulk == nil {
		return
	}
	p.Kit.GET(g, "/cases/:case_no/live", access.CaseRead, p.live, web.Timeout(worklist.LiveLease+liveSlack))
}
