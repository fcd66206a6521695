package main

import (
	"bufio"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADoctorAsksTheScanner(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if word, _ := bufio.NewReader(c).ReadString(0); word == "zPING\x00" {
				_, _ = io.WriteString(c, "PONG\x00")
			}
			_ = c.Close()
		}
	}()
	p := newPatient(t, "")
	require.Regexp(t, `^warn +scanner .*nobody looks.* → .*MINQING_SCANNER_URL`, p.run(t, nil, "doctor").line(t, "scanner"))
	with := []string{"MINQING_SCANNER_URL=tcp://" + l.Addr().String()}
	require.Regexp(t, `^ok +scanner .*answers`, p.run(t, with, "doctor").line(t, "scanner"))
	require.NoError(t, l.Close())
	s := p.run(t, with, "doctor")
	require.Equal(t, 1, s.code)
	require.Regexp(t, `^fail +scanner .*does not answer.* → .*MINQING_SCANNER_URL`, s.line(t, "scanner"))
}
