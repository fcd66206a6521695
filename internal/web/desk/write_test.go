package desk_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/web"
	"minqing/internal/web/desk"
)

// Every page of these tests is compared with what html/template writes; here
// the desk in each language.
func TestTheDeskIsWrittenAlikeInEveryLanguage(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.workedOn(t)
	for _, l := range i18n.Langs {
		for _, path := range []string{"/desk?", "/desk/cases/" + no + "?", "/desk/cases/" + no + "?do=suspend&"} {
			p := o.get(path + "lang=" + string(l))
			require.Equal(t, http.StatusOK, p.Code, path)
			require.Contains(t, p.Body.String(), `<html lang="`+string(l)+`"`)
		}
	}
}

// workedOn gives a case with a life behind it, and seats its handler.
func (o *office) workedOn(t testing.TB) string {
	handler := o.as("handler@CG03")
	no := o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	o.do(no, cases.SignIn{}, cases.Assign{HandlerID: handler}, cases.Note{Text: "內部的話"}, cases.RequestInfo{Question: "哪一盞？"})
	_, err := o.cases.Say(guest(t), cases.Key{CaseNo: no, QueryCode: o.code(no)}, "第三盞，謝謝")
	require.NoError(t, err)
	return no
}

// BenchmarkWritingTheCasePage is what templates cost, without what was read for
// them: a case with a life behind it, as its handler sees it.
func BenchmarkWritingTheCasePage(b *testing.B) {
	for _, l := range i18n.Langs {
		b.Run(string(l), func(b *testing.B) {
			o := newOffice(b, dbtest.New(b))
			var v web.View
			desk.Catch(o.deps, func(got web.View) { v = got })
			no := o.workedOn(b)
			require.Equal(b, http.StatusOK, o.get("/desk/caught/"+no+"?lang="+string(l)).Code)
			c, _ := gin.CreateTestContext(new(nowhere))
			c.Request = httptest.NewRequest("GET", "/desk/cases/"+no, nil)
			b.ReportAllocs()
			for b.Loop() {
				if err := o.deps.Kit.Show(c, "desk/case", v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// nowhere takes an answer and keeps nothing of it.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header {
	if n.header == nil {
		n.header = http.Header{}
	}
	return n.header
}
func (*nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (*nowhere) WriteHeader(int)             {}
