package replies

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Kind is what a prepared text is for.
type Kind string

// A template is filled in and sent; an article is read, and quoted.
const (
	Template Kind = "template"
	Article  Kind = "article"
)

// Verb is what somebody needs to keep texts of the kind.
func (k Kind) Verb() access.Verb {
	if k == Article {
		return access.KnowledgeWrite
	}
	return access.TemplateWrite
}

// Text is a template or an article, of a unit and all below it.
type Text struct {
	ID         string
	Kind       Kind
	UnitID     string
	MatterID   *string // nil: for any matter
	Locale     i18n.Lang
	Title      string
	Body       string
	LegalBasis string
	ValidFrom  *calendar.Date
	ValidTo    *calendar.Date // the last day
	Public     bool           // citizens read it before they file
	Retired    bool
	OwnerID    *string // who wrote the newest version
	UpdatedAt  time.Time
	Version    int64
}

// TableName names the table for gorm.
func (Text) TableName() string { return "prepared_texts" }

// On says whether the text is in force on a day.
func (t *Text) On(day calendar.Date) bool {
	return !t.Retired && (t.ValidFrom == nil || *t.ValidFrom <= day) && (t.ValidTo == nil || day <= *t.ValidTo)
}

// Past is one version as it stood.
type Past struct {
	Version    int64
	Title      string
	Body       string
	LegalBasis string
	Retired    bool
	AccountID  *string
	At         time.Time
}

// Service keeps prepared texts.
type Service struct {
	DB        *db.DB
	Audit     *audit.Service
	Access    *access.Service
	Catalogue *catalogue.Service
	Now       func() time.Time
}

// most is how many texts of a kind there may be, retired ones too; lists read all.
const most = 3000

const (
	titleMost = 120
	bodyMost  = 4000
	basisMost = 500
)

// check refuses what nobody could use.
func (t *Text) check() error {
	t.Title, t.Body, t.LegalBasis = text.Line(t.Title), text.Lines(t.Body), text.Line(t.LegalBasis)
	var c fault.Check
	c.That(t.Title != "", "title", "replies.title.required")
	c.That(t.Body != "", "body", "replies.body.required")
	c.That(t.UnitID != "", "unit", "replies.unit.unknown")
	for _, f := range []struct {
		name, typed string
		most        int
	}{{"title", t.Title, titleMost}, {"body", t.Body, bodyMost}, {"legal_basis", t.LegalBasis, basisMost}} {
		c.That(utf8.RuneCountInString(f.typed) <= f.most, f.name, "case.text.long", "Max", f.most)
		c.That(utf8.ValidString(f.typed) && !strings.ContainsRune(f.typed, 0), f.name, "fault.text.invalid")
	}
	if t.Kind == Template {
		for _, unknown := range unknownFields(t.Body) {
			c.That(false, "body", "replies.field.unknown", "Field", unknown)
		}
	}
	_, known := i18n.ParseLang(string(t.Locale))
	c.That(known, "locale", "replies.locale.required")
	c.That(t.ValidFrom == nil || t.ValidTo == nil || *t.ValidFrom <= *t.ValidTo, "valid_to", "replies.valid.order")
	return c.Err()
}

// Put keeps a new text, or a new version of one: Version says which was read.
func (s *Service) Put(ctx context.Context, t Text) (*Text, error) {
	if err := s.Access.Can(ctx, t.Kind.Verb()); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.mayKeep(ctx, snap, &t); err != nil {
		return nil, err
	}
	if t.MatterID != nil {
		if _, err := snap.Matter(*t.MatterID); err != nil {
			return nil, fault.InvalidInput(fault.Field{Name: "matter", Key: "replies.matter.unknown"})
		}
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	was := t.Version
	t.UpdatedAt, t.OwnerID, t.Version = now, db.Ref(actor.From(ctx).AccountID), was+1
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if t.ID == "" {
			if err := s.room(ctx, t.Kind); err != nil {
				return err
			}
			t.ID = db.NewID(now)
			if err := s.DB.From(ctx).Create(&t).Error; err != nil {
				return fmt.Errorf("keep a prepared text: %w", err)
			}
		} else if err := s.change(ctx, snap, &t, was); err != nil {
			return err
		}
		return s.remember(ctx, &t)
	})
	if err != nil {
		return nil, db.Fault(err, "", "replies.changed")
	}
	return &t, nil
}

