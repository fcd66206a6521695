package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func deadline(c DeadlineCmd) (string, error) {
	var out strings.Builder
	err := c.Run(&env{Out: &out})
	return out.String(), err
}

func TestDeadlineAnswersInJSON(t *testing.T) {
	out, err := deadline(DeadlineCmd{Calendar: "CN", From: "2026-03-02T09:15", Limit: "20wd", Suspend: []string{"2026-03-10..2026-03-20"}, JSON: true})
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Equal(t, "2026-04-13T23:59:59+08:00", got["due"])
	require.Equal(t, false, got["provisional"])
	require.NotEmpty(t, got["trace"])
	require.Len(t, got, 3)
}

func TestDeadlineExplainsEachDay(t *testing.T) {
	out, err := deadline(DeadlineCmd{Calendar: "CN", From: "2025-09-26", Limit: "1wd"})
	require.NoError(t, err)
	require.Contains(t, out, "Due Sun 2025-09-28 23:59:59 +08:00")
	require.Contains(t, out, "makeup")
	require.NotContains(t, out, "PROVISIONAL")
	out, err = deadline(DeadlineCmd{Calendar: "TW", From: "2026-12-31T17:00:00+08:00", Limit: "1wd"})
	require.NoError(t, err)
	require.Contains(t, out, "PROVISIONAL")
}

func TestDeadlineReadsACalendarFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cn-2027.toml")
	text := "extends = \"CN\"\nversion = \"2027.1\"\nsource = \"test\"\n[[year]]\nyear = 2027\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, err := deadline(DeadlineCmd{Calendar: file, From: "2026-12-31", Limit: "1wd"})
	require.NoError(t, err)
	require.Contains(t, out, "2027-01-01")
	require.NotContains(t, out, "PROVISIONAL")
}

func TestDeadlineRefusesWrongUse(t *testing.T) {
	good := DeadlineCmd{Calendar: "CN", From: "2026-03-02", Limit: "5wd"}
	for name, change := range map[string]func(*DeadlineCmd){
		"calendar": func(c *DeadlineCmd) { c.Calendar = "XX" },
		"from":     func(c *DeadlineCmd) { c.From = "2026-02-30" },
		"limit":    func(c *DeadlineCmd) { c.Limit = "5weeks" },
		"suspend":  func(c *DeadlineCmd) { c.Suspend = []string{"2026-03-20..2026-03-10"} },
	} {
		c := good
		change(&c)
		_, err := deadline(c)
		_, wrong := errors.AsType[usageError](err)
		require.True(t, wrong, name)
	}
}
