package access_test

import (
	"fmt"
	"testing"
	"time"

	"minqing/internal/access"
	"minqing/internal/db/dbtest"
)

// BenchmarkADecision is the question that every act on a case asks, by somebody
// who holds thirty units.
func BenchmarkADecision(b *testing.B) {
	w, who, object := thirtyUnits(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.s.CanOn(as(who), access.CaseReply, object); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkADecisionAfterTheGrantsWereForgotten reads them anew each time.
func BenchmarkADecisionAfterTheGrantsWereForgotten(b *testing.B) {
	w, who, object := thirtyUnits(b)
	b.ReportAllocs()
	for b.Loop() {
		w.now = w.now.Add(time.Minute)
		if err := w.s.CanOn(as(who), access.CaseReply, object); err != nil {
			b.Fatal(err)
		}
	}
}

func thirtyUnits(b *testing.B) (*world, string, access.Object) {
	w := newWorld(b, dbtest.New(b))
	w.unit("LJ/", "LJ")
	who := w.account()
	for i := range 30 {
		code := fmt.Sprintf("U%02d", i)
		w.unit("LJ/"+code+"/", code)
		w.give(who, "head", code)
	}
	return w, who, access.Object{UnitPaths: []string{"LJ/U29/X/"}, SubjectPaths: []string{"LJ/HL/"}}
}
