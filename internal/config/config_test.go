package config

import (
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"
)

func TestSilentEnvironmentIsUsable(t *testing.T) {
	c, err := Load(nil)
	require.NoError(t, err)
	require.Equal(t, "sqlite:var/minqing.db", c.DatabaseURL)
	require.Equal(t, ":8080", c.Listen)
	require.Equal(t, "Asia/Shanghai", c.Timezone)
	require.True(t, c.AutoMigrate)
	require.True(t, c.RateLimits)
	require.Empty(t, c.ReplicaURLs)
	require.Equal(t, slog.LevelInfo, c.LogLevel)
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, err := Load([]string{
		"MINQING_LISTEN=8080", "MINQING_LOCALE=de", "MINQING_TIMEZONE=Mars/Base", "MINQING_DATABASE_ULR=x",
		"MINQING_RATE_LIMITS=perhaps", "MINQING_LOG_LEVEL=loud", "MINQING_TRUSTED_PROXIES=10.0.0.0/8, nobody",
		"MINQING_NONSENSE=1", "HOME=/root", "MINQING_SERVICE_HOST=10.1.1.1", "MINQING_PORT_8080_TCP=tcp://10.1.1.1:8080",
	})
	var problems Problems
	require.True(t, errors.As(err, &problems))
	require.Equal(t, Problems{
		`MINQING_DATABASE_ULR: there is no such setting; did you mean MINQING_DATABASE_URL?`,
		`MINQING_LISTEN="8080": want HOST:PORT or :PORT`,
		`MINQING_LOCALE="de": want zh-Hant, zh-Hans or en`,
		`MINQING_LOG_LEVEL="loud": want debug, info, warn or error`,
		`MINQING_NONSENSE: there is no such setting; README.md lists them`,
		`MINQING_RATE_LIMITS="perhaps": want on or off`,
		`MINQING_TIMEZONE="Mars/Base": want a zone of the IANA database, such as Asia/Shanghai`,
		`MINQING_TRUSTED_PROXIES="10.0.0.0/8, nobody": want addresses or networks such as 10.0.0.0/8, several with commas between`,
	}, problems)
}

func TestAProviderIsWholeOrNotThere(t *testing.T) {
	_, err := Load([]string{"MINQING_OIDC_PUBLIC_ISSUER=http://id.city.test", "MINQING_OIDC_STAFF_CLIENT_SECRET=hunter2", "MINQING_OIDC_STAFF_ROLES=lamps:handler"})
	var problems Problems
	require.True(t, errors.As(err, &problems))
	require.Equal(t, Problems{
		"MINQING_OIDC_PUBLIC_CLIENT_ID: want the name under which the provider knows this portal",
		"MINQING_OIDC_PUBLIC_ISSUER: set MINQING_BASE_URL too: the provider sends people back there",
		`MINQING_OIDC_PUBLIC_ISSUER="http://id.city.test": want the https:// address by which the provider names itself`,
		"MINQING_OIDC_STAFF_CLIENT_SECRET: set MINQING_OIDC_STAFF_ISSUER too",
		"MINQING_OIDC_STAFF_ROLES: set MINQING_OIDC_STAFF_ISSUER too",
		`MINQING_OIDC_STAFF_ROLES="lamps:handler": want GROUP=ROLE or GROUP=ROLE@UNIT, several with semicolons between`,
	}, problems)
	c, err := Load([]string{"MINQING_BASE_URL=https://portal.city.test", "MINQING_OIDC_STAFF_ISSUER=https://id.city.test/realm", "MINQING_OIDC_STAFF_CLIENT_ID=portal",
		"MINQING_OIDC_STAFF_CLIENT_SECRET=hunter2", "MINQING_OIDC_STAFF_ROLES=cn=lamps,o=city=handler@CG01; all=official", "MINQING_OIDC_STAFF_SECOND_FACTOR=mfa, otp"})
	require.NoError(t, err)
	require.Equal(t, "id.city.test", c.OIDCStaff.Shown())
	require.Equal(t, []string{"mfa", "otp"}, c.OIDCSecond)
	for _, s := range c.Redacted() {
		require.NotContains(t, s.Value, "hunter2")
	}
}

