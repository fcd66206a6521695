package files

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Black asks for a picture of an owner with some areas blacked out. Name gives
// the stem of the new file's name from that of the picture; n is above 1 where
// there are others of that name. Then joins the transaction in which the new
// file comes to be.
type Black struct {
	Owner Owner
	ID    string
	Areas []Area
	Name  func(stem string, n int) string
	Then  func(ctx context.Context, from, made *File) error
}

// making is what a file is made from, and as what.
type making struct {
	from, as string
	areas    int
	was      *File
	then     func(ctx context.Context, from, made *File) error
}

// Picture tells of a picture whose parts can be blacked out; of other files,
// and those of another owner, that there is none.
func (s *Service) Picture(ctx context.Context, o Owner, id string) (*File, error) {
	r, err := s.find(ctx, o, id)
	if err != nil {
		return nil, err
	}
	if !Paints(r.MediaType) {
		return nil, fault.New(fault.NotFound, "files.black.kind")
	}
	return s.open(ctx, r)
}

// BlackOut makes a new file from a picture, with areas that are black in its
// pixels and nothing that tells of the person; the picture itself stays as it
// is. The same areas of the same picture are one file, however often they are
// asked for.
func (s *Service) BlackOut(ctx context.Context, b Black) (*File, error) {
	from, err := s.Picture(ctx, b.Owner, b.ID)
	if err != nil {
		return nil, err
	}
	if err := checkAreas(b.Areas); err != nil {
		return nil, err
	}
	m := &making{from: from.ID, as: sumOf(b.Areas), areas: len(b.Areas), was: from, then: b.Then}
	if there, err := s.made(ctx, m); err != nil || there != nil {
		return there, err
	}
	name, err := s.nameMade(ctx, b, from)
	if err != nil {
		return nil, err
	}
	painted, err := s.paint(ctx, b)
	if err != nil {
		return nil, err
	}
	if len(painted) > MaxSize {
		return nil, fault.InvalidInput(fault.Field{Name: "areas", Key: "files.black.large", Args: map[string]any{"Megabytes": MaxSize >> 20}})
	}
	f, err := s.Add(ctx, Upload{Owner: b.Owner, Name: name, Content: bytes.NewReader(painted), Size: int64(len(painted)), made: m})
	if db.IsDuplicate(err) {
		return s.twin(ctx, m)
	}
	return f, err
}

// paint unpacks, blackens and packs a picture. Others wait meanwhile.
func (s *Service) paint(ctx context.Context, b Black) ([]byte, error) {
	select {
	case s.paints <- struct{}{}:
		defer func() { <-s.paints }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := s.Open(ctx, b.Owner, b.ID)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	raw, err := readAll(c)
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	return blacken(c.MediaType, raw, b.Areas)
}

// made finds what was made from the same picture by the same areas.
func (s *Service) made(ctx context.Context, m *making) (*File, error) {
	var r row
	err := s.db.From(ctx).Where("made_from = ? AND made_as = ? AND state = ?", m.from, m.as, stateStored).Limit(1).Find(&r).Error
	if err != nil {
		return nil, fmt.Errorf("look for a file that was made before: %w", db.Fault(err, "", ""))
	}
	if r.ID == "" {
		return nil, nil //nolint:nilnil // nobody made it yet
	}
	return s.open(ctx, &r)
}

// twin waits for the file of the request that was quicker: on SQLite several
// transactions share a commit, and the slower one hears of its twin before it.
func (s *Service) twin(ctx context.Context, m *making) (*File, error) {
	for wait := time.Millisecond; ; wait *= 2 {
		if f, err := s.made(ctx, m); err != nil || f != nil {
			return f, err
		}
		if wait > time.Second {
			return nil, fault.New(fault.Conflict, "fault.conflict")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// nameMade names the new file after the first picture that it comes from, unlike
// every other file of the owner.
func (s *Service) nameMade(ctx context.Context, b Black, from *File) (string, error) {
	list, err := s.List(ctx, b.Owner)
	if err != nil {
		return "", err
	}
	first := from
	for range list {
		i := slices.IndexFunc(list, func(f File) bool { return f.ID == first.MadeFrom })
		if i < 0 {
			break
		}
		first = &list[i]
	}
	ext := path.Ext(first.Name)
	stem := []rune(strings.TrimSuffix(first.Name, ext))
	if len(stem) > maxStem-maxMark {
		stem = stem[:maxStem-maxMark]
	}
	for n := 1; ; n++ {
		name := cleanName(b.Name(string(stem), n) + ext)
		if n > len(list) || !slices.ContainsFunc(list, func(f File) bool { return f.Name == name }) {
			return name, nil
		}
	}
}

// maxMark is the room for the words that tell a new file from its picture.
const maxMark = 30

// tellMade writes down who made the file from which, in the transaction in which
// it comes to be.
func (s *Service) tellMade(ctx context.Context, r *row, u Upload) error {
	err := s.audit.Record(ctx, audit.Entry{Action: "file.blacked_out", Kind: "file", ID: r.ID, Fields: []audit.Change{
		{Field: "made_from", After: u.made.from}, {Field: "areas", After: strconv.Itoa(u.made.areas)}}})
	if err != nil || u.made.then == nil {
		return err
	}
	return u.made.then(ctx, u.made.was, r.file(cleanName(u.Name)))
}
