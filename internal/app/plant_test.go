package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/identity"
	"minqing/internal/tracing/tracetest"
)

// What is planted: nobody's, and found nowhere else in the program.
var (
	plantedNames  = []string{"司空澹臺雪", "夏侯惇熙", "慕容紫英", "Zephyrine Quillfeather"}
	plantedPhones = []string{"13877665544", "18955443322"}
	plantedMails  = []string{"plant.quillfeather@example.net", "seed.unused@example.org"}
	plantedIDs    = []string{"11010519491231002X", "A123456789"}
	plantedPlace  = "紫藤弄七十七號"
)

func planted() []string {
	all := append(append(append(append([]string{}, plantedNames...), plantedPhones...), plantedMails...), plantedIDs...)
	return append(all, plantedPlace)
}

// sentence names everybody, as people do.
func sentence() string { return strings.Join(planted(), "，") }

// shapes are how a value may stand in bytes.
func shapes(value string) map[string][]byte {
	u16 := utf16.Encode([]rune(value))
	le, be := make([]byte, 0, 2*len(u16)), make([]byte, 0, 2*len(u16))
	for _, u := range u16 {
		le, be = binary.LittleEndian.AppendUint16(le, u), binary.BigEndian.AppendUint16(be, u)
	}
	escaped, _ := json.Marshal(value)
	ascii := ""
	for _, u := range u16 {
		if u < 128 {
			ascii += string(rune(u))
		} else {
			ascii += fmt.Sprintf(`\u%04x`, u)
		}
	}
	out := map[string][]byte{"plain": []byte(value), "upper": []byte(strings.ToUpper(value)), "lower": []byte(strings.ToLower(value)),
		"UTF-16 LE": le, "UTF-16 BE": be, "hex": []byte(hex.EncodeToString([]byte(value))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(value)))),
		"JSON": bytes.Trim(escaped, `"`), "escaped": []byte(ascii), "URL": []byte(url.QueryEscape(value)), "path": []byte(url.PathEscape(value))}
	for shift := range 3 { // base64 at each of its three alignments, without what neighbours decide
		padded := append(bytes.Repeat([]byte{'x'}, shift), value...)
		for name, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			text := enc.EncodeToString(padded)
			from, to := (shift*8+5)/6, len(padded)*8/6
			out[fmt.Sprintf("%s+%d", name, shift)] = []byte(text[from:to])
		}
	}
	if regexp.MustCompile(`^1\d{10}$`).MatchString(value) { // as people write numbers
		out["spaced"] = []byte(value[:3] + " " + value[3:7] + " " + value[7:])
		out["dashed"] = []byte(value[:3] + "-" + value[3:7] + "-" + value[7:])
	}
	return out
}

// noPlants fails for every planted value in a body.
func noPlants(t *testing.T, where string, body []byte) {
	t.Helper()
	for _, value := range planted() {
		for form, bytesOf := range shapes(value) {
			if i := bytes.Index(body, bytesOf); i >= 0 {
				t.Errorf("%s holds %q (%s): …%q…", where, value, form, body[max(0, i-60):min(len(body), i+len(bytesOf)+60)])
				break
			}
		}
	}
}

// dump is the whole database: every table as text and every binary value as it
// is, and on SQLite the very files.
func dump(t *testing.T, h *house, d *db.DB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	var tables []string
	if path, lite := strings.CutPrefix(d.URL(), "sqlite:"); lite {
		for _, end := range []string{"", "-wal", "-shm"} {
			if body, err := os.ReadFile(path + end); err == nil {
				out["the file "+filepath.Base(path)+end] = body
			}
		}
		require.NoError(t, d.From(t.Context()).Raw("SELECT name FROM sqlite_schema WHERE type = 'table'").Scan(&tables).Error)
	} else {
		require.NoError(t, d.From(t.Context()).Raw("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").Scan(&tables).Error)
	}
	require.Greater(t, len(tables), 30)
	for _, table := range tables {
		var rows []map[string]any
		require.NoError(t, d.From(t.Context()).Raw(`SELECT * FROM "`+table+`"`).Scan(&rows).Error)
		var b bytes.Buffer
		for _, r := range rows {
			for _, v := range r {
				switch v := v.(type) {
				case []byte:
					b.Write(v)
				default:
					fmt.Fprint(&b, v)
				}
				b.WriteByte('\n')
			}
		}
		out["the table "+table] = b.Bytes()
	}
	blobs := strings.TrimPrefix(h.Config.BlobURL, "file:")
	n := 0
	require.NoError(t, filepath.WalkDir(blobs, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		out["the blob "+filepath.Base(path)] = append(body, path...)
		n++
		return err
	}))
	require.Positive(t, n, "attachments were planted")
	out["the log"] = []byte(h.log.String())
	return out
}

