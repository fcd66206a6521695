package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const townUnits = `
valid_from: "2026-01-01"
units:
  - code: TOWN
    name: {en: Hill Town, zh-Hant: 山鎮, zh-Hans: 山镇}
    kind: city
    district: T
    zone: Asia/Shanghai
    calendar: CN
    office_hours: ["09:00-17:00"]
  - code: WORKS
    name: {en: Public Works, zh-Hant: 工務課, zh-Hans: 工务科}
    kind: bureau
    parent: TOWN
`

const townMatters = `
fields:
  - code: roads
    name: {en: Roads, zh-Hant: 道路, zh-Hans: 道路}
matters:
  - code: pothole
    field: roads
    name: {en: Pothole, zh-Hant: 坑洞, zh-Hans: 坑洞}
    kinds: [complaint]
    track: hotline
    handling_limit: 5wd
    unit: WORKS
    questions:
      - {name: depth, type: number, title: {en: How deep?}, min: 1, max: 200}
`

const townMap = `{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"code":"T1","parent":"T","level":"district","name":{"en":"North"}},
  "geometry":{"type":"Polygon","coordinates":[[[120,30],[120.1,30],[120.1,30.1],[120,30.1],[120,30]]]}},
 {"type":"Feature","properties":{"code":"T","level":"city","name":{"en":"Hill Town"}},
  "geometry":{"type":"Polygon","coordinates":[[[120,30],[120.1,30],[120.1,30.1],[120,30.1],[120,30]]]}}]}`

func written(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestATownBeginsFromItsOwnFiles(t *testing.T) {
	say := shell(t)
	files := []string{written(t, "units.yaml", townUnits), written(t, "matters.yaml", townMatters), written(t, "t.geojson", townMap)}
	bring := func(more ...string) said {
		return say("", append(append([]string{"import", "catalogue"}, files...), more...)...)
	}

	tried := bring("--dry-run")
	require.Zero(t, tried.code, tried.err)
	require.Contains(t, tried.out, "nothing was stored")
	require.NotContains(t, say("", "export", "catalogue").out, "WORKS")

	done := bring()
	require.Zero(t, done.code, done.err)
	require.Equal(t, "2 districts written, 1 fields added, 1 matters added, 2 units added.\n", done.out)
	require.Equal(t, "Everything is known already; nothing changed.\n", bring().out, "again, on whatever day")

	content, districts := say("", "export", "catalogue").out, say("", "export", "districts").out
	for _, want := range []string{"code: WORKS", "handling_limit: 5wd", "name: depth"} {
		require.Contains(t, content, want)
	}
	fresh := shell(t)
	back := fresh("", "import", "catalogue", written(t, "c.yaml", content), written(t, "d.geojson", districts))
	require.Zero(t, back.code, back.err)
	require.Equal(t, content, fresh("", "export", "catalogue").out)
	require.Equal(t, districts, fresh("", "export", "districts").out)
}

func TestMistakesInTheFilesOfATownAreNamed(t *testing.T) {
	units := written(t, "units.yaml", townUnits)
	area := written(t, "t.geojson", townMap)
	for name, c := range map[string]struct {
		file, content string
		code          int
		want          string
	}{
		"a key with a typing error": {"m.yaml", strings.Replace(townMatters, "handling_limit", "handling_limits", 1), 2, "handling_limits"},
		"a unit that is nowhere":    {"m.yaml", strings.Replace(townMatters, "unit: WORKS", "unit: PARKS", 1), 1, "matter.pothole: "},
		"a track that is none":      {"m.yaml", strings.Replace(townMatters, "track: hotline", "track: fast", 1), 1, "matter.pothole.track: "},
		"a limit that is none":      {"m.yaml", strings.Replace(townMatters, "5wd", "soon", 1), 2, "soon"},
		"no YAML":                   {"m.yaml", "units: [", 2, "m.yaml"},
		"a map without areas":       {"m.geojson", `{"type":"FeatureCollection","features":[]}`, 2, "m.geojson"},
		"a point for an area":       {"m.geojson", strings.Replace(townMap, `"type":"Polygon","coordinates":[[[120,30],[120.1,30],[120.1,30.1],[120,30.1],[120,30]]]`, `"type":"Point","coordinates":[120,30]`, 1), 2, "polygon"},
		"a level that is none":      {"m.geojson", strings.Replace(townMap, `"level":"district"`, `"level":"parish"`, 1), 1, "district.T1.level: "},
		"a file that is not there":  {"", "", 2, "no such file"},
		"a code that appears twice": {"m.yaml", townUnits, 1, "TOWN: This code appears twice"},
	} {
		t.Run(name, func(t *testing.T) {
			say := shell(t)
			path := filepath.Join(t.TempDir(), "missing.yaml")
			if c.file != "" {
				path = written(t, c.file, c.content)
			}
			got := say("", "import", "catalogue", units, area, path)
			require.Equal(t, c.code, got.code, got.err)
			require.Contains(t, got.err, c.want)
			require.NotContains(t, say("", "export", "catalogue").out, "WORKS", "all of it or nothing")
		})
	}
}

func TestTheCatalogueHasOneFormat(t *testing.T) {
	got := shell(t)("", "export", "districts", "--format", "xlsx")
	require.Equal(t, 2, got.code)
	require.Contains(t, got.err, "one format")
}
