package calendar

import (
	"bytes"
	"embed"
	"fmt"
	"sync"
)

//go:embed data/*.toml
var data embed.FS

var (
	mainland = sync.OnceValues(func() (*Calendar, error) { return open("data/cn.toml") })
	taiwan   = sync.OnceValues(func() (*Calendar, error) { return open("data/tw.toml") })
)

// Builtin is a calendar that comes with the program: "CN" for the mainland of
// China, "TW" for Taiwan.
func Builtin(code string) (*Calendar, error) {
	switch code {
	case "CN":
		return mainland()
	case "TW":
		return taiwan()
	}
	return nil, fmt.Errorf("calendar: no built-in calendar %q; there are CN and TW", code)
}

func open(name string) (*Calendar, error) {
	text, err := data.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return parse(bytes.NewReader(text), nil)
}
