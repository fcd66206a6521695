package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/oidc/oidctest"
	"minqing/internal/vault"
)

// patient is an installation whose doctor we ask.
type patient struct {
	dir, keys string
	environ   []string
}

func newPatient(t *testing.T, database string) *patient {
	p := &patient{dir: t.TempDir()}
	p.keys = filepath.Join(p.dir, "keys.json")
	if database == "" {
		database = "sqlite:" + filepath.Join(p.dir, "m.db")
	}
	p.environ = []string{"MINQING_DATABASE_URL=" + database, "MINQING_KEYS=" + p.keys, "MINQING_BLOB_URL=file:" + filepath.Join(p.dir, "blobs"),
		"MINQING_BASE_URL=https://portal.city.test"}
	return p
}

func (p *patient) run(t *testing.T, more []string, args ...string) said {
	var out, problems bytes.Buffer
	code := run(&env{Ctx: t.Context(), In: strings.NewReader(""), Out: &out, Err: &problems, Environ: append(more, p.environ...)}, args)
	return said{code, out.String(), problems.String()}
}

// line is what the doctor says of one thing.
func (s said) line(t *testing.T, about string) string {
	t.Helper()
	for _, l := range strings.Split(s.out, "\n") {
		if f := strings.Fields(l); len(f) > 1 && f[1] == about {
			return l
		}
	}
	t.Fatalf("not a word on %s:\n%s", about, s.out)
	return ""
}

func TestADoctorFindsASoundHouseSound(t *testing.T) {
	check := func(t *testing.T, database, engine string) {
		p := newPatient(t, database)
		require.Equal(t, 0, p.run(t, nil, "demo", "load").code)
		require.Equal(t, 0, p.run(t, nil, "audit", "verify").code)
		s := p.run(t, nil, "doctor")
		require.Equal(t, 0, s.code, s.out+s.err)
		for _, about := range []string{"settings", "database", "tables", "triggers", "keys", "signing", "files", "clock", "audit"} {
			require.Regexp(t, "^ok ", s.line(t, about))
		}
		require.Contains(t, s.line(t, "database"), engine)
		require.Regexp(t, `k1=[0-9a-f]{16}$`, s.line(t, "keys"))
		require.Regexp(t, `^warn  mail +off`, s.line(t, "mail"))
		require.NotContains(t, s.out, "MINQING_LISTEN", "settings only when asked")
	}
	t.Run("sqlite", func(t *testing.T) { check(t, "", "sqlite 3.") })
	t.Run("postgres", func(t *testing.T) { check(t, dbtest.Postgres(t).URL(), "postgres 1") })
}

func TestADoctorLeavesNothingBehind(t *testing.T) {
	p := newPatient(t, "")
	s := p.run(t, nil, "doctor")
	require.Equal(t, 0, s.code, "not there yet is not wrong: %s%s", s.out, s.err)
	for _, about := range []string{"database", "keys", "files"} {
		require.Regexp(t, "^warn ", s.line(t, about))
	}
	left, err := os.ReadDir(p.dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestADoctorNamesEachIllAndItsCure(t *testing.T) {
	p := newPatient(t, "")
	require.Equal(t, 0, p.run(t, nil, "demo", "load").code)
	ill := func(about, what, cure string, more ...string) {
		t.Helper()
		s := p.run(t, more, "doctor")
		require.Equal(t, 1, s.code, s.out)
		require.Regexp(t, "^fail .*"+what+".* → .*"+cure, s.line(t, about))
		require.Contains(t, s.err, "one thing is wrong")
	}
	require.NoError(t, os.Chmod(p.keys, 0o640))
	ill("keys", "0640", "chmod 600")
	require.NoError(t, os.Chmod(p.keys, 0o600))

	require.NoError(t, os.Rename(p.keys, p.keys+".away"))
	ill("keys", "no such file", "copy")
	body, err := os.ReadFile(p.keys + ".away")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(p.keys, bytes.ReplaceAll(body, []byte(`"k1"`), []byte(`"k9"`)), 0o600))
	ill("keys", `no key "k1"`, "copy")
	require.NoError(t, os.Rename(p.keys+".away", p.keys))

	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(p.dir, "m.db"), db.Options{})
	require.NoError(t, err)
	defer d.Close()
	require.NoError(t, d.From(t.Context()).Exec("INSERT INTO permit_keys (id, ring_key, algorithm, public, created_at) VALUES ('altered', 'k1', 'EdDSA', ?, ?)",
		make([]byte, 32), time.Now().UTC()).Error)
	ill("signing", "altered was changed", "restore the table permit_keys")
	require.NoError(t, d.From(t.Context()).Exec("DELETE FROM permit_keys").Error)

	ill("mail", "connection refused", "MINQING_SMTP_URL", "MINQING_SMTP_URL=smtp://mailer:hunter2@127.0.0.1:1?starttls=off")
	require.Equal(t, 0, p.run(t, nil, "doctor").code, "cured")
}

