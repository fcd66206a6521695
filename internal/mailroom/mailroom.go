// Package mailroom reads the mailbox that people write to. A mail becomes the
// citizen's message on the case whose signed reply address it was sent to, or a
// new case; what machines send is counted and left alone.
//
// Each mail is a row and a job. The row changes in the transaction that files
// the case, so that a mail is taken in once, however often its job is tried;
// that it is marked as read in the mailbox comes afterwards and may be repeated.
// Raw mails stay in the mailbox and are not kept here.
package mailroom

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/limits"
	"minqing/internal/notify"
)

const (
	// pollEvery is how often the mailbox is looked at.
	pollEvery = 30 * time.Second
	// pollMost is how many new mails one look takes down; the next takes more.
	pollMost = 500
	// SizeMost is the largest mail that is read, in bytes. What people may attach
	// fits, with the third that its coding adds.
	SizeMost = 25 << 20
	// hourly is how many mails of one address are taken in within an hour.
	hourly = 20
	// hourlyAnswers is how many of one address to one case are taken in within an
	// hour: two programs that answer each other without saying so stop there.
	hourlyAnswers = 6
)

// Deps are what the service works with.
type Deps struct {
	DB     *db.DB
	Jobs   *jobs.Queue
	Words  *i18n.Bundle
	Cases  *cases.Service
	Files  *files.Service
	Limits *limits.Service
	Notify *notify.Service
	Box    *Box
	Locale string // of mails whose language cannot be told
	Now    func() time.Time
}

// Service reads the mailbox.
type Service struct {
	Deps
	large chan struct{} // one large mail in memory at a time
}

// New makes the service and registers its jobs with the queue.
func New(d Deps) *Service {
	s := &Service{Deps: d, large: make(chan struct{}, 1)}
	jobs.Work(d.Jobs, s.poll)
	jobs.Work(d.Jobs, s.read)
	jobs.Work(d.Jobs, s.answer)
	d.Jobs.Every(pollEvery, Poll{})
	return s
}

// State is what became of a mail.
type State string

// The states.
const (
	Waiting  State = "waiting"
	Filed    State = "filed"
	Replied  State = "replied"
	Bounced  State = "bounced"
	Ignored  State = "ignored"
	TooLarge State = "too_large"
)

// mail is a row of inbound_mails.
type mail struct {
	ID          string `gorm:"primaryKey"`
	Box         string
	UIDValidity int64 `gorm:"column:uid_validity"`
	UID         int64 `gorm:"column:uid"`
	Size        int64
	MessageKey  *string
	State       State
	Reason      string
	CaseID      *string
	FoundAt     time.Time
	DoneAt      *time.Time
}

// TableName names the table for gorm.
func (mail) TableName() string { return "inbound_mails" }

// Count is how many mails ended alike.
type Count struct {
	State  State
	Reason string
	N      int64
}

// Counts says what became of the mails since a time, the most frequent first.
func Counts(ctx context.Context, d *db.DB, since time.Time) (list []Count, err error) {
	err = d.Reader(ctx).Raw(`SELECT state, reason, count(*) AS n FROM inbound_mails WHERE found_at >= ?
 GROUP BY state, reason ORDER BY n DESC, state, reason`, since.UTC()).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("count mails: %w", db.Fault(err, "", ""))
	}
	return list, nil
}