func TestBadSecretIsNotRepeated(t *testing.T) {
	_, err := Load([]string{"MINQING_DATABASE_URL=mysql://root:hunter2@db/x", "MINQING_SMTP_URL=http://a:hunter2@b"})
	require.ErrorContains(t, err, "MINQING_DATABASE_URL")
	require.ErrorContains(t, err, "MINQING_SMTP_URL")
	require.NotContains(t, err.Error(), "hunter2")
}

func TestValueMayComeFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "database")
	require.NoError(t, os.WriteFile(path, []byte("postgres://u:p@db/minqing\n"), 0o600))
	c, err := Load([]string{"MINQING_DATABASE_URL_FILE=" + path})
	require.NoError(t, err)
	require.Equal(t, "postgres://u:p@db/minqing", c.DatabaseURL)

	_, err = Load([]string{"MINQING_DATABASE_URL_FILE=" + path, "MINQING_DATABASE_URL=sqlite:x.db"})
	require.EqualError(t, err, "MINQING_DATABASE_URL_FILE: MINQING_DATABASE_URL is set as well; keep one of the two")

	_, err = Load([]string{"MINQING_KEYS_FILE=" + path + ".missing"})
	require.ErrorContains(t, err, "MINQING_KEYS_FILE: cannot read the file")
}

func TestReplicasNeedPostgreSQL(t *testing.T) {
	_, err := Load([]string{"MINQING_REPLICA_URLS=postgres://a/b"})
	require.ErrorContains(t, err, "only a PostgreSQL database has replicas")
	c, err := Load([]string{"MINQING_DATABASE_URL=postgres://a/b", "MINQING_REPLICA_URLS=postgres://c/d, postgres://e/f"})
	require.NoError(t, err)
	require.Equal(t, []string{"postgres://c/d", "postgres://e/f"}, c.ReplicaURLs)
}

func TestShownSettingsHoldNoSecret(t *testing.T) {
	c, err := Load([]string{
		"MINQING_DATABASE_URL=postgres://u:hunter2@db/minqing?sslmode=disable&sslpassword=hunter2",
		"MINQING_REPLICA_URLS=postgres://u:hunter2@r1/minqing,postgres://u:hunter2@r2/minqing",
		"MINQING_SMTP_URL=smtp://u:hunter2@mail:587", "MINQING_LISTEN=:9000",
	})
	require.NoError(t, err)
	shown := map[string]Setting{}
	for _, s := range c.Redacted() {
		require.NotContains(t, s.Value, "hunter2", s.Name)
		shown[s.Name] = s
	}
	require.Equal(t, "postgres://u:xxxxx@db/minqing?sslmode=disable&sslpassword=xxxxx", shown["MINQING_DATABASE_URL"].Value)
	require.Contains(t, shown["MINQING_REPLICA_URLS"].Value, "@r2/")
	require.False(t, shown["MINQING_LISTEN"].Default)
	require.True(t, shown["MINQING_LOCALE"].Default)
	require.Equal(t, "zh-Hant", shown["MINQING_LOCALE"].Value)
	require.True(t, shown["MINQING_BASE_URL"].Default)
	require.Len(t, shown, len(rules))
}

func TestLocalURL(t *testing.T) {
	for listen, want := range map[string]string{
		":8080": "http://localhost:8080", "0.0.0.0:80": "http://localhost:80", "[::]:81": "http://localhost:81",
		"127.0.0.1:9": "http://127.0.0.1:9", "[::1]:9": "http://[::1]:9",
	} {
		require.Equal(t, want, LocalURL(listen))
	}
}

func TestEverySettingHasOneRule(t *testing.T) {
	fields, err := env.GetFieldParamsWithOptions(&Config{}, env.Options{Prefix: Prefix})
	require.NoError(t, err)
	var tagged []string
	for _, f := range fields {
		tagged = append(tagged, f.Key)
		if f.HasDefaultValue {
			require.Empty(t, rules[f.Key](f.DefaultValue), "%s: its own default is refused", f.Key)
		}
	}
	slices.Sort(tagged)
	require.Equal(t, slices.Sorted(maps.Keys(rules)), tagged)
	for _, name := range secret {
		require.Contains(t, rules, name)
	}
}

