package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Message is a mail ready to leave.
type Message struct {
	ID      string // Message-ID without brackets
	To      string
	Lang    string
	Subject string
	Text    string
	HTML    string
	Date    time.Time

	ReplyTo string // where answers go; the sender when empty
	Return  string // where reports of failure go; the sender when empty
	Thread  string // Message-ID that all mails about one case refer to
	Stop    string // address at which one press ends mails like this one
}

// Transport hands a mail to the outside world. What it returns when it fails
// is a *SendError.
type Transport interface {
	Send(ctx context.Context, m Message) error
	// Check says whether the server answers, for the doctor.
	Check(ctx context.Context) error
}

// TextTransport hands a text message to the outside world, as Transport does a
// mail: of a Message it sends ID, To, Lang and Text.
type TextTransport interface {
	Text(ctx context.Context, m Message) error
	Check(ctx context.Context) error
}

// Outcome is what is known of a mail that failed.
type Outcome int

// The outcomes. The zero one is the careful one.
const (
	Unknown Outcome = iota // it may have left
	Later                  // it has not left; another try may help
	Never                  // it has not left, and another try cannot help
)

// SendError says how a sending failed, without addresses or texts.
type SendError struct {
	Outcome Outcome
	Code    string // stage and answer, "rcpt_550"
}

// Error is for logs.
func (e *SendError) Error() string { return "mail: " + e.Code }

// send works one job. The row becomes `sending` in a transaction of its own
// before anything leaves; who finds it so came after a process that died or
// lost the database, and cannot know what left.
func (s *Service) send(ctx context.Context, job Send) error {
	d, err := s.take(ctx, job.DeliveryID)
	if err != nil || d == nil {
		return err
	}
	m, err := s.compose(ctx, d)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound { // the person or the case is gone, or the step is over
			if d.Kind.secret() {
				return s.settle(ctx, d, Suppressed, Over)
			}
			return s.settle(ctx, d, Suppressed, Erased)
		}
		return errors.Join(err, s.settle(ctx, d, s.again(ctx), "compose"))
	}
	if d.Channel == SMS {
		err = s.Texts.Text(ctx, m)
	} else {
		err = s.Transport.Send(ctx, m)
	}
	status, reason, again := s.became(ctx, err)
	return errors.Join(again, s.settle(ctx, d, status, reason))
}

// became is what a message became when it was sent with an error or none, and the
// error by which its job is tried again; nil when it is done.
func (s *Service) became(ctx context.Context, err error) (status Status, reason string, again error) {
	if err == nil {
		return Sent, "", nil
	}
	failed, ok := errors.AsType[*SendError](err)
	if !ok {
		failed = &SendError{Outcome: Unknown, Code: "unknown"}
	}
	switch failed.Outcome {
	case Never:
		return Failed, failed.Code, nil
	case Later:
		return s.again(ctx), failed.Code, failed
	}
	return Uncertain, failed.Code, nil
}

// again is the status of a mail that did not leave: queued while its job has
// another try.
func (s *Service) again(ctx context.Context) Status {
	if jobs.Current(ctx).Last() {
		return Failed
	}
	return Queued
}

// take claims a queued delivery; nil when there is nothing to send.
func (s *Service) take(ctx context.Context, id string) (*delivery, error) {
	var d delivery
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&d).Error; err != nil {
			return db.Fault(err, "notify.missing", "")
		}
		switch {
		case d.Status == Sending:
			return s.change(ctx, &d, Uncertain, Interrupted)
		case d.Status != Queued:
			return nil
		case !s.carries(d.Channel):
			return s.change(ctx, &d, Suppressed, NoTransport)
		}
		wish, err := s.wished(ctx, d.Kind, d.Channel, recipientOf(&d))
		if err != nil {
			return err
		}
		if wish == NotAtAll {
			return s.change(ctx, &d, Suppressed, Refused)
		}
		if may, err := s.leave(ctx, &d); err != nil || !may {
			return err
		}
		if d.Channel == SMS && d.Kind.texted() && d.Attempts == 0 {
			over, err := s.countText(ctx, &d)
			if err != nil {
				return err
			}
			if over {
				return s.tooMany(ctx, &d)
			}
		}
		d.Attempts++
		return s.change(ctx, &d, Sending, "")
	})
	if err != nil {
		return nil, fmt.Errorf("take a message: %w", err)
	}
	if d.Status != Sending {
		return nil, nil //nolint:nilnil // sent, failed or uncertain: no work, and no fault
	}
	return &d, nil
}

const settleTime = 10 * time.Second

// settle writes the outcome down, even when the process is being stopped.
func (s *Service) settle(ctx context.Context, d *delivery, to Status, reason string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.change(ctx, d, to, reason); err != nil {
			return err
		}
		return s.failed(ctx, d)
	})
	if err != nil {
		return fmt.Errorf("write down what became of a message: %w", err)
	}
	return nil
}

// change moves a delivery on if nobody else has.
func (s *Service) change(ctx context.Context, d *delivery, to Status, reason string) error {
	if to == Sent {
		at := s.Now().UTC()
		d.SentAt = &at
	}
	res := s.DB.From(ctx).Exec(`UPDATE deliveries SET status = ?, reason = ?, attempts = ?, sent_at = ?, version = version + 1
 WHERE id = ? AND version = ?`, to, reason, d.Attempts, d.SentAt, d.ID, d.Version)
	if res.Error != nil {
		return fmt.Errorf("change a delivery: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	d.Version++
	d.Status, d.Reason = to, reason
	return nil
}
