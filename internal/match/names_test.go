package match_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/match"
)

func TestANameIsTheSameHoweverItIsTyped(t *testing.T) {
	for _, same := range [][]string{
		{"張曉麗", "张晓丽", " 張曉麗女士", "張 曉 麗", "張曉麗 (Zhang Xiaoli)"},
		{"歐陽修", "欧阳修", "歐陽修先生"},
		{"John Smith", "SMITH, John", "Mr. John Smith", "Ｊｏｈｎ Smith"},
		{"O'Brien Mary", "Mary O’Brien"},
	} {
		for _, typed := range same[1:] {
			require.Equal(t, match.Person(same[0]).Whole, match.Person(typed).Whole, typed)
		}
	}
	require.NotEqual(t, match.Person("張曉麗").Whole, match.Person("張曉莉").Whole)
	require.Empty(t, match.Person(" -- ").Whole)
	require.Equal(t, "李先", match.Person("李先").Whole, "a short name is no title")
	require.Equal(t, match.Enterprise("臨江電器有限公司").Whole, match.Enterprise("临江电器有限责任公司").Whole)
	require.Equal(t, match.Enterprise("Linjiang Electric Co., Ltd.").Whole, match.Enterprise("LINJIANG ELECTRIC LIMITED").Whole)
	require.Equal(t, match.Address("臨江市東山區中山路 5 號"), match.Address("临江市东山区中山路５号"))
}

func hash(s string) []byte { h := sha256.Sum256([]byte(s)); return append([]byte{1, 7}, h[:20]...) }

func person(name string) match.Record {
	n := match.Person(name)
	r := match.Record{Kind: "person", Parts: match.Pack(n.Parts, hash)}
	if n.Whole != "" {
		r.Name = hash(n.Whole)
	}
	return r
}

func TestNamesCompareByTheirParts(t *testing.T) {
	for _, c := range []struct {
		a, b string
		how  match.How
	}{
		{"王小明", "王曉明", match.Similar},
		{"王小明", "王小華", match.Similar}, // perhaps a brother: no word for either side
		{"王小明", "李小明", match.Similar},
		{"王小明", "王大衛", match.Differ},
		{"王小明", "陳美玲", match.Differ},
		{"王小明", "Wang Xiaoming", match.Unknown},
		{"王小明 Wang Xiaoming", "Wang Xiaoming", match.Similar},
		{"John Smith", "Mary Smith", match.Differ},
		{"John Smith", "John A. Smith", match.Similar},
		{"王小明", "", match.Unknown},
	} {
		v := match.Weigh(person(c.a), person(c.b))
		require.Equal(t, c.how, of(v, match.RuleName), c.a+" / "+c.b)
	}
}

func of(v match.Verdict, r match.Rule) match.How {
	for _, f := range v.Findings {
		if f.Rule == r {
			return f.How
		}
	}
	return ""
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"張曉麗女士", "SMITH, John", "王小明 (Wang)", "\xff", "司馬", "先生"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range []match.Name{match.Person(s), match.Enterprise(s)} {
			require.LessOrEqual(t, len(n.Parts), 12)
			match.Pack(n.Parts, hash)
		}
		match.Address(s)
	})
}

func TestTheOrderOfTwoRecordsDoesNotMatter(t *testing.T) {
	mark := rapid.Custom(func(t *rapid.T) match.Mark {
		return match.Mark{Kind: rapid.SampledFrom([]string{"", "resident_id", "tw_id", "other"}).Draw(t, "kind"), Hash: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "hash"), Proven: rapid.Bool().Draw(t, "proven")}
	})
	record := rapid.Custom(func(t *rapid.T) match.Record {
		r := person(rapid.SampledFrom([]string{"", "王小明", "王曉明", "John Smith", "Smith Mary"}).Draw(t, "name"))
		r.Kind = rapid.SampledFrom([]string{"person", "person", "enterprise"}).Draw(t, "kind")
		marks := rapid.SliceOfN(mark, 0, 3)
		r.Phones, r.Mails, r.Addresses, r.IDs = marks.Draw(t, "phones"), marks.Draw(t, "mails"), marks.Draw(t, "addresses"), marks.Draw(t, "ids")
		r.BirthYear, r.Account = rapid.SampledFrom([]int{0, 1980, 1981, 1990}).Draw(t, "year"), rapid.Bool().Draw(t, "account")
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := record.Draw(t, "a"), record.Draw(t, "b")
		v := match.Weigh(a, b)
		require.Equal(t, v, match.Weigh(b, a))
		sum := 0
		for _, f := range v.Findings {
			sum += f.Weight
		}
		require.Equal(t, v.Score, sum)
		if v.Identified {
			require.False(t, v.Apart)
			require.NotEqual(t, match.Differ, of(v, match.RuleName))
		}
	})
}

func TestOnlyACertainIdentifierMakesTwoOne(t *testing.T) {
	all := func(proven bool) match.Record {
		r := person("王小明")
		r.Phones, r.Mails = []match.Mark{{Hash: "p", Proven: proven}}, []match.Mark{{Hash: "m", Proven: proven}}
		r.Addresses, r.BirthYear = []match.Mark{{Hash: "a"}}, 1980
		return r
	}
	a, b := all(true), all(true)
	v := match.Weigh(a, b)
	require.GreaterOrEqual(t, v.Score, match.Certain)
	require.False(t, v.Identified, "no account, and no number that was checked")
	a.Account = true
	require.True(t, match.Weigh(a, b).Identified)
	require.False(t, match.Weigh(a, all(false)).Identified)
	b.Account = true
	require.False(t, match.Weigh(a, b).Identified, "two accounts are for somebody to look at")

	number := func(kind, hash string, proven bool) match.Record {
		r := person("王小明")
		r.IDs = []match.Mark{{Kind: kind, Hash: hash, Proven: proven}}
		return r
	}
	require.True(t, match.Weigh(number("tw_id", "x", true), number("tw_id", "x", true)).Identified)
	require.False(t, match.Weigh(number("tw_id", "x", true), number("tw_id", "x", false)).Identified)
	require.Equal(t, match.Unknown, of(match.Weigh(number("tw_id", "x", true), number("hk_id", "x", true)), match.RuleID))
	require.True(t, match.Weigh(number("tw_id", "x", true), number("tw_id", "y", true)).Apart)
	other := number("tw_id", "x", true)
	other.Name, other.Parts = person("陳美玲").Name, person("陳美玲").Parts
	require.False(t, match.Weigh(number("tw_id", "x", true), other).Identified, "another name: somebody looks")
	v = match.Weigh(number("tw_id", "x", true), other)
	require.GreaterOrEqual(t, v.Score, match.Likely)
}
