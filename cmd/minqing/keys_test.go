package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// with is the patient with another setting.
func (p *patient) with(setting string) *patient {
	other := *p
	other.environ = append(append([]string{}, p.environ...), setting)
	return &other
}

func TestKeysChangeAndCopiesKeepTheirs(t *testing.T) {
	eachPair(t, func(t *testing.T, p *patient, empty func() *patient) {
		does := func(p *patient, args ...string) string {
			t.Helper()
			s := p.run(t, nil, args...)
			require.Zero(t, s.code, s.err)
			return s.out
		}
		refuses := func(p *patient, why string, args ...string) {
			t.Helper()
			s := p.run(t, nil, args...)
			require.Equal(t, 1, s.code, s.out)
			require.Contains(t, s.err, why)
		}
		does(p, "demo", "load", "--cases", "60")
		require.Contains(t, does(p, "keys", "add"), "k2")
		refuses(p, "k9", "keys", "promote", "k9")
		does(p, "keys", "promote", "k2")
		require.Contains(t, does(p, "keys", "status"), "runs since")
		refuses(p, "still stand under", "keys", "retire", "k1")
		halfway := filepath.Join(p.dir, "halfway.backup") // nothing is wrapped anew yet
		does(p, "backup", halfway)
		both := empty().keyed(t, p)
		does(both, "restore", halfway)
		does(both, "keys", "run")
		require.Contains(t, does(both, "keys", "status"), "done")

		does(p, "keys", "run")
		require.Regexp(t, `(?m)^k1 +old +[0-9a-f]{16} +0 data keys, 0 keyed hashes, [1-9]`, does(p, "keys", "list"))
		old := empty().keyed(t, p) // a machine with the file of before
		does(p, "keys", "retire", "k1")
		require.Regexp(t, `(?m)^k1 +retired`, does(p, "keys", "list"))
		later := filepath.Join(p.dir, "later.backup")
		does(p, "backup", later)
		refuses(empty().keyed(t, p), "k1 is another key", "restore", halfway)
		does(old, "restore", later)
		does(empty().keyed(t, p), "restore", later)
		refuses(p, "--renew-codes", "keys", "drop", "k1")
		does(p, "keys", "drop", "k1", "--renew-codes")
		require.NotContains(t, does(p, "keys", "list"), "k1")
		refuses(p, "no key", "keys", "retire", "k1")
		require.Contains(t, does(p, "keys", "add"), "k3", "a name that was used is not used again")
		does(p, "keys", "renew", "person", "--now")
		require.Contains(t, does(p, "keys", "status"), "new data keys of person")
		require.Equal(t, 2, p.run(t, nil, "keys", "renew", "nobody").code)
		does(p, "audit", "verify")

		body, err := os.ReadFile(p.keys)
		require.NoError(t, err)
		inline := p.with("MINQING_KEYS=" + string(body))
		require.Contains(t, does(inline, "keys", "list"), "k2")
		refuses(inline, "MINQING_KEYS itself", "keys", "add")
		require.NotContains(t, inline.run(t, nil, "doctor", "--verbose").out, `"secret"`)
		require.NoError(t, os.Chmod(p.keys, 0o644))
		refuses(p, "chmod 600 "+p.keys, "serve")
	})
}

func TestRetentionReportsAreSigned(t *testing.T) {
	p := newPatient(t, "")
	require.Zero(t, p.run(t, nil, "demo", "load", "--cases", "200").code)
	require.Equal(t, 1, p.run(t, nil, "retention", "amend", "case-file", "--period", "a day", "--basis", "b", "--source", "s").code)
	require.Zero(t, p.run(t, nil, "retention", "amend", "case-file", "--period", "P1D", "--basis", "a test", "--source", "a test").code)
	s := p.run(t, nil, "retention", "run", "--dry-run")
	require.Zero(t, s.code, s.err)
	due := regexp.MustCompile(`(?m)^case-file .* (\d+) records, 0 of them held`).FindStringSubmatch(s.out)
	require.NotNil(t, due, s.out)
	require.NotEqual(t, "0", due[1])
	report := filepath.Join(p.dir, "report.json")
	s = p.run(t, nil, "retention", "run", "--report", report)
	require.Zero(t, s.code, s.err)
	s = p.run(t, nil, "retention", "verify", report)
	require.Zero(t, s.code, s.err)
	require.Contains(t, s.out, "signed with Ed25519 under k1")
	require.Equal(t, 1, p.run(t, nil, "retention", "run", "--report", report).code, "nobody's report is written over")
	s = p.run(t, nil, "retention", "run", "--dry-run")
	require.Regexp(t, `(?m)^case-file .* 0 records`, s.out)
	body, err := os.ReadFile(report)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(report, bytes.Replace(body, []byte(`"action": "anonymise"`), []byte(`"action": "delete"`), 1), 0o600))
	s = p.run(t, nil, "retention", "verify", report)
	require.Equal(t, 1, s.code)
	require.Contains(t, s.err, "changed after it was signed")
}
