// Package config turns the environment into plain values and reports every
// problem with it at once. Callers hand single values on: no other package sees
// the whole, and there is no global.
package config

import (
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Prefix begins the name of every setting.
const Prefix = "MINQING_"

// Config is what the environment says, checked. A field without a default is
// empty when nothing was said, and the feature behind it is off.
type Config struct {
	DatabaseURL    string     `env:"DATABASE_URL" envDefault:"sqlite:var/minqing.db"`
	ReplicaURLs    []string   `env:"REPLICA_URLS"` // PostgreSQL only
	AutoMigrate    bool       `env:"AUTO_MIGRATE" envDefault:"true"`
	Listen         string     `env:"LISTEN" envDefault:":8080"`
	BaseURL        string     `env:"BASE_URL"` // see LocalURL when empty
	MetricsListen  string     `env:"METRICS_LISTEN" envDefault:"127.0.0.1:9464"`
	RateLimits     bool       `env:"RATE_LIMITS" envDefault:"on"`
	TrustedProxies []string   `env:"TRUSTED_PROXIES"` // addresses and networks
	SecondFactor   []string   `env:"SECOND_FACTOR_ROLES" envDefault:"system_admin,security_admin,auditor"`
	Keys           string     `env:"KEYS" envDefault:"var/keys.json"`
	AuditAnchors   string     `env:"AUDIT_ANCHORS"` // see Anchors when empty
	BlobURL        string     `env:"BLOB_URL" envDefault:"file:var/blobs"`
	ScannerURL     string     `env:"SCANNER_URL"` // looks into attachments
	SMTPURL        string     `env:"SMTP_URL"`
	SMSURL         string     `env:"SMS_URL"`
	SMSADay        int        `env:"SMS_A_DAY" envDefault:"10"` // most about cases to one number
	PaymentURL     string     `env:"PAYMENT_URL"`               // a provider of payments
	IMAPURL        string     `env:"IMAP_URL"`                  // mails come in there
	Security       string     `env:"SECURITY_CONTACT"`
	Register       string     `env:"ENTERPRISE_REGISTER"` // a file of the register of enterprises
	OIDCPublic     OIDC       `envPrefix:"OIDC_PUBLIC_"`  // citizens sign in there
	OIDCStaff      OIDC       `envPrefix:"OIDC_STAFF_"`   // staff sign in there
	OIDCRoles      string     `env:"OIDC_STAFF_ROLES"`    // see identity.ParseRoles
	OIDCGroups     string     `env:"OIDC_STAFF_GROUPS_CLAIM" envDefault:"groups"`
	OIDCSecond     []string   `env:"OIDC_STAFF_SECOND_FACTOR"` // values of amr and acr that count as one
	OIDCAdopt      bool       `env:"OIDC_STAFF_ADOPT" envDefault:"off"`
	Timezone       string     `env:"TIMEZONE" envDefault:"Asia/Shanghai"` // of the root unit
	Calendar       string     `env:"CALENDAR" envDefault:"CN"`            // of the root unit
	Locale         string     `env:"LOCALE" envDefault:"zh-Hant"`         // of the root unit
	ReminderDays   int        `env:"REMINDER_DAYS" envDefault:"2"`        // after a result that nobody judged
	CallbackDays   int        `env:"CALLBACK_DAYS" envDefault:"5"`
	LogLevel       slog.Level `env:"LOG_LEVEL" envDefault:"info"`
	OtelEndpoint   string     `env:"OTEL_ENDPOINT"` // a collector of traces

	settings []Setting
}

// OIDC is an OpenID provider; without an issuer there is none.
type OIDC struct {
	Issuer       string `env:"ISSUER"`
	ClientID     string `env:"CLIENT_ID"`
	ClientSecret string `env:"CLIENT_SECRET"`
	Name         string `env:"NAME"` // on the button; the issuer's host when empty
}

// Shown is the provider's name on pages.
func (o OIDC) Shown() string {
	if u, err := url.Parse(o.Issuer); err == nil && o.Name == "" {
		return u.Host
	}
	return o.Name
}

// Off is the value that closes a listener or empties a list.
const Off = "off"

// Problems are everything that is wrong, one line each.
type Problems []string

func (p Problems) Error() string { return strings.Join(p, "\n") }

// Load reads the environment, in the form of os.Environ. Its error is Problems.
func Load(environ []string) (Config, error) {
	given, problems := ours(environ)
	aws := amazon(environ)
	problems = append(problems, check(given, aws)...)
	if len(problems) > 0 {
		slices.Sort(problems)
		return Config{}, problems
	}
	var c Config
	record := func(name string, value any, isDefault bool) {
		text, _ := value.(string)
		c.settings = append(c.settings, Setting{Name: name, Value: redact(name, text), Default: isDefault || text == ""})
	}
	err := env.ParseWithOptions(&c, env.Options{
		Prefix: Prefix, Environment: given, OnSet: record,
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[bool](): func(s string) (any, error) { on, err := parseSwitch(s); return on, err },
		},
	})
	if err != nil {
		return Config{}, Problems{err.Error()}
	}
	c.BlobURL = withKey(c.BlobURL, aws)
	trim(c.ReplicaURLs)
	trim(c.TrustedProxies)
	trim(c.SecondFactor)
	trim(c.OIDCSecond)
	if slices.Equal(c.SecondFactor, []string{Off}) {
		c.SecondFactor = nil
	}
	return c, nil
}

