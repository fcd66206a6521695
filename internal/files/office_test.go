package files_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"image/jpeg"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

// unpacked gives the parts of an office file; every XML part is well-formed.
func unpacked(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	parts := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		body, err := io.ReadAll(r)
		require.NoError(t, err, f.Name)
		parts[f.Name] = string(body)
		if strings.HasSuffix(f.Name, ".xml") || strings.HasSuffix(f.Name, ".rels") {
			_, err := tokens(body)
			require.NoError(t, err, f.Name)
		}
	}
	return parts
}

// tokens reads XML as it stands, prefixes and all.
func tokens(raw []byte) (list []xml.Token, err error) {
	for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
		one, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, xml.CopyToken(one))
	}
}

const wordNS = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"`

// wordFile was written, changed and commented on by somebody with a name.
func wordFile(t testing.TB) []byte {
	photo, _ := jpegPicture(t, 6)
	return office(t, "word/document.xml", map[string]string{
		"word/document.xml": `<?xml version="1.0" encoding="UTF-8"?><!-- a > b --><w:document` + wordNS + `><w:body><w:p><w:ins w:id="1" w:author = 'Wang "X" > Y' w:date="2026-11-20T08:00:00Z">` +
			`<w:r><w:t xml:space="preserve">路燈 &lt; 不亮 </w:t></w:r></w:ins><w:del w:id="2" w:author="Wang Xiaoming"/><w:permStart w:id="3" w:ed="wang@example.org"/><![CDATA[a<b]]></w:p></w:body></w:document>`,
		"word/comments.xml":           `<w:comments` + wordNS + `><w:comment w:id="0" w:author="Wang Xiaoming" w:initials="WX"><w:p><w:r><w:t>請看</w:t></w:r></w:p></w:comment></w:comments>`,
		"word/footnotes.xml":          `<w:footnotes` + wordNS + `><w:ins w:author="Wang"/></w:footnotes>`,
		"word/people.xml":             `<w15:people` + wordNS + `><w15:person w15:author="Wang Xiaoming"><w15:presenceInfo w15:providerId="AD" w15:userId="S::wang@example.org::1"/></w15:person></w15:people>`,
		"word/_rels/settings.rels":    `<Relationships><Relationship Id="r1" Target="file:///C:\Users\Wang\a.dotx" TargetMode="External"/><Relationship Id="r2" Target="media/image1.jpeg"/></Relationships>`,
		"word/media/image1.jpeg":      string(photo),
		"word/media/image2.emf":       "\x01\x00\x00\x00 drawn",
		"word/media/image3.jpeg":      string(photo[:len(photo)-200]),
		"word/embeddings/Sheet1.xlsx": string(office(t, "xl/workbook.xml", map[string]string{"xl/workbook.xml": `<workbook xmlns:x15ac="urn:x"><x15ac:absPath url="C:\Users\Wang\"/></workbook>`})),
		"word/embeddings/other.bin":   "PK\x03\x04 no archive",
	})
}

func TestAWordFileNamesNobodyWhoWroteInIt(t *testing.T) {
	got := strip(t, "a.docx", wordFile(t))
	parts := unpacked(t, got)
	inner := unpacked(t, []byte(parts["word/embeddings/Sheet1.xlsx"]))
	require.Equal(t, `<workbook xmlns:x15ac="urn:x"><x15ac:absPath url=""/></workbook>`, inner["xl/workbook.xml"])
	for _, all := range []map[string]string{parts, inner} {
		for name, body := range all {
			require.NotContains(t, strings.ToLower(body), "wang", name)
		}
	}
	require.Contains(t, parts["word/document.xml"], `<w:ins w:id="1" w:author = 'Author' w:date="2026-11-20T08:00:00Z"><w:r><w:t xml:space="preserve">路燈 &lt; 不亮 </w:t>`)
	require.Contains(t, parts["word/document.xml"], `<!-- a > b -->`)
	require.Contains(t, parts["word/document.xml"], `<![CDATA[a<b]]>`)
	require.Contains(t, parts["word/comments.xml"], `w:author="Author" w:initials="A"`)
	require.Contains(t, parts["word/_rels/settings.rels"], `Target="media/image1.jpeg"`)
	require.Equal(t, "\x01\x00\x00\x00 drawn", parts["word/media/image2.emf"])
	require.Equal(t, "PK\x03\x04 no archive", parts["word/embeddings/other.bin"])
	require.Len(t, parts, 13)
	_, err := jpeg.Decode(strings.NewReader(parts["word/media/image1.jpeg"]))
	require.NoError(t, err)
	require.Greater(t, len(parts["word/media/image3.jpeg"]), 500, "a damaged picture stays as far as it goes")
	require.Equal(t, parts, unpacked(t, strip(t, "a.docx", got)), "stripping twice changes nothing more")
}

