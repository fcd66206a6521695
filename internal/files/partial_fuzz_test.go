package files_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

// Whatever a browser says of a file and of where its bytes belong: what is not taken
// leaves nothing, and what is taken lies within the size that was said.
func FuzzWhatABrowserSaysOfAnUpload(f *testing.F) {
	f.Add("a.pdf", int64(9), "", int64(0), uint16(9))
	f.Add("../../etc/passwd", int64(-1), "zz", int64(-1), uint16(1))
	f.Add("a\r\nSet-Cookie: x.png", int64(files.MaxSize+1), "", int64(1)<<62, uint16(0))
	f.Add("\xff.docx", int64(1), "00000000000000000000000000000000000000000000000000000000000000AB", int64(9223372036854775807), uint16(65535))
	f.Fuzz(func(t *testing.T, name string, size int64, digest string, offset int64, n uint16) {
		s := newSender(t, newBench(t, dbtest.New(t), nil))
		p, err := s.Begin(t.Context(), files.Beginning{AccountID: s.id, OwnerID: "c1", Place: "plan", Name: name, Size: size, Digest: digest})
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			require.Zero(t, s.number(t, "file_uploads"))
			return
		}
		require.True(t, size > 0 && size <= files.MaxSize, size)
		again, err := s.Begin(t.Context(), files.Beginning{AccountID: s.id, OwnerID: "c1", Place: "plan", Name: name, Size: size, Digest: digest})
		require.NoError(t, err)
		require.Equal(t, digest != "", again.ID == p.ID, "with a digest it goes on")
		err = s.Append(t.Context(), p, offset, make([]byte, n))
		require.Equal(t, offset == 0 && int64(n) <= size, err == nil, "%d bytes at %d of %d: %v", n, offset, size, err)
		if err != nil {
			require.Contains(t, []fault.Kind{fault.Invalid, fault.Conflict}, fault.KindOf(err), "%v", err)
			n = 0
		}
		now, err := s.Partial(t.Context(), p.ID, s.id, "c1")
		require.NoError(t, err)
		require.EqualValues(t, n, now.Received)
	})
}
