package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a running process that answers on loopback.
type server struct {
	name string
	url  string
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// start runs a program until stop and waits for its first answer to path; it
// gives how long that took.
func start(ctx context.Context, name, path string, env []string, program string, args ...string) (*server, time.Duration, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	s := &server{name: name, url: "http://" + listen, cmd: exec.CommandContext(ctx, program, append(args, "--listen", listen)...)}
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, 0, err
	}
	for time.Since(began) < 2*time.Minute {
		if r, err := http.Get(s.url + path); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			if r.StatusCode < 500 {
				return s, time.Since(began), nil
			}
		}
		time.Sleep(time.Millisecond)
	}
	return nil, 0, errors.Join(fmt.Errorf("%s does not answer: %s", name, s.log.String()), s.stop())
}

func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself: Wait tells
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", s.name, err, s.log.String())
	}
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// run runs a program to its end.
func run(ctx context.Context, env []string, stdin string, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out), nil
}

// ticks are the kernel's units of processor time: 100 a second on Linux, whatever the hardware.
const ticks = 100

// stat reads a process's parent and its processor time, with that of children
// that have ended.
func stat(pid int) (parent int, spent time.Duration) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	// The name in brackets may hold blanks; what follows is numbers.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 15 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(f[1])
	var sum int
	for _, field := range f[11:15] {
		n, _ := strconv.Atoi(field)
		sum += n
	}
	return parent, time.Duration(sum) * time.Second / ticks
}

// spent is the processor time of a server and of the whole database.
func (b *bench) spent(s *server) time.Duration {
	_, sum := stat(s.cmd.Process.Pid)
	_, own := stat(b.postmaster)
	sum += own
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return sum
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if parent, spent := stat(pid); parent == b.postmaster {
				sum += spent
			}
		}
	}
	return sum
}

// resident is a process's memory in MB.
func (s *server) resident() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kb / 1024
}