// excelFile is made by the library that makes our own tables.
func excelFile(t testing.TB) []byte {
	t.Helper()
	book := excelize.NewFile()
	require.NoError(t, book.SetCellValue("Sheet1", "A1", "路燈"))
	require.NoError(t, book.SetDocProps(&excelize.DocProperties{Creator: "Wang Xiaoming"}))
	require.NoError(t, book.AddComment("Sheet1", excelize.Comment{Cell: "A1", Author: "Wang Xiaoming",
		Paragraph: []excelize.RichTextRun{{Text: "Wang Xiaoming:", Font: &excelize.Font{Bold: true}}, {Text: "三天了 & 不亮"}}}))
	photo, _ := jpegPicture(t, 1)
	require.NoError(t, book.AddPictureFromBytes("Sheet1", "C3", &excelize.Picture{Extension: ".jpg", File: photo}))
	book.Pkg.Store("xl/persons/person.xml", []byte(`<personList xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">`+
		`<person displayName="Wang Xiaoming" id="{A1}" userId="S::wang@example.org::1" providerId="AD"/></personList>`))
	var b bytes.Buffer
	require.NoError(t, book.Write(&b))
	return b.Bytes()
}

func TestAnExcelFileNamesNobodyWhoWroteInIt(t *testing.T) {
	raw := excelFile(t)
	before := unpacked(t, raw)
	require.Contains(t, before["xl/persons/person.xml"], "Wang")
	got := strip(t, "a.xlsx", raw)
	parts := unpacked(t, got)
	require.Len(t, parts, len(before))
	for name, body := range parts {
		require.NotContains(t, strings.ToLower(body), "wang", name)
	}
	require.Contains(t, parts["xl/persons/person.xml"], `<person displayName="Author" id="{A1}" userId="Author" providerId="None"/>`)
	book, err := excelize.OpenReader(bytes.NewReader(got))
	require.NoError(t, err)
	notes, err := book.GetComments("Sheet1")
	require.NoError(t, err)
	require.Len(t, notes, 1)
	require.Equal(t, "Author", notes[0].Author)
	require.Equal(t, "三天了 & 不亮", notes[0].Paragraph[1].Text)
	said, err := book.GetCellValue("Sheet1", "A1")
	require.NoError(t, err)
	require.Equal(t, "路燈", said)
	pictures, err := book.GetPictures("Sheet1", "C3")
	require.NoError(t, err)
	_, err = jpeg.Decode(bytes.NewReader(pictures[0].File))
	require.NoError(t, err)
}

func TestAnOfficeFileIsKeptWithoutNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		raw := excelFile(t)
		f, err := b.Add(t.Context(), files.Upload{Owner: owner, Name: "燈.xlsx", Content: bytes.NewReader(raw), Size: int64(len(raw))})
		require.NoError(t, err)
		in, err := b.Open(t.Context(), owner, f.ID)
		require.NoError(t, err)
		defer in.Close()
		got, err := io.ReadAll(in)
		require.NoError(t, err)
		require.Len(t, got, int(f.Size))
		require.NotContains(t, unpacked(t, got)["xl/comments1.xml"], "Wang")

		raw = office(t, "word/document.xml", map[string]string{"word/comments.xml": `<w:comments><w:comment w:author="Wang`})
		_, err = b.Add(t.Context(), files.Upload{Owner: owner, Name: "a.docx", Content: bytes.NewReader(raw), Size: int64(len(raw))})
		bad, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, "files.type.broken", bad.Fields[0].Key)
		require.Equal(t, int64(1), b.rows(t), "a file that cannot be read is not kept")
	})
}

