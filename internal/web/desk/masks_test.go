package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/files"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// TestWhatIsHeardAndSeenOnSiteShowsNoNumber: whoever reads the desk's pages of a hearing
// and of an inspection reads no number of a person, whatever it was written in.
func TestWhatIsHeardAndSeenOnSiteShowsNoNumber(t *testing.T) {
	const number, mark = "13877665544", "說明"
	at, said := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), func(what string) string { return mark + what + " " + number }
	part := &permits.Part{Case: &cases.Case{CaseNo: "LJ2026"}, Type: &permittypes.Type{Checklist: []permittypes.Check{{Code: "exit"}}}}
	papers := func() []files.File { return []files.File{{ID: "f", Name: said("file") + ".pdf"}} }

	day := calendar.DateOf(at, time.UTC)
	one := &permits.Hearing{ID: "h", State: permits.HearingHeld, Intends: said("intends"), Others: said("others"), ToldOn: day, HeardAt: &at, HeardOn: &day,
		Place: said("place"), Closed: true, ClosedWhy: said("why"), Record: permits.HearingRecord{Text: said("record"), Signed: said("signed")}, Files: papers()}
	heard := fmt.Sprintf("%+v", hearingRowOf(&permits.HearingPage{Part: part, Zone: time.UTC}, one, true))
	for _, what := range []string{"intends", "others", "place", "why", "record", "signed", "file"} {
		require.Contains(t, heard, mark+what)
	}
	require.NotContains(t, heard, number)

	third := &permits.Interested{ID: "i", Kind: permits.InterestedPerson, Name: said("name"), Reason: said("reason"), Intends: said("intends"), Statement: said("statement"), ToldOn: day, ToldAt: at, Days: 5, StatedAt: &at, StatedOn: &day}
	told := fmt.Sprintf("%+v", interestedFacts(&permits.InterestedPage{Part: part}, third))
	for _, what := range []string{"name", "reason", "intends", "statement"} {
		require.Contains(t, told, mark+what)
	}
	require.NotContains(t, told, number)

	site := &permits.Site{Part: part, Zone: time.UTC}
	visit := &permits.Inspection{ID: "v", Notice: said("notice"), VisitAt: at, RecordedAt: &at, Findings: said("findings"), Photos: papers(),
		Checks: []permits.InspectionCheck{{Code: "exit", Verdict: "no", Note: said("note")}}}
	seen := fmt.Sprintf("%+v %+v", recorded(site, visit), visitFacts(site, visit))
	for _, what := range []string{"notice", "findings", "note", "file"} {
		require.Contains(t, seen, mark+what)
	}
	require.NotContains(t, seen, number)
}
