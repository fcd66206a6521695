package notify

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

const pageSize = 50

// Note is one message in the portal.
type Note struct {
	ID            string
	Kind          Kind
	CaseID        string
	AboutID       string // of the offer, the event of a permit, or the campaign
	ConstituentID string // whom it is to
	CreatedAt     time.Time
	Read          bool
}

func noteOf(d *delivery) Note {
	return Note{ID: d.ID, Kind: d.Kind, CaseID: deref(d.CaseID), AboutID: deref(d.AboutID), ConstituentID: deref(d.ConstituentID), CreatedAt: d.CreatedAt, Read: d.Status == Read}
}

// Inbox lists what the portal tells somebody, newest first. A person who was
// merged from several has several ids.
func (s *Service) Inbox(ctx context.Context, constituentIDs []string, cursor string) (notes []Note, next string, err error) {
	if len(constituentIDs) == 0 {
		return nil, "", nil
	}
	q := s.DB.Reader(ctx).Where("constituent_id IN ? AND channel = ? AND status IN ?", constituentIDs, InApp, []Status{Sent, Read}).Order("created_at DESC, id DESC").Limit(pageSize + 1)
	if cursor != "" {
		parts, err := db.DecodeCursor(cursor, 2)
		if err != nil {
			return nil, "", err
		}
		at, wrong := time.Parse(time.RFC3339Nano, parts[0])
		if wrong != nil {
			return nil, "", fault.New(fault.Invalid, "fault.cursor")
		}
		q = q.Where("(created_at, id) < (?, ?)", at, parts[1])
	}
	var rows []delivery
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list messages: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[pageSize-1]
		next = db.EncodeCursor(last.CreatedAt.UTC().Format(time.RFC3339Nano), last.ID)
	}
	for i := range rows {
		notes = append(notes, noteOf(&rows[i]))
	}
	notes, err = s.standing(ctx, notes)
	return notes, next, err
}

// Notices lists what the portal told an account and nobody has put away, newest
// first, at most so many.
func (s *Service) Notices(ctx context.Context, accountID string, most int) (notes []Note, err error) {
	var rows []delivery
	err = s.DB.Reader(ctx).Where("account_id = ? AND channel = ? AND status = ?", accountID, InApp, Sent).Order("id DESC").Limit(most).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list notices: %w", db.Fault(err, "", ""))
	}
	for i := range rows {
		notes = append(notes, noteOf(&rows[i]))
	}
	return notes, nil
}

