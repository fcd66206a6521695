package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
)

// industries are what enterprises of the city do.
var industries = []trio{
	{i18n.ZhHant: "餐飲", i18n.ZhHans: "餐饮", i18n.En: "Catering"}, {i18n.ZhHant: "零售", i18n.ZhHans: "零售", i18n.En: "Retail"},
	{i18n.ZhHant: "物流", i18n.ZhHans: "物流", i18n.En: "Logistics"}, {i18n.ZhHant: "建築裝修", i18n.ZhHans: "建筑装修", i18n.En: "Building and fitting"},
	{i18n.ZhHant: "資訊服務", i18n.ZhHans: "信息服务", i18n.En: "Information services"}, {i18n.ZhHant: "製造", i18n.ZhHans: "制造", i18n.En: "Manufacturing"}}

// Shares of those who file, in percent.
const (
	enterprises = 7
	elders      = 22 // of people, over 65
)

// known invents what is known of somebody who files for the first time. It draws
// from a source of its own, so that what else a seed brings stays as it is.
func (g *generator) known(i int, at time.Time, district string) (constituents.Facts, *rand.Rand) {
	r := rand.New(rand.NewPCG(g.o.Seed^0x6b6e6f776e, uint64(i)))
	f := constituents.Facts{Profile: constituents.Profile{DistrictCode: district, Source: constituents.FromCase}}
	if r.IntN(100) < enterprises {
		return g.enterprise(r, f, at), r
	}
	age := 18 + r.IntN(47)
	if r.IntN(100) < elders {
		age = 65 + r.IntN(28)
	}
	f.BirthYear = at.Year() - age
	need := func(percent int, kind constituents.NeedKind) {
		if r.IntN(100) < percent {
			f.Needs = append(f.Needs, kind)
		}
	}
	if age >= 65 {
		need(35, constituents.PhoneOnly)
		need(25, constituents.LargeType)
		need(10, constituents.HomeVisit)
	}
	need(3, constituents.StepFree)
	need(1, constituents.SignLanguage)
	if g.walk.lang == i18n.En {
		need(15, constituents.Interpreter)
	}
	if r.IntN(100) < 30 { // in an area that does not exist, so that it is nobody's
		f.Number = &constituents.Document{Kind: constituents.ResidentID, Seen: r.IntN(2) == 0,
			Value: idcode.PRCIDFrom(fmt.Sprintf("000000%04d%02d%02d%03d", f.BirthYear, 1+r.IntN(12), 1+r.IntN(28), r.IntN(1000)))}
	}
	if g.before != "" && r.IntN(100) < 6 {
		f.Related, f.To = constituents.Household, g.before
	}
	return f, r
}

func (g *generator) enterprise(r *rand.Rand, f constituents.Facts, at time.Time) constituents.Facts {
	f.Industry, f.Stage = pick(r, industries)[g.walk.lang], "operating"
	days := 120 + r.IntN(9000)
	switch x := r.IntN(100); {
	case x < 35: // who is new asks most
		f.Stage, days = "set_up", r.IntN(90)
	case x < 43:
		f.Stage = "changing"
	case x < 48:
		f.Stage = "closing"
	}
	on := calendar.DateOf(at, time.UTC).Add(-days)
	f.EstablishedOn = &on
	f.Number = &constituents.Document{Kind: constituents.USCC, Seen: true, Value: idcode.USCCFrom(fmt.Sprintf("91000000%09d", r.IntN(1_000_000_000)))}
	return f
}

// firm names an enterprise as it is written in the language.
func (w *Writer) firm(r *rand.Rand, lang i18n.Lang) string {
	return w.words.compound(r, w.words.Shops, lang)
}
