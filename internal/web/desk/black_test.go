package desk_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/files"
)

// attach gives a case a file and says where its page for blacking out is.
func (o *office) attach(caseNo, name string, raw []byte) (owner files.Owner, id, page string) {
	o.t.Helper()
	v, err := o.cases.View(o.system(), caseNo)
	require.NoError(o.t, err)
	owner = files.Owner{Kind: files.Case, ID: v.ID}
	f, err := o.files.Add(o.system(), files.Upload{Owner: owner, Name: name, Content: bytes.NewReader(raw), Size: int64(len(raw))})
	require.NoError(o.t, err)
	return owner, f.ID, "/desk/cases/" + caseNo + "/files/" + f.ID + "/black"
}

func (o *office) content(owner files.Owner, id string) []byte {
	o.t.Helper()
	c, err := o.files.Open(o.system(), owner, id)
	require.NoError(o.t, err)
	defer c.Close()
	raw, err := io.ReadAll(c)
	require.NoError(o.t, err)
	return raw
}

// red is a picture all in one colour.
func red() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 100, 50))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+3] = 255, 255
	}
	return img
}

func redPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, red()))
	return b.Bytes()
}

func parts(rows ...string) url.Values {
	form := url.Values{"do": {"save"}}
	for i, row := range rows {
		for k, n := range strings.Split(row, " ") {
			form.Set(fmt.Sprintf("%s-%d", [4]string{"left", "top", "width", "height"}[k], i+1), n)
		}
	}
	return form
}

func TestPartsOfAnAttachedPictureAreBlackedOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		o.walk(no, cases.Dispatched, "")
		raw := redPNG(t)
		owner, id, at := o.attach(no, "車牌.png", raw)
		o.as("handler@CG03")
		require.Contains(t, o.get("/desk/cases/"+no).Body.String(), `href="`+at+`"`)
		o.get(at).has("Black out parts of a picture", "車牌.png", "Part 3")

		form := parts("10 20 30 40", "50 0 50,5 10%")
		form.Set("do", "preview")
		p := o.ask("POST", at, form)
		require.Equal(t, 422, p.Code, "50 and 50.5 are more than the whole")
		form.Set("width-2", "５０")
		p = o.ask("POST", at, form)
		require.Equal(t, 200, p.Code)
		p.has("Nothing is saved yet", "Part 5")
		require.Contains(t, p.Body.String(), `<rect x="1000" y="2000" width="3000" height="4000"/><rect x="5000" y="0" width="5000" height="1000"/>`)
		list, err := o.files.List(o.system(), owner)
		require.NoError(t, err)
		require.Len(t, list, 1)

		o.now = o.now.Add(1e9)
		_, before := o.status(no)
		form.Set("do", "save")
		for range 2 { // a second click
			p = o.ask("POST", at, form)
			require.Equal(t, 303, p.Code)
			require.Equal(t, "/desk/cases/"+no, p.Header().Get("Location"))
		}
		list, err = o.files.List(o.system(), owner)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, "車牌（已遮蔽）.png", list[1].Name)
		_, after := o.status(no)
		require.Equal(t, before+1, after)
		o.get("/desk/cases/"+no).has("Blacked out parts of a picture", "王handler@CG03", "車牌.png → 車牌（已遮蔽）.png")

		o.as("head@CG03")
		require.Contains(t, o.paper(no, "en"), "車牌.png → 車牌（已遮蔽）.png")
		o.as("handler@CG03")
		var inClear int64
		require.NoError(t, d.From(t.Context()).Table("case_events").Where("text LIKE ? OR CAST(data AS TEXT) LIKE ?", "%車牌%", "%車牌%").Count(&inClear).Error)
		require.Zero(t, inClear, "names of files are sealed")

		require.Equal(t, raw, o.content(owner, id))
		img, err := png.Decode(bytes.NewReader(o.content(owner, list[1].ID)))
		require.NoError(t, err)
		for y := range 50 {
			for x := range 100 {
				inside := x >= 10 && x < 40 && y >= 10 && y < 30 || x >= 50 && y < 5
				r, _, _, _ := img.At(x, y).RGBA()
				require.Equal(t, inside, r == 0, "%d, %d", x, y)
			}
		}
		again := "/desk/cases/" + no + "/files/" + list[1].ID + "/black"
		require.Equal(t, 303, o.ask("POST", again, parts("0 0 1 1")).Code)
		o.get("/desk/cases/"+no).has("車牌（已遮蔽 2）.png", "車牌（已遮蔽）.png → 車牌（已遮蔽 2）.png")
	})
}

func TestInASecretCaseNoNameOfAFileIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		no := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		o.walk(no, cases.Handling, handler)
		_, _, at := o.attach(no, "歐陽漱石的身分證.png", redPNG(t))
		page := o.get(at)
		require.Equal(t, 200, page.Code)
		require.Contains(t, page.Body.String(), "附件 1.png")
		form := parts("10 10 20 20")
		form.Set("do", "save")
		require.Equal(t, 303, o.ask("POST", at, form).Code)
		for _, path := range []string{at, "/desk/cases/" + no} {
			require.NotContains(t, o.get(path).Body.String(), "歐陽漱石", path)
		}
	})
}

func TestAPhotoLosesWhatItTellsWhenBlackedOut(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file(func(f *cases.Filing) { f.Locale = "zh-Hans" }).CaseNo
	o.walk(no, cases.Dispatched, "")
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, red(), nil))
	raw := append([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x03\x00\x00\x00\x00\x00\x00"), b.Bytes()[2:]...)
	owner, id, at := o.attach(no, "a.jpg", raw)
	require.Contains(t, string(o.content(owner, id)), "Exif", "how it was held")
	o.as("head@CG03")
	o.now = o.now.Add(1e9)
	require.Equal(t, 303, o.ask("POST", at, parts("0 0 50 50")).Code)
	list, err := o.files.List(o.system(), owner)
	require.NoError(t, err)
	require.Equal(t, "a（已遮盖）.jpg", list[1].Name)
	made := o.content(owner, list[1].ID)
	require.NotContains(t, string(made), "Exif")
	img, err := jpeg.Decode(bytes.NewReader(made))
	require.NoError(t, err)
	require.Equal(t, color.Gray{Y: 0}, color.GrayModel.Convert(img.At(5, 5)))
	r, _, _, _ := img.At(95, 45).RGBA()
	require.Greater(t, r, uint32(0xe000))
}

func TestWrongPartsAreSaidBesideTheirFieldAndNothingIsLost(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	owner, _, at := o.attach(no, "a.png", redPNG(t))
	o.as("handler@CG03")
	many := make([]string, files.MaxAreas+1)
	for i := range many {
		many[i] = fmt.Sprintf("%d 0 1 1", i)
	}
	for name, one := range map[string]struct {
		form        url.Values
		words, kept string
	}{
		"outside":  {parts("60 0 41 1"), "This part reaches outside the picture", `name="width-1" type="text" value="41"`},
		"no size":  {parts("60 0 0 1"), "a part without a size covers nothing", `name="width-1" type="text" value="0"`},
		"a word":   {parts("60 0 wide 1"), "Enter a number from 0 to 100", `value="wide"`},
		"minus":    {parts("-1 0 1 1"), "Enter a number from 0 to 100", `value="-1"`},
		"one less": {parts("1 0 1"), "Enter all four numbers", `name="left-1" type="text" value="1"`},
		"too many": {parts(many...), "At most 50 parts", `name="left-51" type="text" value="50"`},
		"none":     {parts(), "Draw at least one part", `name="left-3"`},
	} {
		p := o.ask("POST", at, one.form)
		require.Equal(t, 422, p.Code, name)
		p.has("There is a problem", one.words)
		require.Contains(t, p.Body.String(), one.kept, name)
	}
	list, err := o.files.List(o.system(), owner)
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestOnlyThosePicturesOfTheirOwnCasesAreBlackedOut(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no, other := o.file().CaseNo, o.file().CaseNo
	o.walk(no, cases.Dispatched, "")
	o.walk(other, cases.Dispatched, "")
	_, _, at := o.attach(no, "a.png", redPNG(t))
	_, id, _ := o.attach(other, "b.png", redPNG(t))
	_, _, note := o.attach(no, "c.txt", []byte("abc"))
	o.as("handler@CG03")
	require.NotContains(t, o.get("/desk/cases/"+no).Body.String(), note)
	for _, wrong := range []string{note, "/desk/cases/" + no + "/files/" + id + "/black", "/desk/cases/" + no + "/files/x/black"} {
		require.Equal(t, 404, o.get(wrong).Code, wrong)
		require.Equal(t, 404, o.ask("POST", wrong, parts("0 0 1 1")).Code, wrong)
	}
	o.get(note).has("JPEG or PNG only")
	for seat, code := range map[string]int{"handler@HB02": 404, "dispatcher@LJ": 403, "call_agent@LJ": 403, "supervisor@LJ": 200} {
		o.as(seat)
		require.Equal(t, code, o.get(at).Code, seat)
		if code != 200 {
			require.Equal(t, code, o.ask("POST", at, parts("0 0 1 1")).Code, seat)
		}
	}
	o.as("dispatcher@LJ")
	require.NotContains(t, o.get("/desk/cases/"+no).Body.String(), at)
}

func TestAUnitThatTakesPartBlacksOutAndOneThatHadTheCaseDoesNot(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Handling, o.as("handler@CG03"))
	_, _, at := o.attach(no, "a.png", redPNG(t))
	o.do(no, cases.AddJoint{UnitCode: "CG02", Task: "請查管線。"})
	o.as("handler@CG02")
	require.Contains(t, o.get("/desk/cases/"+no).Body.String(), at)
	require.Equal(t, 303, o.ask("POST", at, parts("0 0 1 1")).Code)
	o.do(no, cases.ReleaseJoint{UnitCode: "CG02", Reason: "不需要了。"})
	require.Equal(t, 200, o.get("/desk/cases/"+no).Code, "it reads on")
	require.NotContains(t, o.get("/desk/cases/"+no).Body.String(), at)
	require.Equal(t, 403, o.get(at).Code)
	require.Equal(t, 403, o.ask("POST", at, parts("0 0 2 2")).Code)
}

func TestWhatIsKeptForTheLawAloneIsNotBlackedOut(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Handling, o.as("handler@CG03"))
	owner, _, at := o.attach(no, "a.png", redPNG(t))
	require.NoError(t, o.db.From(t.Context()).Exec("UPDATE cases SET frozen_at = ? WHERE case_no = ?", o.now, no).Error)
	o.as("supervisor@LJ")
	if p := o.get("/desk/cases/" + no); p.Code == 200 {
		require.NotContains(t, p.Body.String(), at)
	}
	require.Equal(t, 409, o.get(at).Code)
	require.Equal(t, 409, o.ask("POST", at, parts("0 0 1 1")).Code)
	list, err := o.files.List(o.system(), owner)
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestABlackedOutPictureOfASecretCaseIsNotCalledAfterItsSender(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		o.walk(no, cases.Dispatched, "")
		o.attach(no, "王小明的信.PNG", redPNG(t))
		_, _, at := o.attach(no, "王小明家.PNG", redPNG(t))
		o.as("handler@CG03")
		o.get(at).has("附件 2.png").hasNot("王小明")
		require.Equal(t, 303, o.ask("POST", at, parts("10 20 30 40")).Code)
		o.get("/desk/cases/"+no).has("附件 1.png", "附件 2（已遮蔽）.png", "附件 2.png → 附件 2（已遮蔽）.png").hasNot("王小明的信", "王小明家")
		require.Equal(t, 303, o.ask("POST", at, parts("10 20 30 50")).Code)
		o.get("/desk/cases/"+no).has("附件 2（已遮蔽 2）.png").hasNot("王小明家", "附件 3", "附件 4")
		o.as("head@CG03")
		paper := o.paper(no, "en")
		require.Contains(t, paper, "附件 1.png")
		require.NotContains(t, paper, "王小明")
	})
}