// grudging is a mail server that refuses everybody by name.
func grudging(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprint(c, "220 grudging\r\n")
				buf := make([]byte, 4096)
				for {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					switch word := strings.ToUpper(string(buf[:min(4, n)])); word {
					case "RCPT":
						fmt.Fprintf(c, "550 nobody here: %s", buf[:n])
					case "QUIT":
						return
					default:
						fmt.Fprint(c, "250 go on\r\n")
					}
				}
			}()
		}
	}()
	return "smtp://" + l.Addr().String() + "?starttls=off"
}

// filePlanted files a case in which everything that is asked is planted.
func (b *browser) filePlanted(privacy string) (no string) {
	b.t.Helper()
	b.open("/file/street-light")
	typed := url.Values{"title": {"路燈"}, "description": {"請看。"}, "location.address": {plantedPlace}, "confidentiality": {privacy}, "kind": {"complaint"},
		"contact.name": {plantedNames[0]}, "contact.phone": {plantedPhones[0]}, "contact.email": {plantedMails[0]},
		"subject.name": {plantedNames[1]}, "subject.unit_code": {""}, "filing_for": {"other"}, "on_behalf_of.name": {plantedNames[2]}, "on_behalf_of.relation": {"母親"}}
	if privacy != "normal" { // what somebody writes into a normal case is its readable file
		typed.Set("title", plantedNames[0]+"的投訴")
		typed.Set("description", sentence())
	}
	for range 8 {
		if strings.HasSuffix(b.at.Path, "/check") {
			break
		}
		step, change := b.at.Path, url.Values{}
		f := b.form(`name="`)
		for name := range f.values {
			if values, ok := typed[name]; ok {
				change[name] = values
			}
		}
		for _, name := range []string{"confidentiality", "filing_for", "kind"} { // radios with nothing chosen are not read
			if strings.Contains(b.page, `name="`+name+`"`) {
				change[name] = typed[name]
			}
		}
		if strings.HasSuffix(step, "/what") {
			b.attach(f, change, plantedNames[0]+"-"+plantedIDs[0]+".txt", sentence())
		} else {
			b.send(change)
		}
		require.Equal(b.t, 200, b.status, b.page)
		require.NotEqual(b.t, step, b.at.Path, "stays at a step:\n%s", b.page)
	}
	b.send(nil)
	require.Contains(b.t, b.at.Path, "/receipt/", b.page)
	return strings.TrimPrefix(b.at.Path, "/receipt/")
}

