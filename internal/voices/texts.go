package voices

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// Lengths in characters.
const (
	TitleMost  = cases.TitleMost
	TextMost   = 5000
	ReasonMost = 300
)

// Texts are what is published of a case, and all of it.
type Texts struct{ Title, Question, Answer string }

func (t Texts) tidy() Texts {
	return Texts{Title: text.MaskFree(text.Line(t.Title)), Question: text.MaskFree(text.Lines(t.Question)), Answer: text.MaskFree(text.Lines(t.Answer))}
}

// Validate checks what was typed.
func (t Texts) Validate() error {
	var c fault.Check
	for _, one := range []struct {
		name, value string
		most        int
	}{{"title", t.Title, TitleMost}, {"question", t.Question, TextMost}, {"answer", t.Answer, TextMost}} {
		c.That(!blank(one.value), one.name, "voices."+one.name+".required")
		c.That(utf8.RuneCountInString(one.value) <= one.most, one.name, "voices.text.long", "Max", one.most)
	}
	return c.Err()
}

func checkedReason(reason string) (string, error) {
	reason = text.MaskFree(text.Line(reason))
	var c fault.Check
	c.That(reason != "", "reason", "voices.reason.required")
	c.That(utf8.RuneCountInString(reason) <= ReasonMost, "reason", "voices.text.long", "Max", ReasonMost)
	return reason, c.Err()
}

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

func (m masker) mask(s string) string {
	s = text.MaskFree(text.Lines(s))
	for _, n := range m.names {
		s = strings.ReplaceAll(s, n, idcode.MaskNamePublic(n))
	}
	if m.address != "" {
		s = strings.ReplaceAll(s, m.address, idcode.MaskAddress(m.address))
	}
	if m.number != "" {
		s = strings.ReplaceAll(s, m.number, "***")
	}
	return called.ReplaceAllString(house.ReplaceAllString(s, "○$1"), "${1}○$2")
}

// check refuses texts into which somebody has written again what must not stand
// there.
func (m masker) check(t Texts) error {
	var c fault.Check
	for _, one := range []struct{ name, value string }{{"title", t.Title}, {"question", t.Question}, {"answer", t.Answer}} {
		c.That(!slices.ContainsFunc(m.names, func(n string) bool { return strings.Contains(one.value, n) }), one.name, "voices.text.name")
		known := m.address != "" && m.address != idcode.MaskAddress(m.address) && strings.Contains(one.value, m.address)
		c.That(!known && !strings.Contains(one.value, m.number), one.name, "voices.text.place")
	}
	return c.Err()
}