// PutAway notes that an account has seen its notices, from one of them up to a later one.
func (s *Service) PutAway(ctx context.Context, accountID, from, upTo string) error {
	err := s.DB.From(ctx).Exec(`UPDATE deliveries SET status = ?, read_at = ?, version = version + 1
 WHERE account_id = ? AND channel = ? AND status = ? AND id BETWEEN ? AND ?`, Read, s.Now().UTC(), accountID, InApp, Sent, from, upTo).Error
	if err != nil {
		return fmt.Errorf("put notices away: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Unread counts what somebody has not opened, up to 100.
func (s *Service) Unread(ctx context.Context, constituentIDs []string) (int, error) {
	if len(constituentIDs) == 0 {
		return 0, nil
	}
	var n int
	err := s.DB.Reader(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE constituent_id IN ? AND channel = ? AND status = ? LIMIT 100) u`,
		constituentIDs, InApp, Sent).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count unread messages: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// Unopened lists the cases about which somebody has not opened a message of one
// of the kinds, at most 100.
func (s *Service) Unopened(ctx context.Context, constituentIDs []string, kinds ...Kind) ([]string, error) {
	if len(constituentIDs) == 0 || len(kinds) == 0 {
		return nil, nil
	}
	var cases []string
	err := s.DB.Reader(ctx).Raw(`SELECT DISTINCT case_id FROM deliveries WHERE constituent_id IN ? AND channel = ? AND status = ? AND kind IN ?
 AND case_id IS NOT NULL LIMIT 100`, constituentIDs, InApp, Sent, kinds).Scan(&cases).Error
	if err != nil {
		return nil, fmt.Errorf("list unopened messages: %w", db.Fault(err, "", ""))
	}
	return cases, nil
}

// MarkRead notes that somebody opened what the portal told of a case.
func (s *Service) MarkRead(ctx context.Context, constituentIDs []string, caseID string) error {
	if len(constituentIDs) == 0 {
		return nil
	}
	err := s.DB.From(ctx).Exec(`UPDATE deliveries SET status = ?, read_at = ?, version = version + 1
 WHERE case_id = ? AND constituent_id IN ? AND channel = ? AND status = ?`, Read, s.Now().UTC(), caseID, constituentIDs, InApp, Sent).Error
	if err != nil {
		return fmt.Errorf("mark messages as read: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Entry is one line of the delivery log, without the address.
type Entry struct {
	ID        string
	Kind      Kind
	Channel   Channel
	CaseID    string
	CaseNo    string // in Trouble only
	AccountID string // of staff to whom it goes; else empty
	ToPerson  bool   // it goes to somebody's record
	Status    Status
	Reason    string
	Attempts  int
	CreatedAt time.Time
	SentAt    *time.Time
}

// Log lists what was sent about one case or shown in the portal, or is to be, the
// newest first and a page at a time: next is where it goes on, empty at its end.
func (s *Service) Log(ctx context.Context, caseID, cursor string) (list []Entry, next string, err error) {
	q := s.DB.Reader(ctx).Where("case_id = ?", caseID).Order("id DESC").Limit(pageSize + 1)
	if cursor != "" {
		id, err := lastOf(cursor)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("id < ?", id)
	}
	var rows []delivery
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list the messages of a case: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(rows) > pageSize {
		next, rows = db.EncodeCursor(rows[pageSize-1].ID), rows[:pageSize]
	}
	return entries(rows), next, nil
}

// lastOf reads the id with which a page ended, and refuses what no page of ours wrote.
func lastOf(cursor string) (string, error) {
	parts, err := db.DecodeCursor(cursor, 1)
	if err != nil {
		return "", err
	}
	if !db.IsID(parts[0]) {
		return "", fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return parts[0], nil
}

// Trouble lists deliveries that stand in a status in which an administrator
// may have to help, oldest first: Uncertain, Failed, Queued or Sending.
func (s *Service) Trouble(ctx context.Context, in Status, cursor string) (list []Entry, next string, err error) {
	q := s.DB.Reader(ctx).Where("status = ?", in).Order("id").Limit(pageSize + 1)
	if cursor != "" {
		id, err := lastOf(cursor)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("id > ?", id)
	}
	var rows []delivery
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(rows) > pageSize {
		next, rows = db.EncodeCursor(rows[pageSize-1].ID), rows[:pageSize]
	}
	list = entries(rows)
	for i := range list {
		if list[i].CaseID == "" {
			continue
		}
		f, err := s.Cases.Facts(ctx, list[i].CaseID)
		if err != nil {
			return nil, "", fmt.Errorf("read the number of a case: %w", err)
		}
		list[i].CaseNo = f.CaseNo
	}
	return list, next, nil
}

func entries(rows []delivery) []Entry {
	out := make([]Entry, 0, len(rows))
	for _, d := range rows {
		e := Entry{ID: d.ID, Kind: d.Kind, Channel: d.Channel, Status: d.Status, Reason: d.Reason,
			Attempts: d.Attempts, CreatedAt: d.CreatedAt, SentAt: d.SentAt}
		if d.CaseID != nil {
			e.CaseID = *d.CaseID
		}
		if e.ToPerson = d.ConstituentID != nil; !e.ToPerson && d.AccountID != nil {
			e.AccountID = *d.AccountID
		}
		out = append(out, e)
	}
	return out
}

// Resend sends a mail once more that failed or whose outcome is unknown. That
// somebody may then get it twice is the decision of whoever asks.
func (s *Service) Resend(ctx context.Context, id string) error {
	return s.decide(ctx, id, "delivery.resent", func(ctx context.Context, d *delivery) error {
		if !s.carries(d.Channel) {
			return fault.New(fault.Conflict, "notify.no_transport")
		}
		if err := s.change(ctx, d, Queued, ""); err != nil {
			return err
		}
		if d.DigestID == nil {
			return s.Jobs.Add(ctx, Send{DeliveryID: d.ID}, jobs.On(jobs.QueueMail))
		}
		if d.ID != id { // one mail, one job
			return nil
		}
		return s.Jobs.Add(ctx, SendDigest{DigestID: *d.DigestID}, jobs.On(jobs.QueueMail))
	})
}

// Close takes a mail off the list of troubles without sending it again: arrived
// says whether somebody made sure that it came.
func (s *Service) Close(ctx context.Context, id string, arrived bool) error {
	return s.decide(ctx, id, "delivery.closed", func(ctx context.Context, d *delivery) error {
		if arrived {
			return s.change(ctx, d, Sent, d.Reason)
		}
		return s.change(ctx, d, Suppressed, d.Reason)
	})
}

func (s *Service) decide(ctx context.Context, id, action string, do func(context.Context, *delivery) error) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var d delivery
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&d).Error; err != nil {
			return db.Fault(err, "notify.missing", "")
		}
		before := d.Status
		if before != Failed && before != Uncertain {
			return fault.New(fault.Conflict, "notify.settled")
		}
		var all []delivery
		if d.DigestID == nil {
			all = append(all, d)
		} else { // all that left in one mail
			if err := s.DB.From(ctx).Where("digest_id = ? AND status = ?", *d.DigestID, before).Order("id").Find(&all).Error; err != nil {
				return fmt.Errorf("read a gathered mail: %w", db.Fault(err, "", ""))
			}
		}
		for i := range all {
			if err := do(ctx, &all[i]); err != nil {
				return err
			}
			d.Status = all[i].Status
		}
		return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "delivery", ID: id,
			Fields: []audit.Change{{Field: "status", Before: string(before), After: string(d.Status)}}})
	})
}
