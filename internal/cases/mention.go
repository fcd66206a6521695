package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/text"
)

// mentionsMost is how many names of one note are looked up.
const mentionsMost = 20

// mentioned finds who is named after @ in a note: a colleague, or a unit, whose
// people hear of it. Only who may read the case is found, so a name gives no
// access. What means nobody, or several, is counted and stays text.
func (s *Service) mentioned(ctx context.Context, ch *change, note string) (accounts []string, unknown int, err error) {
	after := namedAfter(note)
	if len(after) == 0 {
		return nil, 0, nil
	}
	known, err := s.mentionable(ctx, ch)
	if err != nil {
		return nil, 0, err
	}
	for _, rest := range after {
		best, who := "", []string(nil)
		for name, ids := range known {
			if len(name) > len(best) && begins(rest, name) {
				best, who = name, ids
			}
		}
		if len(who) == 0 {
			unknown++
			continue
		}
		accounts = append(accounts, who...)
	}
	slices.Sort(accounts)
	self := actor.From(ctx).AccountID
	accounts = slices.DeleteFunc(slices.Compact(accounts), func(id string) bool { return id == self })
	return accounts, unknown, nil
}

// namedAfter is what follows each @ that is not within a mail address.
func namedAfter(note string) []string {
	var out []string
	before := ' '
	for i, r := range note {
		if (r == '@' || r == '＠') && !(before < unicode.MaxASCII && (unicode.IsLetter(before) || unicode.IsDigit(before))) && len(out) < mentionsMost {
			rest := note[i+len(string(r)):]
			if next := []rune(rest); len(next) > 60 {
				rest = string(next[:60])
			}
			out = append(out, text.Normalise(rest))
		}
		before = r
	}
	return out
}

// begins says whether a text begins with a name: a Latin one must end there.
func begins(rest, name string) bool {
	after, ok := strings.CutPrefix(rest, name)
	if !ok || after == "" {
		return ok
	}
	last, next := []rune(name), []rune(after)[0]
	latin := last[len(last)-1] < unicode.MaxASCII
	return !latin || !(next < unicode.MaxASCII && (unicode.IsLetter(next) || unicode.IsDigit(next)))
}

// mentionable are the names that mean somebody for this case. A name that two
// people share means nobody.
func (s *Service) mentionable(ctx context.Context, ch *change) (map[string][]string, error) {
	known := map[string][]string{}
	var all []string
	for _, u := range ch.units {
		who, err := s.Access.Holders(ctx, access.CaseRead, u.UnitPath)
		if err != nil {
			return nil, err
		}
		all = append(all, who...)
		unit, err := ch.snap.Unit(u.UnitID)
		if err != nil {
			continue
		}
		near, err := s.Access.Nearest(ctx, access.CaseReply, u.UnitPath)
		if err != nil {
			return nil, err
		}
		if near, err = s.readers(ctx, ch.c.CaseNo, near); err != nil {
			return nil, err
		}
		known[text.Normalise(unit.Code)] = near
		for _, name := range unit.Name {
			known[text.Normalise(name)] = near
		}
	}
	all, err := s.readers(ctx, ch.c.CaseNo, all)
	if err != nil || s.Names == nil {
		return known, err
	}
	names, err := s.Names(ctx, all...)
	if err != nil {
		return nil, err
	}
	shared := map[string]bool{}
	for _, id := range all {
		name := text.Normalise(names[id])
		if name == "" {
			continue
		}
		shared[name] = known[name] != nil || shared[name]
		known[name] = []string{id}
	}
	for name, several := range shared {
		if several {
			known[name] = nil
		}
	}
	return known, nil
}

// mention lets the people hear who are named in a note.
func (ch *change) mention(ctx context.Context, note string) error {
	who, unknown, err := ch.s.mentioned(ctx, ch, note)
	if err != nil {
		return err
	}
	if unknown > 0 {
		ch.data["unnamed"] = unknown
	}
	if len(who) > 0 {
		ch.data["mentioned"] = strings.Join(who, ",")
		ch.hear(HearMention)
	}
	return nil
}

// hearingMention are those that a note named.
func (s *Service) hearingMention(ctx context.Context, h Heard) ([]string, error) {
	var e Event
	err := s.DB.From(ctx).Raw("SELECT data FROM case_events WHERE id = ? AND case_id = ?", h.EventID, h.CaseID).Scan(&e).Error
	if err != nil {
		return nil, fmt.Errorf("read whom a note names: %w", db.Fault(err, "", ""))
	}
	if m := e.Facts().Mentioned; m != "" {
		return strings.Split(m, ","), nil
	}
	return nil, nil
}