func TestWhatAnOfficeFileMayUnpackIsBounded(t *testing.T) {
	large := strings.Repeat(" ", 60<<20)
	for name, raw := range map[string][]byte{
		"text":    office(t, "word/document.xml", map[string]string{"word/document.xml": large, "word/comments.xml": large}),
		"picture": office(t, "word/document.xml", map[string]string{"word/media/a.jpg": "\xff\xd8\xff" + large}),
	} {
		err := files.Strip(io.Discard, "a.docx", bytes.NewReader(raw), int64(len(raw)))
		bad, ok := fault.As(err)
		require.True(t, ok, name)
		require.Equal(t, "files.type.swells", bad.Fields[0].Key)
	}
}

func TestPartsThatAreNoOfficeXMLAreRefused(t *testing.T) {
	for _, body := range []string{"\xff\xfe<\x00a\x00", "\x00<", `<!DOCTYPE a [<!ENTITY n "Wang">]><a/>`, `<a w:author=Wang>`, `<a b>`, `<a b="`, "<", "<!-- a", "<![CDATA[ ]]", `<a b="c"`} {
		require.Error(t, files.BlankNames(io.Discard, strings.NewReader(body), false), body)
	}
	var out bytes.Buffer
	require.NoError(t, files.BlankNames(&out, strings.NewReader("\xef\xbb\xbf<a xmlns:author='urn:a' x:author=''/>\n"), false))
	require.Equal(t, "\xef\xbb\xbf<a xmlns:author='urn:a' x:author=''/>\n", out.String())
	out.Reset()
	require.NoError(t, files.BlankNames(&out, strings.NewReader("<c><author>tc={1}</author><author/><author> 王\n</author><t> 王：在</t><t>王五：王</t></c>"), true))
	require.Equal(t, "<c><author>tc={1}</author><author/><author>Author</author><t>Author：在</t><t>王五：王</t></c>", out.String())
}

// What the rewriter takes and an XML reader takes too says the same afterwards, but
// for the names.
func FuzzBlankNames(f *testing.F) {
	for name, body := range unpacked(f, wordFile(f)) {
		if strings.HasSuffix(name, ".xml") {
			f.Add([]byte(body), false)
		}
	}
	f.Add([]byte("<c><author>王</author><t>王:在</t></c>"), true)
	f.Fuzz(func(t *testing.T, raw []byte, notes bool) {
		var out bytes.Buffer
		err := files.BlankNames(&out, bytes.NewReader(raw), notes)
		before, bad := tokens(raw)
		if bad != nil || bytes.Contains(raw, []byte("<!")) || bytes.IndexByte(raw, 0) >= 0 {
			return
		}
		if notes {
			if err == nil {
				_, bad = tokens(out.Bytes())
				require.NoError(t, bad)
			}
			return
		}
		require.NoError(t, err)
		after, bad := tokens(out.Bytes())
		require.NoError(t, bad)
		require.Len(t, after, len(before))
		for i := range before {
			if e, ok := before[i].(xml.StartElement); ok {
				for j := range e.Attr {
					blanked(&e.Attr[j])
				}
			}
			require.Equal(t, before[i], after[i])
		}
	})
}

func blanked(a *xml.Attr) {
	name := a.Name.Local[strings.LastIndex(a.Name.Local, ":")+1:]
	if is, ok := map[string]string{"author": "Author", "ed": "Author", "initials": "A"}[name]; ok && a.Value != "" && !strings.HasPrefix(a.Name.Space, "xmlns") {
		a.Value = is
	}
}