func TestADoctorSeesATrailThatWasAltered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPatient(t, d.URL())
		require.Equal(t, 0, p.run(t, nil, "demo", "load").code)
		require.Equal(t, 0, p.run(t, nil, "audit", "verify").code)
		alter := func(sql string, args ...any) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error)
		}
		ring, err := vault.LoadRing(p.keys)
		require.NoError(t, err)
		sealer := audit.New(d, time.Now)
		sealer.SignWith(vault.New(d, ring, time.Now))
		n, err := sealer.Seal(t.Context())
		require.NoError(t, err)
		require.Positive(t, n)
		require.Regexp(t, "^ok .* seals hold", p.run(t, nil, "doctor").line(t, "audit"))
		alter("UPDATE audit_seals SET sealed_at = ? WHERE seq = 1", time.Now().UTC())
		s := p.run(t, nil, "doctor")
		require.Equal(t, 1, s.code)
		require.Regexp(t, "^fail .*broken at seal 1, .*: link →", s.line(t, "audit"))
		alter("DELETE FROM audit_seals")
		require.Regexp(t, "^ok .* the last 0 of 0", p.run(t, nil, "doctor").line(t, "audit"), "young entries may wait")
	})
}

func TestADoctorReportsPendingMigrations(t *testing.T) {
	p := newPatient(t, "")
	require.Equal(t, 0, p.run(t, nil, "migrate", "up").code)
	require.Equal(t, 0, p.run(t, nil, "migrate", "down").code)
	s := p.run(t, nil, "doctor")
	require.Equal(t, 0, s.code, s.out)
	require.Regexp(t, `^warn .*1 of \d+ migrations are pending`, s.line(t, "tables"))
	s = p.run(t, []string{"MINQING_AUTO_MIGRATE=off"}, "doctor")
	require.Equal(t, 1, s.code)
	require.Regexp(t, `^fail .*migrations are pending → minqing migrate up`, s.line(t, "tables"))
}

func TestADoctorKeepsSecrets(t *testing.T) {
	p := newPatient(t, "postgres://minqing:hunter2@127.0.0.1:1/minqing?connect_timeout=2")
	s := p.run(t, nil, "doctor", "--verbose")
	require.Equal(t, 1, s.code)
	require.Regexp(t, "^fail .*127.0.0.1.* → .*MINQING_DATABASE_URL", s.line(t, "database"))
	require.Contains(t, s.out, "MINQING_LISTEN")
	require.Regexp(t, `MINQING_LOCALE +zh-Hant +\(default\)`, s.out)
	require.NotContains(t, s.out+s.err, "hunter2")

	s = p.run(t, []string{"MINQING_LOCALE=de", "MINQING_CALENDAR=cn"}, "doctor")
	require.Equal(t, 1, s.code)
	require.Equal(t, 2, strings.Count(s.out, "fail  settings"))
	require.Contains(t, s.err, "2 things are wrong")
}

func TestADoctorAsksTheProviders(t *testing.T) {
	idp := oidctest.New(t, time.Now)
	p := newPatient(t, "")
	require.Equal(t, 0, p.run(t, nil, "demo", "load").code)
	with := []string{"MINQING_OIDC_STAFF_ISSUER=" + idp.URL, "MINQING_OIDC_STAFF_CLIENT_ID=portal", "MINQING_OIDC_STAFF_ROLES=lamps=handler@CG03"}
	require.Regexp(t, `^ok +providers +http://127.* answers$`, p.run(t, with, "doctor").line(t, "providers"))
	wrong := append([]string{}, with...)
	wrong[2] = "MINQING_OIDC_STAFF_ROLES=lamps=handler@NOWHERE"
	require.Regexp(t, `^fail +providers .* no unit NOWHERE`, p.run(t, wrong, "doctor").line(t, "providers"))
	wrong[2] = "MINQING_OIDC_STAFF_ROLES=*=auditor"
	require.Contains(t, p.run(t, wrong, "serve", "--listen", "127.0.0.1:0").err, "name a group")
	idp.Close()
	s := p.run(t, with, "doctor")
	require.Equal(t, 1, s.code)
	require.Regexp(t, `^fail +providers .* MINQING_OIDC_STAFF_ISSUER$`, s.line(t, "providers"))
}

func TestADoctorAsksTheGatewayForTexts(t *testing.T) {
	status := 204
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, http.MethodOptions, r.Method, "nothing is sent")
		w.WriteHeader(status)
	}))
	defer g.Close()
	p := newPatient(t, "")
	with := []string{"MINQING_SMS_URL=" + strings.Replace(g.URL, "://", "://user:hunter2@", 1)}
	require.Regexp(t, `^ok +texts `, p.run(t, with, "doctor").line(t, "texts"))
	status = 401
	s := p.run(t, with, "doctor", "--verbose")
	require.Equal(t, 1, s.code)
	require.Regexp(t, `^fail +texts .* 401`, s.line(t, "texts"))
	require.NotContains(t, s.out, "hunter2")
}

func TestADoctorMissesATrigger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPatient(t, d.URL())
		require.Equal(t, 0, p.run(t, nil, "demo", "load").code)
		require.Regexp(t, "^ok ", p.run(t, nil, "doctor").line(t, "triggers"))
		spoil := []string{"DROP TRIGGER permit_places_stay_deleted"}
		if d.Engine() == db.PostgreSQL {
			spoil = []string{"ALTER TABLE permit_places DISABLE TRIGGER permit_places_stay_whole", "ALTER TABLE permit_places ENABLE TRIGGER permit_places_stay_whole", "DROP TRIGGER permit_places_stay_whole ON permit_places"}
		}
		for _, sql := range spoil {
			require.NoError(t, d.From(t.Context()).Exec(sql).Error)
			s := p.run(t, nil, "doctor")
			require.Equal(t, 1, s.code, sql)
			require.Regexp(t, "^fail .*permit_places_stay_[a-z]+ on permit_places is gone or switched off → ask who", s.line(t, "triggers"), sql)
		}
	})
}
