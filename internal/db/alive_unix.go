//go:build unix

package db

import (
	"errors"
	"syscall"
)

// nothingToRead peeks at a socket without waiting and without taking anything.
// The runtime keeps its sockets non-blocking.
func nothingToRead(fd uintptr) bool {
	var one [1]byte
	_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
	return errors.Is(err, syscall.EAGAIN)
}