// Setting is one name with the value in force, fit to be shown: secrets are
// hidden. Default says that the environment was silent.
type Setting struct {
	Name    string
	Value   string
	Default bool
}

// Redacted lists every setting in the order of Config, for the doctor.
func (c Config) Redacted() []Setting { return slices.Clone(c.settings) }

// Anchors is the file with the ends of the audit chain: beside the keys when
// nothing else was said, empty when it is off.
func (c Config) Anchors() string {
	switch c.AuditAnchors {
	case Off:
		return ""
	case "":
		if strings.HasPrefix(strings.TrimSpace(c.Keys), "{") { // the ring itself
			return filepath.Join("var", "audit-anchors.txt")
		}
		return filepath.Join(filepath.Dir(c.Keys), "audit-anchors.txt")
	}
	return c.AuditAnchors
}

// LocalURL is the address at which a browser on this machine finds a server
// that listens there: ":8080" is http://localhost:8080.
func LocalURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "http://" + listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Loopback says whether only this machine reaches what listens there.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// ours picks the product's names out of the environment and replaces
// NAME_FILE by NAME with the content of that file.
func ours(environ []string) (map[string]string, Problems) {
	given, problems := map[string]string{}, Problems{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, Prefix) || fromKubernetes(name) {
			continue
		}
		if _, ok := rules[name]; ok {
			given[name] = value
		} else if plain, ok := strings.CutSuffix(name, "_FILE"); !ok || rules[plain] == nil {
			problems = append(problems, name+": there is no such setting"+meant(name))
		}
	}
	for _, pair := range environ {
		file, path, _ := strings.Cut(pair, "=")
		name, ok := strings.CutSuffix(file, "_FILE")
		if !ok || rules[name] == nil || path == "" {
			continue
		}
		if given[name] != "" {
			problems = append(problems, file+": "+name+" is set as well; keep one of the two")
			continue
		}
		body, err := os.ReadFile(path)
		if err != nil {
			problems = append(problems, file+": cannot read the file: "+err.Error())
			continue
		}
		given[name] = strings.TrimRight(string(body), "\r\n")
	}
	return given, problems
}

// fromKubernetes says whether a name is one that Kubernetes injects for a
// service called "minqing".
func fromKubernetes(name string) bool {
	return strings.HasPrefix(name, Prefix+"SERVICE_") || strings.HasPrefix(name, Prefix+"PORT")
}

func trim(list []string) {
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
}
