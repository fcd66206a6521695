package notify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/notify"
)

func TestATextTravelsInParts(t *testing.T) {
	for _, c := range []struct {
		text              string
		characters, parts int
	}{
		{"", 0, 0},
		{strings.Repeat("a", 160), 160, 1},
		{strings.Repeat("a", 161), 161, 2},
		{strings.Repeat("a", 306), 306, 2},
		{strings.Repeat("a", 307), 307, 3},
		{strings.Repeat("€", 80), 80, 1},
		{strings.Repeat("€", 81), 81, 2},
		{strings.Repeat("案", 70), 70, 1},
		{strings.Repeat("案", 71), 71, 2},
		{strings.Repeat("a", 70) + "案", 71, 2},
		{strings.Repeat("𠮷", 35), 35, 1},
		{strings.Repeat("𠮷", 36), 36, 2},
		{strings.Repeat("案", 134), 134, 2},
		{strings.Repeat("案", 135), 135, 3},
	} {
		characters, parts := notify.Segments(c.text)
		require.Equal(t, c.characters, characters, c.text)
		require.Equal(t, c.parts, parts, c.text)
	}
}
