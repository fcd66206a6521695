package cases_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestANoteReachesWhoIsNamedAndMayReadTheCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		wang, lin, twin, other := w.member("handler", "CG03"), w.member("head", "CG"), w.member("dispatcher", "LJ"), w.member("handler", "HB02")
		names := map[string]string{wang: "王小明", lin: "Lin Wei", twin: "李四", other: "張外人"}
		w.Names = func(_ context.Context, ids ...string) (map[string]string, error) { return names, nil }
		no := w.file().CaseNo
		w.do(no, cases.Accept{}, cases.Dispatch{})
		told := func(note string) ([]string, int64) {
			t.Helper()
			c := w.do(no, cases.Note{Text: note})
			v, err := w.View(w.system(), no)
			require.NoError(t, err)
			e := v.Events[len(v.Events)-1]
			who, err := w.Hearers(w.system(), cases.Heard{CaseID: c.ID, EventID: e.ID, About: cases.HearMention})
			require.NoError(t, err)
			return who, e.Facts().Unnamed
		}
		for note, want := range map[string]struct {
			who     []string
			unnamed int64
		}{
			"請@王小明看一下":                {[]string{wang}, 0},
			"＠Lin Wei, please decide": {[]string{lin}, 0},
			"@lin weird":              {nil, 1},
			"@張外人":                    {nil, 1}, // may not read it, and is not told that it exists
			"@查無此人 @王小明":              {[]string{wang}, 1},
			"寄到 lin@王小明.example":      {nil, 0}, // a mail address
			"沒有人":                     {nil, 0},
		} {
			who, unnamed := told(note)
			require.ElementsMatch(t, want.who, who, note)
			require.Equal(t, want.unnamed, unnamed, note)
		}
		who, _ := told("@CG03 請協助")
		require.Contains(t, who, wang, "a unit is told through its people")
		require.NotContains(t, who, other)
		names[twin] = "王小明"
		who, unnamed := told("@王小明")
		require.Empty(t, who, "two people have the name")
		require.EqualValues(t, 1, unnamed)
	})
}

func TestWhoACaseIsAssignedToHearsOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		one, two, head := w.member("handler", "CG03"), w.member("handler", "CG03"), w.member("head", "CG")
		no := w.file().CaseNo
		w.do(no, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
		act := func(who, handler string) (told []string) {
			before := len(w.heard())
			c, err := w.Act(w.as(who), no, 0, cases.Assign{HandlerID: handler})
			require.NoError(t, err)
			if len(w.heard()) == before {
				return nil
			}
			told, err = w.Hearers(w.system(), cases.Heard{CaseID: c.ID, About: cases.HearAssigned})
			require.NoError(t, err)
			return told
		}
		require.Equal(t, []string{one}, act(head, one))
		require.Empty(t, act(head, one), "nothing new")
		require.Equal(t, []string{two}, act(one, two))
		require.Empty(t, act(one, ""), "who takes a case knows it")
	})
}