func TestPicturesOfACaseAreShownSmallToThoseWhoReadIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		r := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		o.walk(r.CaseNo, cases.Handling, handler)
		_, id, _ := o.attach(r.CaseNo, "王小明 13812345678.png", redPNG(t))
		_, text, _ := o.attach(r.CaseNo, "a.txt", []byte("hello"))
		at := "/desk/cases/" + r.CaseNo
		o.as("handler@CG03")
		p := o.get(at)
		require.Contains(t, p.Body.String(), `<img src="`+at+`/files/`+id+`/preview" width="160" height="120" loading="lazy" decoding="async" alt="Preview of the attachment “`)
		require.NotContains(t, p.Body.String(), text+"/preview")
		p.hasNot("王小明", "13812345678")
		small := o.get(at + "/files/" + id + "/preview")
		require.Equal(t, 200, small.Code)
		require.Equal(t, "image/jpeg", small.Header().Get("Content-Type"))
		require.Equal(t, "private, no-store", small.Header().Get("Cache-Control"))
		require.Empty(t, small.Header().Get("Content-Disposition"))
		_, err := jpeg.Decode(small.Body)
		require.NoError(t, err)
		require.Equal(t, 404, o.get(at+"/files/"+text+"/preview").Code)
		require.Equal(t, 404, o.get("/desk/cases/"+o.file().CaseNo+"/files/"+id+"/preview").Code, "of another case")
		o.as("handler@SW01")
		require.Equal(t, 404, o.get(at+"/files/"+id+"/preview").Code)
	})
}

