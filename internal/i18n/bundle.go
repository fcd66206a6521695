package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/sync/errgroup"
)

// Args are the values that a message names, as in {{.Count}}. Integers are
// written with separators (pass years and numbers that identify as strings), a
// Text in the reader's language, a Key as the message behind it. "Count" also
// chooses the plural form.
type Args = map[string]any

// Key is a message id used as a value of another message.
type Key string

// Phrase is a whole message used as a value of another message.
type Phrase struct {
	Key  string
	Args Args
}

// Bundle holds every message in every language. It is read-only after Load and
// safe for concurrent use.
type Bundle struct {
	messages map[Lang]map[string]message
	plurals  map[Lang]*plurals
	warned   sync.Map
}

// Load reads locales/<area>.<language>.toml from fsys. It reports every file
// that it cannot read and every key that two files claim.
func Load(fsys fs.FS) (*Bundle, error) {
	files, err := fs.Glob(fsys, "locales/*.toml")
	if err != nil {
		return nil, fmt.Errorf("list locale files: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("there are no locale files")
	}
	b := &Bundle{messages: make(map[Lang]map[string]message), plurals: make(map[Lang]*plurals)}
	for _, l := range Langs {
		b.messages[l] = make(map[string]message)
		if b.plurals[l], err = newPlurals(l); err != nil {
			return nil, fmt.Errorf("plural forms of %s: %w", l, err)
		}
	}
	parsed := make([]*i18n.MessageFile, len(files))
	problems := make([]error, len(files), 2*len(files))
	var all errgroup.Group // a start waits for it
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range files {
		all.Go(func() error {
			parsed[i], problems[i] = parse(fsys, name)
			return nil
		})
	}
	_ = all.Wait()
	for i, file := range parsed {
		if file != nil {
			problems = append(problems, b.add(files[i], file)...)
		}
	}
	return b, errors.Join(problems...)
}

// languageOf is the one that the name of a file ends with.
func languageOf(name string) (Lang, bool) {
	_, lang, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".toml"), ".")
	return Lang(lang), ok && slices.Contains(Langs, Lang(lang))
}

func parse(fsys fs.FS, name string) (*i18n.MessageFile, error) {
	if _, ok := languageOf(name); !ok {
		return nil, fmt.Errorf("%s: the name should be area.language.toml", name)
	}
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	file, err := i18n.ParseMessageFileBytes(raw, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return file, nil
}

func (b *Bundle) add(name string, file *i18n.MessageFile) (problems []error) {
	lang, _ := languageOf(name)
	into := b.messages[lang]
	for _, m := range file.Messages {
		if _, twice := into[m.ID]; twice {
			problems = append(problems, fmt.Errorf("%s: %s is in another file too", name, m.ID))
			continue
		}
		compiled, err := compile(m)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %w", name, m.ID, err))
			continue
		}
		into[m.ID] = compiled
	}
	return problems
}

// T gives the message in a language. A key that the language lacks falls back
// to the next language; one that nobody has is shown as itself. Both are logged
// once: the page goes on.
func (b *Bundle) T(l Lang, key string, args Args) string {
	for i, try := range l.Fallback() {
		m, ok := b.messages[try][key]
		if !ok {
			continue
		}
		if i > 0 {
			b.warn("message missing in a language", l, key)
		}
		if m.forms != nil {
			return b.form(try, key, m, args).fill(b, try, args)
		}
		return m.fill(b, try, args)
	}
	b.warn("message missing", l, key)
	return key
}

// Has says whether any language has the key, for keys made from data.
func (b *Bundle) Has(key string) bool {
	for _, l := range Langs {
		if _, ok := b.messages[l][key]; ok {
			return true
		}
	}
	return false
}

// Keys lists the keys of one language, sorted.
func (b *Bundle) Keys(l Lang) []string {
	keys := make([]string, 0, len(b.messages[l]))
	for k := range b.messages[l] {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Placeholders lists the names that a message asks for, sorted.
func (b *Bundle) Placeholders(l Lang, key string) []string { return b.messages[l][key].names }

// form is the wording of a plural message that its "Count" asks for.
func (b *Bundle) form(l Lang, key string, m message, args Args) wording {
	count := args["Count"]
	if count == nil {
		count = 0
	}
	name, err := b.plurals[l].form(count)
	if err != nil {
		b.warn("message not usable: "+err.Error(), l, key)
	}
	if w, ok := m.forms[name]; ok {
		return w
	}
	return m.wording
}

func (b *Bundle) warn(what string, l Lang, key string) {
	if _, seen := b.warned.LoadOrStore(string(l)+key, true); !seen {
		slog.Warn(what, "lang", l, "key", key)
	}
}
