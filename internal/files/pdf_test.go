package files_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

// pdfWriter makes PDF files object by object, with the table that says where each is.
type pdfWriter struct {
	bytes.Buffer
	at map[int]int
}

func newPDF() *pdfWriter {
	w := &pdfWriter{at: map[int]int{}}
	w.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return w
}

func (w *pdfWriter) object(num int, body string) {
	w.at[num] = w.Len()
	fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", num, body)
}

func (w *pdfWriter) stream(num int, dictionary, data string) {
	w.object(num, fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dictionary, len(data), data))
}

// end writes the table and the trailer.
func (w *pdfWriter) end(trailer string) []byte {
	start := w.Len()
	fmt.Fprintf(w, "xref\n0 1\n0000000000 65535 f \n")
	for num, at := range w.at {
		fmt.Fprintf(w, "%d 1\n%010d 00000 n \n", num, at)
	}
	fmt.Fprintf(w, "trailer\n<</Size 20%s>>\nstartxref\n%d\n%%%%EOF\n", trailer, start)
	return w.Bytes()
}

func deflated(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

const pdfText = "(\\(Wang\\) Xiaoming)"

// chatty is a PDF that says in every place who made it.
func chatty(t testing.TB) []byte {
	photo, _ := jpegPicture(t, 1)
	w := newPDF()
	w.object(1, "<</Type/Catalog/Pages 2 0 R/Metadata 6 0 R/AcroForm<</Fields[<</T(lamp)/FT/Tx>>]>>>>")
	w.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	w.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Annots[<</Type/Annot/Subtype/Highlight/T"+pdfText+
		"/Contents(a lamp)>><</Subtype /Text /T <57616E67> /CA 1>>]/LastModified(D:2026)>>")
	w.stream(4, "", "BT (Wang wrote this on the page) Tj ET % Author (Wang)")
	w.object(5, "<</Title(Wang's lamp)/Author"+pdfText+"/Creator<FEFF005700610>/Company 9 0 R/CreationDate(D:2026)>>")
	w.stream(6, "/Type/Metadata/Subtype/XML", "<?xpacket?><dc:creator>Wang</dc:creator>")
	w.stream(7, "/Type/XObject/Subtype/Image/Filter[/DCTDecode]", string(photo))
	w.stream(8, "/Subtype/XML/Type/Metadata/Filter/FlateDecode", deflated("<dc:creator>Wang</dc:creator>"))
	w.object(9, "(Wang & Sons)")
	return w.end("/Root 1 0 R/Info 5 0 R")
}

func TestAPDFDoesNotSayWhoMadeIt(t *testing.T) {
	raw := chatty(t)
	got := strip(t, "a.pdf", raw)
	require.Len(t, got, len(raw), "nothing moves")
	text := string(got)
	require.Equal(t, 1, strings.Count(text, "Wang wrote this on the page"), "what can be read stays")
	require.NotContains(t, strings.Replace(text, "BT (Wang wrote this on the page) Tj ET % Author (Wang)", "", 1), "Wang")
	for _, gone := range []string{"57616E67", "FEFF0057", deflated("<dc:creator>Wang</dc:creator>")[2:20], "/Info", "/Metadata 6", "GPS 25"} {
		require.NotContains(t, text, gone)
	}
	for _, stays := range []string{"/T(lamp)", "(a lamp)", "/Root 1 0 R", "/Filter[/DCTDecode]", "ICC_PROFILE", "/LastModified"} {
		require.Contains(t, text, stays)
	}
	require.Equal(t, got, strip(t, "a.pdf", got), "stripping twice changes nothing more")
	for at := range raw { // each object begins where the table says
		if bytes.HasPrefix(raw[at:], []byte(" 0 obj")) {
			require.Equal(t, raw[at:at+6], got[at:at+6])
		}
	}
}

// Objects are mostly packed since PDF 1.5.
func TestWhatIsPackedInAPDFSaysNothingEither(t *testing.T) {
	info := "<</Author" + pdfText + "/Producer(Wang Writer 5)/Title(Wang)>>"
	note := "<</Type/Annot/Subtype/Text/T(Wang)/Contents(a lamp)>>"
	head := fmt.Sprintf("5 0 11 %d ", len(info)+1)
	body := head + info + " " + note
	for name, how := range map[string][2]string{"packed": {"/Filter/FlateDecode", deflated(body)}, "plain": {"", body}} {
		w := newPDF()
		w.object(1, "<</Type/Catalog/Pages 2 0 R>>")
		w.stream(10, fmt.Sprintf("/Type/ObjStm/N 2/First %d%s", len(head), how[0]), how[1])
		w.stream(12, "/Type/XRef/Root 1 0 R/Info 5 0 R/W[1 2 1]/Size 13", "tables")
		raw := bytes.Clone(w.Bytes())
		got := strip(t, "a.pdf", raw)
		require.Len(t, got, len(raw), name)
		data := got[bytes.Index(got, []byte("/ObjStm")):]
		data = data[bytes.Index(data, []byte("stream\n"))+7:]
		if name == "packed" {
			z, err := zlib.NewReader(bytes.NewReader(data))
			require.NoError(t, err)
			data, err = io.ReadAll(z)
			require.NoError(t, err)
			require.Len(t, data, len(body), "each object stays at its place")
		}
		require.NotContains(t, string(data), "Wang", name)
		require.Contains(t, string(data), "(a lamp)", name)
		require.NotContains(t, string(got), "/Info", name)
	}
}

// hearing hears that a file still tells.
type hearing struct {
	bytes.Buffer
	files.Tell
}

func TestEarlierStatesOfAPDFSayNothingEither(t *testing.T) {
	w := newPDF()
	w.object(1, "<</Type/Catalog>>")
	w.object(5, "<</Author(Wang)>>")
	w.end("/Root 1 0 R/Info 5 0 R")
	w.object(5, "<</Author(Li)>>")
	w.object(6, "<</Author(Wang again)>>")
	raw := w.end("/Root 1 0 R/Info 6 0 R/Prev 9")
	got := string(strip(t, "a.pdf", raw))
	require.NotContains(t, got, "Wang")
	require.NotContains(t, got, "(Li)")
}

// What a change would break, or what cannot be read, is kept and told of.
func TestASignedOrLockedPDFIsKeptAsItIsAndSaysSo(t *testing.T) {
	author := "5 0 obj<</Author(Wang)>>endobj\n"
	for name, raw := range map[string]string{
		"signed":             "%PDF-1.7\n" + author + "6 0 obj<</Type/Sig/ByteRange[0 10 20 30]/Contents<00>>>endobj\ntrailer<</Root 1 0 R/Info 5 0 R>>\n",
		"locked":             "%PDF-1.7\n" + author + "trailer<</Root 1 0 R/Info 5 0 R/Encrypt 7 0 R>>\n",
		"packed otherwise":   "%PDF-1.7\n" + author + "7 0 obj<</Type/ObjStm/N 1/First 4/Filter/LZWDecode/Length 3>>stream\nabc\nendstream endobj\ntrailer<</Root 1 0 R/Info 5 0 R>>\n",
		"packed and damaged": "%PDF-1.7\n" + author + "7 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length 3>>stream\nabc\nendstream endobj\n",
		"without an end":     "%PDF-1.7\n" + author + strings.Repeat("1 0 obj<<>>stream\n", 60_000),
		"packed oddly":       "%PDF-1.7\n" + author + "7 0 obj<</Type/ObjStm/N 9/First -1/Length 2>>stream\nab\nendstream endobj\n",
		"in each other":      "%PDF-1.7\n" + author + "7 0 obj<</Type/ObjStm/N 60000/First 240000>>stream\n" + strings.Repeat("1 0 ", 60_000) + "[" + strings.Repeat("1 ", 1<<16) + "] endstream endobj\n",
		"made to take long":  "%PDF-1.7\n" + author + strings.Repeat("1 0 obj[", 40_000) + strings.Repeat("1 ", 1<<20),
	} {
		h := &hearing{}
		require.NoError(t, files.Strip(h, "a.pdf", strings.NewReader(raw), int64(len(raw))))
		require.True(t, h.Told, name)
		require.Equal(t, raw, h.String(), name)
	}
	h := &hearing{}
	raw := chatty(t)
	require.NoError(t, files.Strip(h, "a.pdf", bytes.NewReader(raw), int64(len(raw))))
	require.False(t, h.Told)
}

const lockedPDF = "%PDF-1.7\n5 0 obj<</Author(Wang)>>endobj\ntrailer<</Root 1 0 R/Info 5 0 R/Encrypt 7 0 R>>\n"

func TestWhereNothingMayTellAFileThatTellsIsNotTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		u := text("王的.pdf", lockedPDF)
		u.Discreet = true
		_, err := b.Add(t.Context(), u)
		e, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, "files.tells", e.Fields[0].Key)
		require.Zero(t, b.rows(t))
		require.Empty(t, b.blobs(t))
		for _, one := range []files.Upload{text("b.pdf", string(chatty(t))), text("c.txt", "路燈")} {
			one.Discreet = true
			_, err := b.Add(t.Context(), one)
			require.NoError(t, err)
		}
		require.NoError(t, b.Service.Discreet(t.Context(), string(owner.Kind), owner.ID))
		f, err := b.Add(t.Context(), text("王的.pdf", lockedPDF))
		require.NoError(t, err, "where somebody may be known it is")
		e, ok = fault.As(b.Service.Discreet(t.Context(), string(owner.Kind), owner.ID))
		require.True(t, ok)
		require.Len(t, e.Fields, 1)
		require.Equal(t, "王的.pdf", e.Fields[0].Args["Name"])
		require.NoError(t, b.Remove(t.Context(), owner, f.ID))
		require.NoError(t, b.Service.Discreet(t.Context(), string(owner.Kind), owner.ID))
	})
}

func FuzzPDF(f *testing.F) {
	f.Add(chatty(f))
	f.Add([]byte("%PDF-1.7\n5 0 obj<</Author(Wang)/A<</B[<</C(\\)>>>>endobj trailer<</Root 1 0 R/Info 5 0 R>>"))
	f.Add([]byte("%PDF-1.7\n7 0 obj<</Type/ObjStm/N 9/First 9/Length 12>>stream\n1 0 2 9 <<>>\nendstream"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !bytes.HasPrefix(raw, []byte("%PDF-")) {
			return
		}
		h := &hearing{}
		require.NoError(t, files.Strip(h, "a.pdf", bytes.NewReader(raw), int64(len(raw))))
		require.Len(t, h.Bytes(), len(raw))
		require.Equal(t, raw[:5], h.Bytes()[:5])
		if h.Told {
			require.Equal(t, raw, h.Bytes())
		}
	})
}
