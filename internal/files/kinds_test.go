package files_test

import (
	"bytes"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

func TestOnlyTheKindsThatAreWantedAreTaken(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	contents := map[string][]byte{
		"a.pdf": []byte("%PDF-1.4\n%%EOF\n"), "a.png": pngOf(t, image.NewGray(image.Rect(0, 0, 2, 2))), "a.txt": []byte("abc"),
		"a.dwg": append([]byte("AC1032\x00\x00"), make([]byte, 40)...), "a.dxf": []byte("  0\r\nSECTION\r\n  2\r\nHEADER\r\n"),
		"b.dxf": []byte("999\nmade by hand\n  0\nSECTION\n"), "x.exe": []byte("MZ\x00\x01"),
	}
	try := func(name string, kinds ...files.Kind) string {
		raw := contents[name]
		err := b.Examine(files.Upload{Owner: ofCase, Name: name, Content: bytes.NewReader(raw), Size: int64(len(raw)), Kinds: kinds})
		if err == nil {
			return ""
		}
		f, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		return f.Fields[0].Key
	}
	for name, taken := range map[string][]files.Kind{"a.pdf": {files.PDF}, "a.png": {files.Image}, "a.txt": nil, "a.dwg": {files.Drawing},
		"a.dxf": {files.Drawing}, "b.dxf": {files.Drawing}, "x.exe": nil} {
		for _, k := range files.Kinds {
			if len(taken) == 1 && taken[0] == k {
				require.Empty(t, try(name, k), "%s as %s", name, k)
			} else {
				require.Equal(t, "files.wanted", try(name, k), "%s as %s", name, k)
			}
		}
	}
	require.Empty(t, try("a.txt"))
	require.Equal(t, "files.type.refused", try("a.dwg"), "a drawing only where one is wanted")
	require.Equal(t, "files.type.refused", try("x.exe"))
	contents["plan.pdf"] = contents["a.dwg"]
	require.Equal(t, "files.type.mismatch", try("plan.pdf", files.PDF, files.Drawing))
	require.Equal(t, ".pdf,.dwg,.dxf", files.AcceptOf([]files.Kind{files.Drawing, files.PDF}))
	require.Equal(t, files.Accept, files.AcceptOf(nil))

	raw := contents["a.dwg"]
	f, err := b.Add(t.Context(), files.Upload{Owner: ofCase, Name: "平面.dwg", Content: bytes.NewReader(raw), Size: int64(len(raw)), Kinds: []files.Kind{files.Drawing}})
	require.NoError(t, err)
	require.Equal(t, "image/vnd.dwg", f.MediaType)
	require.Equal(t, raw, b.content(t, f.ID))
	require.Error(t, b.Discreet(t.Context(), string(files.Case), ofCase.ID), "it says who drew it")
}
