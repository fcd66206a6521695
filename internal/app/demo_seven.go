package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/insight/seven"
	"minqing/internal/place"
)

// inventedBy is the source of every input of the demo city.
const inventedBy = "虛構（示範）· 虚构（演示）· invented (demo)"

// demoSeven enters what no system knows of the demo city, and counts 7P. Inputs
// that are there already stay as they are.
func (a *App) demoSeven(ctx context.Context) error {
	ctx = actor.AsSystem(ctx, "demo.load")
	there, err := a.Seven.Inputs(ctx)
	if err != nil {
		return err
	}
	if len(there) == 0 {
		entries, err := a.demoInputs(ctx)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Source == "" {
				e.Source = inventedBy
			}
			if err := a.Seven.Enter(ctx, e); err != nil {
				return fmt.Errorf("enter %s %s of the demo city: %w", e.Kind, e.Item, err)
			}
		}
	}
	return a.Seven.Count(ctx)
}

func (a *App) demoInputs(ctx context.Context) ([]seven.Entry, error) {
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	areas, err := a.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	today := calendar.DateOf(a.Options.Now(), a.zone)
	since := today.Add(-400).String()
	var list []seven.Entry
	add := func(k seven.Kind, item, part string, amount int64) {
		list = append(list, seven.Entry{Kind: k, Item: item, Part: part, AsOf: since, Amount: strconv.FormatInt(amount, 10)})
	}
	var people int64
	for _, d := range areas.At(place.Borough, "", today) {
		if d.Population > 0 {
			add(seven.Population, seven.DistrictGroup+d.Code, "", d.Population)
			people += d.Population
		}
	}
	if people > 0 {
		add(seven.Population, "", "", people)
		add(seven.Population, seven.KindGroup+"person", "", people)
	}
	add(seven.Population, seven.KindGroup+"enterprise", "", 41200)
	for i, c := range []string{"web", "phone", "counter", "email", "api"} {
		add(seven.ChannelCost, c, "", []int64{2, 14, 26, 6, 1}[i])
	}
	for i, g := range seven.Grades {
		add(seven.HourlyCost, g, "", []int64{48, 76, 130}[i])
	}
	add(seven.Overhead, "", "", 9)
	add(seven.ValueOfTime, "", "", 42)
	add(seven.AgencySaving, "", "", 36000)
	add(seven.IncrementalCost, "", "", 21500)
	for i, m := range snap.Matters {
		if i%2 == 1 { // of which nobody measured anything: their figures say so
			continue
		}
		n := int64(i*37%11 + 1) // some matters take longer than others
		add(seven.StaffMinutes, m.Code, "clerk", 10+2*n)
		add(seven.StaffMinutes, m.Code, "officer", 25+9*n)
		add(seven.StaffMinutes, m.Code, "manager", n)
		add(seven.FormMinutes, m.Code, "", 6+n)
		add(seven.TravelMinutes, m.Code, "", 5*(n%4))
		add(seven.WaitingMinutes, m.Code, "", 4+n)
		add(seven.OutOfPocket, m.Code, "", n%5)
		if i%6 != 5 { // nobody measured the others before they were changed
			add(seven.BaselineMinutes, m.Code, "", 24+6*n)
			add(seven.BaselinePocket, m.Code, "", n%5+2)
		}
	}
	return append(list, surveyed(today)...), nil
}

// surveyed are what was asked of people and enterprises, and the purposes of what
// is kept of them.
func surveyed(today calendar.Date) (list []seven.Entry) {
	year, month := today.YearMonth()
	for i, satisfied := range []int64{718, 726, 733, 725, 746, 757, 752, 768} {
		end := calendar.NewDate(year, month-(month-1)%3-3*time.Month(7-i), 1).Add(-1) // of the i-th of the last eight quarters
		list = append(list, seven.Entry{Kind: seven.Trust, AsOf: end.String(), Amount: strconv.FormatInt(satisfied, 10), Whole: "1200"})
	}
	list = append(list, seven.Entry{Kind: seven.EnterpriseStay, AsOf: today.Add(-30).String(), Amount: "37600", Whole: "39800"})
	for i, field := range []string{"phone", "email", "address"} { // the number of identity has no purpose of its own
		list = append(list, seven.Entry{Kind: seven.FieldWeight, Item: field, AsOf: today.Add(-400).String(), Amount: []string{"3", "2", "1"}[i], Whole: "24",
			Source: []string{"聯絡案件進度 · 联系进度 · to tell people how their case stands", "寄送答復 · 寄送答复 · to send replies", "到場服務 · 上门服务 · to come to the place"}[i] + " (" + inventedBy + ")"})
	}
	return list
}
