package worklist

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"minqing/internal/cases"
	"minqing/internal/fault"
)

// LiveLease is how long one stream lasts. The browser then asks anew, and is
// asked again who it is and what it may read.
const LiveLease = 30 * time.Second

const (
	liveSlack      = 10 * time.Second // between two leases
	liveTyping     = 10 * time.Second
	livePerAccount = 12
	liveMost       = 2000
	liveWaiting    = 1000 // acts that may wait to be told
	topicLive      = "minqing_live"
)

// Seen is what one person does at a case.
type Seen struct {
	CaseNo, AccountID string
	Name              string `json:",omitempty"`
	Does              Doing
	Action            string `json:",omitempty"` // of Acted
	Version           int64  `json:",omitempty"` // after Acted
}

// Doing is what somebody does at a case.
type Doing string

// What somebody does.
const (
	Here   Doing = "here"
	Typing Doing = "typing"
	Gone   Doing = "gone"
	Acted  Doing = "acted"
)

// Present is somebody else at a case.
type Present struct {
	Name   string
	Typing bool
}

type presence struct {
	name          string
	until, typing time.Time
}

// room is what is known of one case: only in memory, and only for a while.
type room struct {
	people map[string]*presence
	acted  Seen
	until  time.Time
	seats  map[*Seat]bool
}

// live holds the open streams of this process.
type live struct {
	sync.Mutex
	rooms   map[string]*room
	byWho   map[string]int
	total   int
	stopped chan struct{}
	done    chan Seen // acts that the others are still to be told of
}

// Seat is one open stream.
type Seat struct {
	s       *Service
	who     Seen
	Changed chan struct{} // something may be new
}

// Stopped is closed when the process stops.
func (t *Seat) Stopped() <-chan struct{} { return t.s.live.stopped }

// WatchLive hears what other processes tell, and ends every stream with ctx.
func (s *Service) WatchLive(ctx context.Context) {
	go s.tellDone(ctx)
	s.DB.Listen(ctx, topicLive, func() {}, func(payload string) {
		var seen Seen
		if json.Unmarshal([]byte(payload), &seen) == nil {
			s.hear(seen)
		}
	})
	<-ctx.Done()
	close(s.live.stopped)
}

// Done lets everybody know who has the case open, whichever way the act came:
// from a page, a program, a mail or a run on many cases. It waits for nothing;
// when too much is told at once the rest is seen with the next lease.
func (s *Service) Done(d cases.Done) {
	select {
	case s.live.done <- Seen{CaseNo: d.CaseNo, AccountID: d.AccountID, Does: Acted, Action: string(d.Action), Version: d.Version}:
	default:
	}
}

// tellDone tells of acts as they are done.
func (s *Service) tellDone(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case seen := <-s.live.done:
			err := s.named(ctx, &seen)
			if err == nil {
				err = s.Tell(ctx, seen)
			}
			if err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "colleagues at a case were not told of an act", "case", seen.CaseNo, "error", err)
			}
		}
	}
}

func (s *Service) named(ctx context.Context, seen *Seen) error {
	if seen.AccountID == "" {
		return nil
	}
	names, err := s.Accounts.Names(ctx, seen.AccountID)
	seen.Name = names[seen.AccountID]
	return err
}

// Tell says what somebody does, here and in every other process. The caller
// found that they may read the case.
func (s *Service) Tell(ctx context.Context, seen Seen) error {
	s.hear(seen)
	payload, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	return s.DB.Notify(ctx, topicLive, string(payload))
}

// Sit opens a stream for somebody who may read the case.
func (s *Service) Sit(ctx context.Context, caseNo, accountID, name string) (*Seat, error) {
	t := &Seat{s: s, who: Seen{CaseNo: caseNo, AccountID: accountID, Name: name, Does: Here}, Changed: make(chan struct{}, 1)}
	l := &s.live
	l.Lock()
	if l.total >= liveMost || l.byWho[accountID] >= livePerAccount {
		l.Unlock()
		return nil, fault.New(fault.Throttled, "fault.throttled")
	}
	l.total++
	l.byWho[accountID]++
	l.room(caseNo, s.Now()).seats[t] = true
	l.Unlock()
	if err := s.Tell(ctx, t.who); err != nil {
		t.Leave(ctx, false)
		return nil, err
	}
	return t, nil
}

// Leave closes the stream. Who went away is told of, unless another of their
// windows shows the case.
func (t *Seat) Leave(ctx context.Context, away bool) {
	l := &t.s.live
	l.Lock()
	l.total--
	if l.byWho[t.who.AccountID]--; l.byWho[t.who.AccountID] == 0 {
		delete(l.byWho, t.who.AccountID)
	}
	r := l.rooms[t.who.CaseNo]
	delete(r.seats, t)
	for other := range r.seats {
		away = away && other.who.AccountID != t.who.AccountID
	}
	l.Unlock()
	if away {
		gone := t.who
		gone.Does = Gone
		_ = t.s.Tell(context.WithoutCancel(ctx), gone) // else they are forgotten after a while
	}
}

// Others are who else has the case open, by name, and what was done last.
func (t *Seat) Others() (list []Present, acted Seen) {
	l, now := &t.s.live, t.s.Now()
	l.Lock()
	defer l.Unlock()
	r := l.rooms[t.who.CaseNo]
	for id, one := range r.people {
		if id != t.who.AccountID && one.until.After(now) {
			list = append(list, Present{one.name, one.typing.After(now)})
		}
	}
	slices.SortFunc(list, func(a, b Present) int { return strings.Compare(a.Name, b.Name) })
	if r.acted.AccountID != t.who.AccountID {
		acted = r.acted
	}
	return list, acted
}

// room gives what is known of a case, and forgets the cases nobody looks at.
func (l *live) room(caseNo string, now time.Time) *room {
	for no, r := range l.rooms {
		if len(r.seats) == 0 && r.until.Before(now) {
			delete(l.rooms, no)
		}
	}
	r := l.rooms[caseNo]
	if r == nil {
		r = &room{people: map[string]*presence{}, seats: map[*Seat]bool{}}
		l.rooms[caseNo] = r
	}
	r.until = now.Add(LiveLease + liveSlack)
	return r
}

func (s *Service) hear(seen Seen) {
	l, now := &s.live, s.Now()
	l.Lock()
	defer l.Unlock()
	if seen.Does == Acted && l.rooms[seen.CaseNo] == nil {
		return // nobody looks at it
	}
	r := l.room(seen.CaseNo, now)
	one := r.people[seen.AccountID]
	switch {
	case seen.Does == Here && one == nil:
		r.people[seen.AccountID] = &presence{name: seen.Name, until: r.until}
	case seen.Does == Here:
		one.until = r.until
	case seen.Does == Typing && one != nil:
		one.typing = now.Add(liveTyping)
	case seen.Does == Gone:
		delete(r.people, seen.AccountID)
	case seen.Does == Acted && seen.Version > r.acted.Version:
		r.acted = seen
		if one != nil {
			one.typing = time.Time{}
		}
	}
	for t := range r.seats {
		select {
		case t.Changed <- struct{}{}:
		default:
		}
	}
}