// room refuses a text that no list would show any more.
func (s *Service) room(ctx context.Context, k Kind) error {
	var n int
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM prepared_texts WHERE kind = ?", k).Scan(&n).Error; err != nil {
		return fmt.Errorf("count prepared texts: %w", err)
	}
	if n >= most {
		return fault.New(fault.Conflict, "replies.many").With("Most", most)
	}
	return nil
}

// mayKeep asks whether the actor keeps texts of the unit.
func (s *Service) mayKeep(ctx context.Context, snap *catalogue.Snapshot, t *Text) error {
	u, err := snap.Unit(t.UnitID)
	if err != nil {
		return fault.InvalidInput(fault.Field{Name: "unit", Key: "replies.unit.unknown"})
	}
	if s.Access.CanOn(ctx, t.Kind.Verb(), access.Object{UnitPaths: []string{u.Path}}) != nil {
		return fault.InvalidInput(fault.Field{Name: "unit", Key: "replies.unit.others"})
	}
	return nil
}

// change writes over the version that was read, of a text that the actor keeps.
func (s *Service) change(ctx context.Context, snap *catalogue.Snapshot, t *Text, was int64) error {
	before, err := s.Get(ctx, t.Kind, t.ID)
	if err != nil {
		return err
	}
	u, err := snap.Unit(before.UnitID)
	if err != nil {
		return err
	}
	if err := s.Access.CanOn(ctx, t.Kind.Verb(), access.Object{UnitPaths: []string{u.Path}}); err != nil {
		return err
	}
	res := s.DB.From(ctx).Model(&Text{}).Where("id = ? AND kind = ? AND version = ?", t.ID, t.Kind, was).
		Select("unit_id", "matter_id", "locale", "title", "body", "legal_basis", "valid_from", "valid_to", "public", "retired", "owner_id", "updated_at", "version").Updates(t)
	if res.Error != nil {
		return fmt.Errorf("change a prepared text: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "replies.changed")
	}
	return nil
}

// remember keeps the version for good, with an entry in the trail.
func (s *Service) remember(ctx context.Context, t *Text) error {
	err := s.DB.From(ctx).Exec(`INSERT INTO prepared_text_versions (text_id, version, title, body, legal_basis, retired, account_id, at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, t.ID, t.Version, t.Title, t.Body, t.LegalBasis, t.Retired, t.OwnerID, t.UpdatedAt).Error
	if err != nil {
		return fmt.Errorf("keep the version of a prepared text: %w", err)
	}
	return s.Audit.Record(ctx, audit.Entry{Action: string(t.Kind) + ".put", Kind: string(t.Kind), ID: t.ID,
		Fields: []audit.Change{{Field: "version", After: fmt.Sprint(t.Version)}}})
}

// Get is one text.
func (s *Service) Get(ctx context.Context, k Kind, id string) (*Text, error) {
	var t Text
	err := s.DB.From(ctx).Where("id = ? AND kind = ?", id, k).Take(&t).Error
	if err != nil {
		return nil, db.Fault(err, "replies.missing", "")
	}
	return &t, nil
}

// Versions are what a text was, the newest first.
func (s *Service) Versions(ctx context.Context, id string) ([]Past, error) {
	var list []Past
	err := s.DB.Reader(ctx).Raw("SELECT version, title, body, legal_basis, retired, account_id, at FROM prepared_text_versions WHERE text_id = ? ORDER BY version DESC", id).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list the versions of a prepared text: %w", db.Fault(err, "", ""))
	}
	return list, nil
}
