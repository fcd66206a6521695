package desk_test

import (
	"testing"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestEarlierCasesAreAskedForFromTheCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("supervisor@LJ")
		o.walk(o.file().CaseNo, cases.Concluded, handler)
		now := o.file().CaseNo
		hidden := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		o.as("supervisor@LJ")
		o.get("/desk/cases/" + now).has("See earlier cases")
		o.get("/desk/cases/"+now+"/earlier").has("Of the same requester", "There is none that you may see", "no point on the map")
		o.get("/desk/cases/" + hidden).hasNot("See earlier cases")
		for lang, words := range map[string]string{"zh-Hant": "先前的案件", "zh-Hans": "以前的办件"} {
			o.get("/desk/cases/" + now + "/earlier?lang=" + lang).has(words)
		}
		o.as("handler@SW01")
		if p := o.get("/desk/cases/" + now + "/earlier"); p.Code != 404 {
			t.Errorf("a case out of scope: %d", p.Code)
		}
	})
}
