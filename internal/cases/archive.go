package cases

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// Archive puts a concluded case away: it is in no queue and stays searchable. Who
// asked may still judge it and appeal, and staff may reopen it.
type Archive struct {
	Note string
}

// Action names the act.
func (Archive) Action() Action { return ActArchive }

// Validate checks what was typed.
func (a Archive) Validate() error {
	var c fault.Check
	checkNote(&c, a.Note, false)
	return c.Err()
}

func (a Archive) apply(_ context.Context, ch *change) error {
	ch.text = a.Note
	return nil
}

// ArchiveJob puts away what has been concluded for long enough.
type ArchiveJob struct{}

// Kind names the job.
func (ArchiveJob) Kind() string { return "case.archive" }

const (
	archiveEvery  = time.Hour
	archiveWithin = time.Hour
	archiveBatch  = 200
)

// ArchiveDue archives the cases whose time has come, each in a transaction of its
// own, so that it can be broken off anywhere. What somebody acts on meanwhile
// stays for the next time. It says how many it put away.
func (s *Service) ArchiveDue(ctx context.Context) (n int, err error) {
	type row struct {
		ID        string
		CaseNo    string
		ArchiveAt time.Time
	}
	now := s.Now().UTC()
	after := row{ID: "00000000-0000-0000-0000-000000000000"}
	for {
		var list []row
		err := s.DB.Together(ctx, db.Rows(&list, `SELECT id, case_no, archive_at FROM cases WHERE archive_at <= ? AND (archive_at, id) > (?, ?)
 AND supervised_due IS NULL AND rectify NOT IN ('contact', 'mend', 'contested') ORDER BY archive_at, id LIMIT ?`, now, after.ArchiveAt, after.ID, archiveBatch))
		if err != nil {
			return n, fmt.Errorf("look for cases to archive: %w", db.Fault(err, "", ""))
		}
		for _, one := range list {
			switch _, err := s.Act(ctx, one.CaseNo, 0, Archive{}); {
			case err == nil:
				n++
			case fault.KindOf(err) == fault.Conflict: // changed meanwhile, or frozen
				slog.DebugContext(ctx, "not archived", "case", one.ID, "err", err)
			default:
				return n, err
			}
			after = one
		}
		if len(list) < archiveBatch {
			return n, nil
		}
	}
}

// archiveTime says when the case goes to the archive by itself: some time after a
// result that nobody has appealed.
func (ch *change) archiveTime() error {
	c := ch.c
	if ch.to != Concluded || c.Appealed {
		c.ArchiveAt = nil
		return nil
	}
	if c.ArchiveAt != nil {
		return nil
	}
	cal, err := ch.s.counting(ch.snap, c)
	if err != nil {
		return err
	}
	due := cal.DueFast(ch.now, c.archiveLimit(ch), nil).Due
	c.ArchiveAt = &due
	return nil
}