func TestSwitchesTakeTheUsualWords(t *testing.T) {
	for word, want := range map[string]bool{"on": true, "TRUE": true, "1": true, "off": false, "false": false, "No": false} {
		c, err := Load([]string{"MINQING_AUTO_MIGRATE=" + word})
		require.NoError(t, err, word)
		require.Equal(t, want, c.AutoMigrate, word)
	}
}

func TestAddressesAreChecked(t *testing.T) {
	bad := []string{
		"MINQING_BASE_URL=portal.example.org", "MINQING_BASE_URL=https://a/b", "MINQING_BLOB_URL=file:", "MINQING_BLOB_URL=/srv",
		"MINQING_LISTEN=:99999", "MINQING_METRICS_LISTEN=none", "MINQING_CALENDAR=cn", "MINQING_SMTP_URL=smtp://",
		"MINQING_SCANNER_URL=clamd:3310", "MINQING_SCANNER_URL=tcp://clamd", "MINQING_SCANNER_URL=unix:",
		"MINQING_DATABASE_URL=sqlite:", "MINQING_TIMEZONE=Local",
		"MINQING_SECURITY_CONTACT=security@example.org", "MINQING_SECURITY_CONTACT=mailto:", "MINQING_SECURITY_CONTACT=tel:",
		"MINQING_SECURITY_CONTACT=http://example.org", "MINQING_SECURITY_CONTACT=https://", "MINQING_SECURITY_CONTACT=mailto:a@b c",
		"MINQING_SECURITY_CONTACT=javascript:alert(1)", "MINQING_SECURITY_CONTACT=mailto:a@b\nExpires: never",
	}
	for _, pair := range bad {
		_, err := Load([]string{pair})
		require.Error(t, err, pair)
		require.Equal(t, 0, strings.Count(err.Error(), "\n"), pair)
	}
	good := []string{
		"MINQING_BASE_URL=https://portal.example.org/", "MINQING_METRICS_LISTEN=off", "MINQING_LISTEN=[::1]:80",
		"MINQING_TRUSTED_PROXIES=127.0.0.1,fd00::/8", "MINQING_SMTP_URL=smtps://mail", "MINQING_LOG_LEVEL=debug", "MINQING_LISTEN=",
		"MINQING_SCANNER_URL=tcp://[::1]:3310", "MINQING_SCANNER_URL=unix:/run/clamav/clamd.ctl",
		"MINQING_SECURITY_CONTACT=mailto:security@example.org", "MINQING_SECURITY_CONTACT=tel:+886-2-1999", "MINQING_SECURITY_CONTACT=https://example.org/report",
	}
	for _, pair := range good {
		_, err := Load([]string{pair})
		require.NoError(t, err, pair)
	}
}

func TestDeployFilesNameRealSettings(t *testing.T) {
	files, err := filepath.Glob("../../deploy/*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`MINQING_[A-Z_]+`).FindAllString(string(body), -1) {
			require.Contains(t, rules, strings.TrimSuffix(name, "_FILE"), file)
		}
	}
}

func TestExampleEnvironmentIsAccepted(t *testing.T) {
	body, err := os.ReadFile("../../deploy/minqing.env")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "database-url")
	require.NoError(t, os.WriteFile(path, []byte("postgres://minqing:PASSWORD@127.0.0.1/minqing\n"), 0o600))
	_, err = Load(strings.Split(strings.ReplaceAll(string(body), "/etc/minqing/database-url", path), "\n"))
	require.NoError(t, err)
}

func TestAGatewayIsSpokenToPrivately(t *testing.T) {
	for address, fine := range map[string]bool{"https://u:p@gateway.example/send": true, "http://u:p@127.0.0.1:8025/": true, "http://u:p@gateway.example/send": false} {
		_, err := Load([]string{"MINQING_SMS_URL=" + address})
		require.Equal(t, fine, err == nil, address)
	}
}
