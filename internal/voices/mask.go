package voices

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minqing/internal/cases"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// masker hides what tells who a case is about: the names of those who take part,
// its address and number, and everything that can be told by its form.
type masker struct {
	names   []string // the longest first
	address string
	number  string
}

func (s *Service) masker(ctx context.Context, v *cases.View) (masker, error) {
	names, err := s.Cases.Named(ctx, v)
	m := masker{address: strings.TrimSpace(v.Address), number: v.CaseNo}
	for _, n := range names {
		if n = strings.TrimSpace(n); utf8.RuneCountInString(n) > 1 {
			m.names = append(m.names, n)
		}
	}
	slices.SortFunc(m.names, func(a, b string) int { return len(b) - len(a) })
	return m, err
}

// house is a house, lane, floor or room by its number; which one is hidden.
var house = regexp.MustCompile(`[0-9０-９]+(?:[-－之][0-9０-９]+)?(\s*(?:號|号|巷|弄|室|樓|楼|棟|栋|幢|單元|单元)(?:[^線线車车公]|$))`)

// called is somebody named by family name and title, whose given name is hidden.
var called = regexp.MustCompile(`([王李張张劉刘陳陈楊杨黃黄趙赵吳吴周徐孫孙馬马朱胡郭何林高羅罗鄭郑梁謝谢宋唐許许韓韩馮冯鄧邓曹彭曾肖田董袁潘蔡蔣蒋余杜葉叶程魏蘇苏呂吕丁沈任姚盧卢傅鍾钟姜崔譚谭廖范汪陸陆金石戴賈贾韋韦夏邱方侯鄒邹熊孟秦白江閻阎薛尹段雷黎史龍龙賀贺顧顾毛郝龔龚邵萬万錢钱嚴严覃武戴莫孔向湯汤])\p{Han}{1,2}(先生|女士|小姐|太太|老師|老师|醫師|医师|医生|醫生|同志|師傅|师傅)`)

// titled and told are people named in English: by a title, or by who they are.
var (
	titled = regexp.MustCompile(`\b((?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam)\.?\s+)([A-Z])[\pL'’-]+(?:\s+[A-Z][\pL'’-]+)*`)
	told   = regexp.MustCompile(`((?i:\b(?:my name is|i am called|named|called|my (?:son|daughter|wife|husband|mother|father|brother|sister|neighbou?r|friend|landlord|tenant|colleague)),?\s+))([A-Z])[\pL'’-]+(?:\s+[A-Z][\pL'’-]+)*`)
)

// Plates of Taiwan have a dash between letters and digits; with a word before
// it, any plate is told.
var (
	dashed = regexp.MustCompile(`\b(?:[A-Z]{2,3}[-－‐–][0-9]{3,4}|[0-9]{3,4}[-－‐–][A-Z]{2,3}|[A-Z][0-9][-－‐–][0-9]{4}|[0-9]{4}[-－‐–][A-Z][0-9]|[0-9][A-Z][-－‐–][0-9]{4}|[0-9]{4}[-－‐–][0-9][A-Z])\b`)
	plated = regexp.MustCompile(`((?i:車牌號碼|车牌号码|車牌|车牌|車號|车号|(?:number |licen[cs]e )?plates?(?: number| no\.?)?|registration(?: number| no\.?)?)[\s:：是為为有叫]*(?i:is\s+)?)((?i:\p{Han}?[A-Z][ ·・‧•.-]?[A-Z0-9]{4,6}|[A-Z]{1,3}[ -]?[0-9]{3,5}|[0-9]{3,4}[ -]?[A-Z]{1,3})\b)`)
)

// plates hides vehicle plates of every place that has them.
func plates(s string) string {
	s = dashed.ReplaceAllStringFunc(s, idcode.MaskPlate)
	return plated.ReplaceAllStringFunc(s, func(one string) string {
		m := plated.FindStringSubmatch(one)
		if strings.ContainsFunc(m[2], func(r rune) bool { return r > unicode.MaxASCII }) {
			return m[1] + "***" // of a province, or of a city that is invented
		}
		return m[1] + idcode.MaskPlate(strings.ReplaceAll(m[2], " ", ""))
	})
}

// personal hides what can be told by its form; of identity numbers nothing stays.
func personal(s string) string {
	var b strings.Builder
	last := 0
	for _, p := range text.Find(s) {
		b.WriteString(s[last:p.From])
		if p.Kind == text.Identity {
			p.Mask = "***"
		}
		b.WriteString(p.Mask)
		last = p.To
	}
	return b.String() + s[last:]
}

// gap is what people write inside names.
const gap = `[\s\p{Cf}·・•‧,，.'’_-]{0,3}`

