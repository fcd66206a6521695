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

// Bundle holds every message in every language. Each language is read when it is
// first asked for: a start waits for one of them, not for all. It is safe for
// concurrent use.
type Bundle struct {
	tongues map[Lang]*tongue
	warned  sync.Map
}

// tongue is what there is in one language.
type tongue struct {
	plurals  *plurals
	files    []string
	read     func() // once, before messages are looked at
	messages map[string]message
	problems error
}

// Load finds locales/<area>.<language>.toml in fsys and reports every name that
// is none. What is wrong within files Check tells.
func Load(fsys fs.FS) (*Bundle, error) {
	files, err := fs.Glob(fsys, "locales/*.toml")
	if err != nil {
		return nil, fmt.Errorf("list locale files: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("there are no locale files")
	}
	b := &Bundle{tongues: make(map[Lang]*tongue)}
	for _, l := range Langs {
		t := &tongue{}
		if t.plurals, err = newPlurals(l); err != nil {
			return nil, fmt.Errorf("plural forms of %s: %w", l, err)
		}
		t.read = sync.OnceFunc(func() { t.fill(fsys) })
		b.tongues[l] = t
	}
	var problems []error
	for _, name := range files {
		l, ok := languageOf(name)
		if !ok {
			problems = append(problems, fmt.Errorf("%s: the name should be area.language.toml", name))
			continue
		}
		b.tongues[l].files = append(b.tongues[l].files, name)
	}
	return b, errors.Join(problems...)
}

// Read reads some languages now, so that nobody waits for them later. What is
// wrong in one is logged when it is first read, and the rest of it serves.
func (b *Bundle) Read(langs ...Lang) {
	for _, l := range langs {
		b.in(l)
	}
}

// Check reads every language and reports every file that cannot be read, every
// message that cannot be used and every key that two files claim.
func (b *Bundle) Check() error {
	problems := make([]error, len(Langs))
	for i, l := range Langs {
		b.in(l)
		problems[i] = b.tongues[l].problems
	}
	return errors.Join(problems...)
}

// in gives the messages of a language.
func (b *Bundle) in(l Lang) map[string]message {
	t, ok := b.tongues[l]
	if !ok {
		return nil
	}
	t.read()
	return t.messages
}

// languageOf is the one that the name of a file ends with.
func languageOf(name string) (Lang, bool) {
	_, lang, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".toml"), ".")
	return Lang(lang), ok && slices.Contains(Langs, Lang(lang))
}

// fill reads the files of a language.
func (t *tongue) fill(fsys fs.FS) {
	parsed := make([][]*i18n.Message, len(t.files))
	problems := make([]error, len(t.files), 2*len(t.files))
	var all errgroup.Group // a start waits for it
	all.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range t.files {
		all.Go(func() error {
			parsed[i], problems[i] = parse(fsys, name)
			return nil
		})
	}
	_ = all.Wait() // what went wrong stands in problems
	n := 0
	for _, list := range parsed {
		n += len(list)
	}
	t.messages = make(map[string]message, n)
	for i, list := range parsed {
		problems = append(problems, t.add(t.files[i], list)...)
	}
	if t.problems = errors.Join(problems...); t.problems != nil {
		slog.Error("messages cannot be used", "error", t.problems)
	}
}

func (t *tongue) add(name string, list []*i18n.Message) (problems []error) {
	for _, m := range list {
		if _, twice := t.messages[m.ID]; twice {
			problems = append(problems, fmt.Errorf("%s: %s is there twice, or in another file too", name, m.ID))
			continue
		}
		compiled, err := compile(m)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %w", name, m.ID, err))
			continue
		}
		t.messages[m.ID] = compiled
	}
	return problems
}

// T gives the message in a language. A key that the language lacks falls back
// to the next language; one that nobody has is shown as itself. Both are logged
// once: the page goes on.
func (b *Bundle) T(l Lang, key string, args Args) string {
	for i, try := range l.Fallback() {
		m, ok := b.in(try)[key]
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

// Has says whether there is a message, for keys made from data. Every language
// has the same ones, so that one is asked.
func (b *Bundle) Has(key string) bool {
	_, ok := b.in(Langs[0])[key]
	return ok
}

// Keys lists the keys of one language, sorted.
func (b *Bundle) Keys(l Lang) []string {
	messages := b.in(l)
	keys := make([]string, 0, len(messages))
	for k := range messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Placeholders lists the names that a message asks for, sorted.
func (b *Bundle) Placeholders(l Lang, key string) []string { return b.in(l)[key].asks }

// form is the wording of a plural message that its "Count" asks for.
func (b *Bundle) form(l Lang, key string, m message, args Args) wording {
	count := args["Count"]
	if count == nil {
		count = 0
	}
	name, err := b.tongues[l].plurals.form(count)
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
