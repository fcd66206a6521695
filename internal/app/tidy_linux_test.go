package app

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyUnchangedPagesOfTheProgramAreUnmapped(t *testing.T) {
	const listing = `00400000-01c52000 r-xp 00000000 fe:00 11466342                           /srv/minqing
Size:              24904 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
01c52000-03766000 r--p 01852000 fe:00 11466342                           /srv/minqing
Size:              27728 kB
Anonymous:             8 kB
03766000-03915000 rw-p 03366000 fe:00 11466342                           /srv/minqing
Anonymous:             0 kB
03915000-059e8000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f6e32bb0000-7f6e33100000 r-xp 00000000 fe:00 77                         /lib/libc.so.6
Anonymous:             0 kB
`
	require.Equal(t, []mapping{{0x400000, 0x1c52000}}, unchanged(strings.NewReader(listing), "/srv/minqing"))

	name, err := os.Executable()
	require.NoError(t, err)
	own, err := os.Open("/proc/self/smaps")
	require.NoError(t, err)
	defer own.Close()
	require.NotEmpty(t, unchanged(own, name))
	unmapProgram() // and the test still runs
}
