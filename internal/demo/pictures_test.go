package demo_test

import (
	"bytes"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/demo"
)

func TestPicturesOfTheCityAreSmallAndDifferent(t *testing.T) {
	var before []byte
	for _, p := range demo.Pictures {
		raw, err := p.JPEG()
		require.NoError(t, err)
		require.Less(t, len(raw), 64<<10, p.Name)
		require.NotEqual(t, before, raw)
		shown, err := jpeg.Decode(bytes.NewReader(raw))
		require.NoError(t, err)
		require.Equal(t, 640, shown.Bounds().Dx())
		before = raw
	}
}
