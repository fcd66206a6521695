package match_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/match"
)

// entry is one record of the invented set; those with the same person are the same.
type entry struct {
	person int
	match.Record
}

// labelled are 200 households of up to four who share a phone and an address, and
// for two in five of their members a second record, as people leave them: typed in
// the other script, with a title, with a slip in one character of the given name,
// with another phone, or without an address. Nobody in it exists.
func labelled() []entry {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(s string) string { runes := []rune(s); return string(runes[r.IntN(len(runes))]) }
	mark := func(kind string, v any) []match.Mark { return []match.Mark{{Hash: fmt.Sprint(kind, v)}} }
	other := map[rune]rune{'張': '张', '陳': '陈', '劉': '刘', '黃': '黄', '麗': '丽', '華': '华', '國': '国', '強': '强'}
	var all []entry
	person := 0
	for house := range 200 {
		family := pick("王李張陳劉黃吳林")
		for range 1 + r.IntN(4) {
			person++
			name := family + pick("明麗華國強美文志春秋雪建玉") + pick("明麗華國強美文志春秋雪建玉")
			year := 1940 + r.IntN(70)
			e := entry{person, named(name)}
			e.Phones, e.Addresses = mark("home", house), mark("house", house)
			if r.IntN(2) == 0 {
				e.Phones = mark("own", person)
			}
			if r.IntN(2) == 0 {
				e.Mails = mark("mail", person)
			}
			if r.IntN(2) == 0 {
				e.BirthYear = year
			}
			all = append(all, e)
			if r.IntN(5) > 1 {
				continue
			}
			again := e
			switch r.IntN(5) {
			case 0:
				runes := []rune(name)
				for i, c := range runes {
					if s, ok := other[c]; ok {
						runes[i] = s
					}
				}
				again.Record = same(again.Record, string(runes))
			case 1:
				again.Record = same(again.Record, name+"女士")
			case 2:
				again.Record = same(again.Record, string([]rune(name)[:2])+pick("明麗華國強美文志"))
			case 3:
				again.Phones = mark("new", person)
			case 4:
				again.Addresses = nil
			}
			all = append(all, again)
		}
	}
	return all
}

func named(name string) match.Record { return person(name) }

// same is a record under another spelling of its name.
func same(r match.Record, name string) match.Record {
	n := person(name)
	r.Name, r.Parts = n.Name, n.Parts
	return r
}

func TestTheQueueIsMostlyRight(t *testing.T) {
	all := labelled()
	found, right, there := 0, 0, 0
	for i, a := range all {
		for _, b := range all[:i] {
			v := match.Weigh(a.Record, b.Record)
			is := a.person == b.person
			if is {
				there++
			}
			if v.Score >= match.Likely && !v.Apart {
				found++
				if is {
					right++
				}
			}
			require.False(t, v.Identified, "nothing in the set is a certain identifier")
		}
	}
	precision, recall := float64(right)/float64(found), float64(right)/float64(there)
	t.Logf("%d records, %d pairs of the same person, %d proposed, %d of them right: precision %.3f, recall %.3f", len(all), there, found, right, precision, recall)
	require.GreaterOrEqual(t, precision, 0.95)
	require.GreaterOrEqual(t, recall, 0.75)
}