// whole matches a full name however it is set: any case, with gaps, Latin names
// in either order.
func whole(name string) *regexp.Regexp {
	words := parts(name)
	if han(name) {
		return regexp.MustCompile(`(?i)` + spaced(strings.Join(words, "")))
	}
	there := make([]string, len(words))
	for i, w := range words {
		there[i] = regexp.QuoteMeta(w)
	}
	back := slices.Clone(there)
	if len(back) > 1 { // the family name first, or last
		back = append([]string{back[len(back)-1]}, back[:len(back)-1]...)
	}
	swap := append(slices.Clone(there[min(1, len(there)-1):]), there[0])
	if len(there) == 1 {
		swap = there
	}
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(there, gap) + `|` + strings.Join(back, gap) + `|` + strings.Join(swap, gap) + `)\b`)
}

// parts are the words of a name; never none.
func parts(name string) []string {
	list := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) })
	if len(list) == 0 {
		return []string{name}
	}
	return list
}

// spaced matches characters with gaps between, in either script.
func spaced(s string) string {
	var list []string
	for _, r := range s {
		list = append(list, regexp.QuoteMeta(string(r)))
	}
	return strings.Join(list, gap)
}

func han(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// bare matches the parts of a name that stand alone: a given name of two
// characters, a Latin word as names are written.
func bare(name string) *regexp.Regexp {
	if han(name) {
		if runes := []rune(strings.Join(parts(name), "")); len(runes) == 3 || len(runes) == 4 {
			return regexp.MustCompile(spaced(string(runes[len(runes)-2:])))
		}
		return nil
	}
	var list []string
	for _, w := range parts(name) {
		if r, n := utf8.DecodeRuneInString(w); len(w) > 1 && unicode.IsLetter(r) {
			rest := strings.ToLower(w[n:])
			list = append(list, regexp.QuoteMeta(string(unicode.ToUpper(r))+rest), regexp.QuoteMeta(strings.ToUpper(w)))
			if len(w) > 3 { // no common word is lost
				list = append(list, regexp.QuoteMeta(strings.ToLower(w)))
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(list, "|") + `)\b`)
}

// alike replaces what a form of folded characters matches in a text of either
// script.
func alike(re *regexp.Regexp, s string, with func(string) string) string {
	folded, was := text.Fold(s), []rune(s)
	var b strings.Builder
	last, at := 0, 0 // in characters of the text, in bytes of the folded one
	for _, m := range re.FindAllStringIndex(folded, -1) {
		from := last + utf8.RuneCountInString(folded[at:m[0]])
		to := from + utf8.RuneCountInString(folded[m[0]:m[1]])
		b.WriteString(string(was[last:from]) + with(string(was[from:to])))
		last, at = to, m[1]
	}
	return b.String() + string(was[last:])
}

// marked is a stretch that is hidden.
var marked = regexp.MustCompile(`(?:[\p{Latin}\pN@._-]+|\p{Han}{1,2})?(?:\*{2,}|○+)[\pN*@._-]*\p{Latin}*(?:號|号|巷|弄|室|樓|楼)?`)

// Hidden lists what is hidden in texts as it is shown, each once, so that whoever
// publishes sees what was masked.
func (t Texts) Hidden() (list []string) {
	for _, s := range []string{t.Title, t.Question, t.Answer} {
		for _, one := range marked.FindAllString(s, -1) {
			if !slices.Contains(list, one) {
				list = append(list, one)
			}
		}
	}
	return list
}

// Without hides words, one a line, wherever they stand.
func (t Texts) Without(words string) Texts {
	for w := range strings.Lines(words) {
		if w = strings.TrimSpace(w); w == "" {
			continue
		}
		re := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(text.Fold(w)))
		for _, s := range []*string{&t.Title, &t.Question, &t.Answer} {
			*s = alike(re, *s, func(string) string { return "○○" })
		}
	}
	return t
}

func (m masker) mask(s string) string {
	s = plates(personal(text.Lines(s)))
	for _, n := range m.names {
		shown := idcode.MaskNamePublic(n)
		s = alike(whole(text.Fold(n)), s, func(string) string { return shown })
	}
	for _, n := range m.names {
		if re := bare(text.Fold(n)); re != nil {
			s = alike(re, s, func(w string) string {
				if han(w) {
					return "○○"
				}
				return idcode.MaskNamePublic(w)
			})
		}
	}
	if m.address != "" {
		s = strings.ReplaceAll(s, m.address, idcode.MaskAddress(m.address))
	}
	if m.number != "" {
		s = strings.ReplaceAll(s, m.number, "***")
	}
	s = told.ReplaceAllString(titled.ReplaceAllString(s, "${1}${2}***"), "${1}${2}***")
	return called.ReplaceAllString(house.ReplaceAllString(s, "○$1"), "${1}○$2")
}