// attach sends a form with a file.
func (b *browser) attach(f form, change url.Values, name, content string) {
	b.t.Helper()
	for k, v := range change {
		f.values[k] = v
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, values := range f.values {
		for _, v := range values {
			require.NoError(b.t, w.WriteField(k, v))
		}
	}
	part, err := w.CreateFormFile("file", name)
	require.NoError(b.t, err)
	_, err = part.Write([]byte(content))
	require.NoError(b.t, err)
	require.NoError(b.t, w.Close())
	to, err := b.at.Parse(f.action)
	require.NoError(b.t, err)
	b.took(b.client.Post(to.String(), w.FormDataContentType(), &body))
}

func TestWhatPeopleWriteStandsNowhereInTheClear(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		traces := tracetest.New(t)
		h := open(t, d, true, "MINQING_SMTP_URL="+grudging(t), "MINQING_LOG_LEVEL=debug", "MINQING_OTEL_ENDPOINT="+traces.URL)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		system := actor.AsSystem(t.Context(), "test")

		// People: filing by form, attachments, a draft that is not sent, an account.
		guest := visit(t, h.url)
		normal := guest.filePlanted("normal")
		hidden := visit(t, h.url).filePlanted("identity_hidden")
		visit(t, h.url).filePlanted("anonymous")
		draft := visit(t, h.url)
		draft.open("/file/street-light")
		f := draft.form(`name="title"`)
		draft.attach(f, url.Values{"title": {plantedNames[3]}, "description": {sentence()}, "kind": {"complaint"}}, plantedNames[3]+".txt", sentence())
		_, err := h.Identity.CreateCitizen(system, identity.NewAccount{Email: plantedMails[0], Password: leaverPassword, Name: plantedNames[3], Locale: "en"})
		require.NoError(t, err)
		me := h.enters(t, plantedMails[0], leaverPassword)
		mine := me.filePlanted("identity_hidden")
		me.open("/cases/" + mine)
		me.send(url.Values{"text": {sentence()}, "do": {"say"}}, `name="text"`)
		me.open("/me/privacy")
		me.send(url.Values{"name": {plantedNames[3]}, "phone": {plantedPhones[1]}, "do": {"correct"}}, `name="phone"`)
		require.Equal(t, 200, me.status)
		for _, path := range []string{"/sign-in", "/register"} { // wrong passwords, unknown addresses
			b := visit(t, h.url)
			b.open(path)
			b.send(url.Values{"email": {plantedMails[1]}, "name": {plantedNames[3]}, "password": {"wrong " + plantedNames[3]}}, `name="password"`)
		}
		for _, q := range []string{"/track?case_no=" + url.QueryEscape(sentence()), "/matters?q=" + url.QueryEscape(sentence()), "/" + url.PathEscape(plantedNames[0])} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+q, nil)
			require.NoError(t, err)
			r.Header.Set("User-Agent", plantedMails[1])
			r.Header.Set("Referer", "https://example.org/?who="+url.QueryEscape(plantedNames[0]))
			r.Header.Set("X-Request-Id", plantedPhones[0])
			visit(t, h.url).took(http.DefaultClient.Do(r))
		}

		// Programs: the same by the API, twice, with a key that names somebody.
		body, err := json.Marshal(map[string]any{"kind": "complaint", "matter_code": "street-light", "title": plantedNames[0], "description": sentence(), "confidentiality": "whistle",
			"contact": map[string]any{"name": plantedNames[0], "phone": plantedPhones[0], "email": plantedMails[0]}, "subject": map[string]any{"name": plantedNames[1]},
			"location": map[string]any{"address": plantedPlace}, "answers": map[string]any{}})
		require.NoError(t, err)
		for range 2 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/api/v1/cases", bytes.NewReader(body))
			require.NoError(t, err)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", plantedMails[0])
			b := visit(t, h.url)
			b.took(http.DefaultClient.Do(r))
			require.Contains(t, []int{201, 422}, b.status, b.page)
		}

		// Staff: acts on a confidential case, and reasons that name people.
		handler := ""
		require.NoError(t, d.From(t.Context()).Raw("SELECT account_id FROM grants WHERE role = 'handler' LIMIT 1").Scan(&handler).Error)
		h.handled(t, hidden, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: handler}, cases.Note{Text: sentence(), Contacted: true},
			cases.RenewCode{Note: sentence()}, cases.Reply{Text: plantedNames[0] + "，" + plantedPlace + "：已查明並處理。"}, cases.Conclude{Outcome: cases.Resolved})
		h.handled(t, normal, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
		clerk := h.signIn(t, "handler")
		for _, q := range []string{sentence(), plantedNames[0], plantedPhones[0]} {
			clerk.took(clerk.client.Get(h.url + "/desk?q=" + url.QueryEscape(q)))
		}
		clerk.open("/desk/cases/" + normal)
		clerk.send(url.Values{"reveal_reason": {"回電給" + sentence()}}, `name="reveal_reason"`)
		require.Contains(t, clerk.page, plantedNames[0], "revealed")
		require.NoError(t, h.Cases.PlaceHold(system, normal, "訴訟，聯絡 "+plantedPhones[0]+" "+plantedMails[0]+" "+plantedIDs[0]))
		desk := h.signIn(t, "agent")
		desk.open("/desk/counter/begin/tree-felling")
		desk.send(url.Values{"kind": {"person"}, "number_kind": {"tw_id"}, "number": {plantedIDs[1]}, "name": {plantedNames[0]}, "phone": {plantedPhones[1]}, "email": {plantedMails[1]}, "known": {"new"}, "do": {"begin"}}, `value="begin"`)
		desk.send(url.Values{"by": {"agent"}, "agent": {plantedNames[2]}, "authority": {plantedPlace + "，" + plantedPhones[0]}}, `name="by"`)
		require.True(t, strings.HasSuffix(desk.at.Path, "/questions"), desk.page)
		security := h.signIn(t, "security")
		security.open("/admin/access/ask")
		security.send(url.Values{"reason": {"代替 " + plantedPhones[1] + " " + plantedMails[1]}}, `name="reason"`)

		// Judging, and mails that a server refuses by name.
		v, err := h.Cases.ByID(system, h.idOf(t, d, hidden))
		require.NoError(t, err)
		judge := visit(t, h.url)
		judge.open("/evaluate/" + h.Cases.EvaluationToken(v))
		judge.send(url.Values{"grade": {"1"}, "resolved": {"no"}, "comment": {sentence()}, "do": {"evaluate"}}, `name="grade"`)
		require.Eventually(t, func() bool { return count(t, d, "deliveries WHERE channel = 'mail' AND status = 'failed'") > 2 }, 30*time.Second, 50*time.Millisecond)

		for where, body := range dump(t, h, d) {
			noPlants(t, where, body)
		}
		require.NoError(t, h.Tracer.Flush(t.Context()))
		require.Greater(t, len(traces.Spans()), 500)
		noPlants(t, "a trace", traces.Bodies())
		auditor := h.signIn(t, "auditor")
		auditor.open("/admin/audit?area=constituent")
		require.Contains(t, auditor.page, plantedNames[2], "the auditor reads the reason")
	})
}

func (h *house) idOf(t *testing.T, d *db.DB, no string) (id string) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM cases WHERE case_no = ?", no).Scan(&id).Error)
	return id
}

func TestThePlantsWouldBeFound(t *testing.T) {
	for _, value := range planted() {
		for _, body := range []string{value, base64.StdEncoding.EncodeToString([]byte("ab" + value + "c")), base64.StdEncoding.EncodeToString([]byte("a" + value)),
			hex.EncodeToString([]byte(value)), url.QueryEscape(value)} {
			found := false
			for _, form := range shapes(value) {
				found = found || strings.Contains(body, string(form))
			}
			require.True(t, found, "%s in %s", value, body)
		}
	}
}
