package demo

import (
	"math/rand/v2"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/i18n"
)

// How often somebody of the city is written down twice, however many cases a load
// has: in so many of its cases, and of few cases in one of twinsOf.
const (
	twinsMost = 60
	twinsOf   = 20
)

// twin is how a second record came to be.
type twin int

// The ways. Brothers and wives are somebody else, whatever they have in common.
const (
	bySpelling twin = iota // another script or spelling, the same phone and mailbox
	byMoving               // another phone, address and district, the same mailbox
	bySlip                 // one character wrong, the same phone and address
	byBrother              // born on the same day, at the family's phone and address
	byWife                 // another name at the family's phone and address
	twins
)

// met is somebody who will be written down once more.
type met struct {
	at      int // place in the plan
	id      string
	lang    i18n.Lang
	person  Person
	contact constituents.Contact
	facts   constituents.Facts
	channel string
}

// slips are characters of given names that are taken for another one.
var slips = map[string]trio{
	"清": slip("青", "青"), "遠": slip("源", "源"), "嵐": slip("蘭", "兰"), "平": slip("萍", "萍"), "源": slip("元", "元"), "慧": slip("惠", "惠"),
	"梁": slip("良", "良"), "軒": slip("宣", "宣"), "英": slip("瑛", "瑛"), "涵": slip("晗", "晗"), "波": slip("博", "博"), "琴": slip("勤", "勤"),
	"新": slip("欣", "欣"), "怡": slip("宜", "宜"), "傑": slip("捷", "捷"), "芬": slip("芳", "芳"), "勝": slip("盛", "盛"), "滿": slip("曼", "曼"),
	"雅": slip("亞", "亚"), "康": slip("慷", "慷"), "娥": slip("鵝", "鹅"), "鳴": slip("明", "明"), "華": slip("樺", "桦"), "航": slip("杭", "杭"),
	"梅": slip("玫", "玫"), "陽": slip("楊", "杨"), "敏": slip("閔", "闵"), "文": slip("雯", "雯"), "玲": slip("鈴", "铃"), "鳳": slip("奉", "奉"),
}

func slip(hant, hans string) trio { return trio{i18n.ZhHant: hant, i18n.ZhHans: hans} }

// double makes of some who file for the first time a second record of somebody who
// came before, or lets them wait for one of their own. It draws from what known
// drew from, so that what else a seed brings stays as it is.
func (g *generator) double(i int, r *rand.Rand, p Person, c *constituents.Contact, f *constituents.Facts) {
	l, apart := &g.walk.life, min(twinsMost, len(g.plan)/twinsOf)
	if l.Case.Confidentiality != cases.Normal || g.walk.fate != nil {
		return
	}
	if len(g.met) > 0 && i-g.met[0].at >= apart {
		first := g.met[0]
		g.met = g.met[1:]
		g.second(r, first, p, c, f)
		return
	}
	// Two proven addresses that are the same would be one person.
	if f.Proven = i%10 > 0; r.IntN(len(g.plan)) < apart {
		f.Proven = false
		c.Email, c.Address = p.Email, g.walk.street
		g.met = append(g.met, met{at: i, lang: g.walk.lang, person: p, contact: *c, facts: *f, channel: l.Case.Channel})
	}
}

// second writes somebody down once more.
func (g *generator) second(r *rand.Rand, first met, p Person, c *constituents.Contact, f *constituents.Facts) {
	l, lang := &g.walk.life, g.walk.lang
	how := g.twin % twins
	g.twin++
	latin := lang == i18n.En || first.lang == i18n.En
	if first.facts.Number != nil && first.facts.Number.Seen || latin && (how == bySlip || how == byBrother) {
		how = bySpelling
	}
	if how != byWife && how != byBrother && first.channel == cases.ChannelPhone {
		l.Case.Channel, l.FiledBy = cases.ChannelWeb, ""
	}
	who, own, family := first.person, *f, first.contact
	*f = first.facts
	f.DistrictCode, f.Related, f.To = own.DistrictCode, "", ""
	switch how {
	case bySpelling:
		*c = constituents.Contact{Phone: family.Phone, Email: family.Email}
	case byMoving:
		f.Number = nil
		*c = constituents.Contact{Phone: p.Phone, Email: family.Email, Address: g.walk.street}
	case bySlip:
		f.Number, f.DistrictCode = nil, first.facts.DistrictCode
		*c = constituents.Contact{Phone: family.Phone, Address: family.Address}
		who = g.w.slipped(who)
	case byBrother:
		f.Number, f.Needs, f.DistrictCode = nil, own.Needs, first.facts.DistrictCode
		*c = constituents.Contact{Phone: family.Phone, Email: p.Email, Address: family.Address}
		who = g.w.brother(r, who)
	default:
		own.Related, own.To, own.DistrictCode = constituents.Household, first.id, first.facts.DistrictCode
		*f = own
		*c = constituents.Contact{Phone: family.Phone, Email: p.Email, Address: family.Address}
		who = p
	}
	c.Name = who.named(lang)
}

// slipped is somebody whose given name was misheard.
func (w *Writer) slipped(p Person) Person {
	hant := []rune(p.given[i18n.ZhHant])
	last := len(hant) - 1
	other, ok := slips[string(hant[last])]
	if !ok {
		return p
	}
	given := trio{i18n.En: p.given[i18n.En]}
	for _, lang := range []i18n.Lang{i18n.ZhHant, i18n.ZhHans} {
		given[lang] = string([]rune(p.given[lang])[:last]) + other[lang]
	}
	p.given = given
	return p
}

// brother is somebody of the same family whose given name begins alike.
func (w *Writer) brother(r *rand.Rand, p Person) Person {
	for {
		other := pick(r, w.words.Given)
		given := trio{i18n.En: other[i18n.En]}
		for _, lang := range []i18n.Lang{i18n.ZhHant, i18n.ZhHans} {
			given[lang] = string([]rune(p.given[lang])[:1]) + string([]rune(other[lang])[1:])
		}
		if given[i18n.ZhHant] != p.given[i18n.ZhHant] {
			p.given = given
			return p
		}
	}
}
