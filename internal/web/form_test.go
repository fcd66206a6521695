package web_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/web"
)

type typed struct {
	Title    string        `form:"title"`
	Password string        `form:"password"`
	Count    int           `form:"count"`
	Kinds    []string      `form:"kinds"`
	On       calendar.Date `form:"on"`
	Due      web.DateParts `form:"due"`
}

func send(t *testing.T, body, kind string) (typed, error) {
	t.Helper()
	return reader(t)(t, body, kind)
}

// reader decodes bodies one after the other through one kit.
func reader(t testing.TB) func(t testing.TB, body, kind string) (typed, error) {
	var in typed
	var got error
	k := newKit(t, nil, nil)
	k.POST(k.Engine(), "/x", web.Public, func(c *gin.Context) error {
		got = web.Decode(c, &in)
		c.Status(204)
		return nil
	})
	return func(t testing.TB, body, kind string) (typed, error) {
		in, got = typed{}, nil
		ask(t, k, "POST", "/x", strings.NewReader(body), "Content-Type", kind)
		return in, got
	}
}

func TestAFormIsTrimmedAndTyped(t *testing.T) {
	in, err := send(t, url.Values{
		"title": {"　路燈 \r\n不亮 \t"}, "password": {" secret "}, "count": {"3"}, "kinds": {"a", " b "},
		"on": {"2026-11-24"}, "due.year": {"2026"}, "due.month": {"2"}, "due.day": {"9"}, "unknown": {"x"},
	}.Encode(), formType)
	require.NoError(t, err)
	due, ok := in.Due.Date()
	require.True(t, ok)
	require.Equal(t, "2026-02-09", due.String())
	require.Equal(t, web.DateParts{Year: "2026", Month: "2", Day: "9"}, web.PartsOf(due))
	in.Due = web.DateParts{}
	require.Equal(t, typed{Title: "路燈 \n不亮", Password: " secret ", Count: 3, Kinds: []string{"a", "b"}, On: calendar.NewDate(2026, 11, 24)}, in)
}

func TestWhatIsNotTextIsNamedAndTheRestIsKept(t *testing.T) {
	for _, bad := range []string{"a%FFb", "a%00b", "a%1Bb", "%C0%AF"} {
		in, err := send(t, "title="+bad+"&count=3", formType)
		e, ok := fault.As(err)
		require.True(t, ok, bad)
		require.Equal(t, []fault.Field{{Name: "title", Key: "fault.field.encoding"}}, e.Fields)
		require.Equal(t, 3, in.Count, "what else was typed is kept")
	}
}

func TestAValueOfTheWrongTypeIsNamed(t *testing.T) {
	in, err := send(t, "title=x&count=many&on=tomorrow", formType)
	e, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, fault.Invalid, e.Kind)
	require.Len(t, e.Fields, 2)
	require.Equal(t, "x", in.Title)
}

func TestABodyThatIsNoFormIsInvalid(t *testing.T) {
	for _, c := range [][2]string{
		{"title=%zz", formType},
		{"--x\r\nnonsense", "multipart/form-data; boundary=x"},
		{"", "multipart/form-data"},
	} {
		_, err := send(t, c[0], c[1])
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", c)
	}
}

func TestAnUploadFormBringsItsFieldsToo(t *testing.T) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	require.NoError(t, w.WriteField("title", " 附照片 "))
	f, err := w.CreateFormFile("files", "a.jpg")
	require.NoError(t, err)
	_, err = f.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	in, err := send(t, body.String(), w.FormDataContentType())
	require.NoError(t, err)
	require.Equal(t, "附照片", in.Title)
}

func TestManyIndexesDoNotFillTheMemory(t *testing.T) {
	_, err := send(t, "kinds[99999999]=x", formType)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}

func FuzzDecodeNeverPanicsAndNeverKeepsBadText(f *testing.F) {
	f.Add("title=a&due.year=2026&kinds[0]=x")
	f.Add("title=%FF&kinds[-1]=x&due[year=3&a.b.c[")
	read := reader(f)
	f.Fuzz(func(t *testing.T, body string) {
		in, _ := read(t, body, formType)
		require.NotContains(t, in.Title, "\x00")
	})
}
