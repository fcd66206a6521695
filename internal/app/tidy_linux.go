package app

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// unmapProgram takes the program's own file out of the process's memory. The
// start goes through code that never runs again, such as the schemas of every
// table and form, and Linux maps sixteen pages for each that is touched, so in
// the end nearly the whole file counts as resident. Code and constants that are
// wanted again are mapped again, from the system's cache of files.
func unmapProgram() {
	name, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	for _, m := range unchanged(maps, name) {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED) // a favour, not a need
	}
}

type mapping struct{ start, end uintptr }

// unchanged finds the mappings of a file whose pages are all as in the file, by
// a listing like that of /proc/self/smaps: of the others, changes would be lost.
func unchanged(smaps io.Reader, file string) []mapping {
	var found []mapping
	var at mapping
	ours := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		key, rest, _ := strings.Cut(lines.Text(), " ")
		if from, to, ok := strings.Cut(key, "-"); ok && !strings.HasSuffix(key, ":") {
			start, bad := strconv.ParseUint(from, 16, 64)
			end, worse := strconv.ParseUint(to, 16, 64)
			at = mapping{uintptr(start), uintptr(end)}
			perms, _, _ := strings.Cut(rest, " ")
			ours = bad == nil && worse == nil && strings.HasSuffix(rest, " "+file) && !strings.Contains(perms, "w")
			continue
		}
		if key == "Anonymous:" && ours && strings.TrimSpace(rest) == "0 kB" {
			found = append(found, at)
		}
	}
	return found
}