// Small pictures show what the large ones do: whoever is shown those of a case stands
// in the log of reads once for a look at the page, however many there are.
func TestALookAtSmallPicturesStandsOnceInTheLogOfReads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("handler@CG03")
		no := o.file().CaseNo
		o.walk(no, cases.Handling, handler)
		var small []string
		for i := range 4 {
			_, id, _ := o.attach(no, fmt.Sprint(i, ".png"), redPNG(t))
			small = append(small, "/desk/cases/"+no+"/files/"+id+"/preview")
		}
		_, text, _ := o.attach(no, "a.txt", []byte("hello"))
		seen := func() (accounts []string) {
			require.NoError(t, d.From(t.Context()).Raw(`SELECT account_id FROM audit_reads WHERE object_kind = 'case' AND object_id = ? AND fields = '["preview"]' ORDER BY id`, no).Scan(&accounts).Error)
			return accounts
		}
		handler = o.as("handler@CG03")
		o.get("/desk/cases/" + no)
		require.Equal(t, 404, o.get("/desk/cases/"+no+"/files/"+text+"/preview").Code)
		require.Empty(t, seen(), "nothing was shown yet")
		page := func() { // as a browser fetches them
			var all sync.WaitGroup
			for _, at := range append(small, small...) {
				all.Go(func() { o.handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", at, nil)) })
			}
			all.Wait()
		}
		page()
		require.Equal(t, []string{handler}, seen())
		o.now = o.now.Add(4 * time.Minute)
		o.get(small[0])
		require.Len(t, seen(), 1)
		o.now = o.now.Add(2 * time.Minute)
		page()
		require.Equal(t, []string{handler, handler}, seen(), "a look later on")
		head := o.as("head@CG03")
		o.get(small[1])
		require.Equal(t, []string{handler, handler, head}, seen(), "somebody else")
		o.as("handler@SW01")
		require.Equal(t, 404, o.get(small[0]).Code)
		require.Len(t, seen(), 3, "who is shown nothing reads nothing")
	})
}
