package notify

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// TextKey names one text of messages.
type TextKey struct {
	Kind    Kind
	Channel Channel
	Lang    i18n.Lang
}

// Text is the words of a message, with fields as {{case_no}}.
type Text struct {
	Subject string // empty of a text message
	Body    string
}

// TextVersion is a text as somebody set it; empty when they gave the built-in
// one back.
type TextVersion struct {
	Version int64
	Text
	AccountID *string
	At        time.Time
}

// Own says whether the words are not the built-in ones.
func (v TextVersion) Own() bool { return v.Body != "" }

// ownLine is a line of a text, filled in; Link when it has an address.
type ownLine struct {
	Words string
	Link  string
}

const ownKind Kind = "own" // the template for words that somebody set

const (
	subjectMax = 200
	bodyMax    = 4000
	partsMost  = 5 // of a text message
)

var (
	fieldMark = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)
	linkMark  = regexp.MustCompile(`https?://[^\s。，、；）)]+`)
)

// values are what the fields stand for in a message.
func (p *mailPage) values() map[string]string {
	return map[string]string{"case_no": p.CaseNo, "query_code": p.QueryCode, "track_url": p.TrackURL, "evaluate_url": p.EvaluateURL,
		"code": p.Code, "link_url": p.LinkURL, "security_url": p.SecurityURL, "desk_url": p.DeskURL, "portal_url": p.PortalURL,
		"entries": p.List, "wishes_url": p.WishesURL, "hotline": p.Hotline, "rings_on": p.RingsOn, "title": p.Title, "says": p.Says}
}

// marked is a page in which every field stands for itself.
var marked = mailPage{CaseNo: "{{case_no}}", QueryCode: "{{query_code}}", TrackURL: "{{track_url}}", EvaluateURL: "{{evaluate_url}}",
	Code: "{{code}}", LinkURL: "{{link_url}}", SecurityURL: "{{security_url}}", DeskURL: "{{desk_url}}", PortalURL: "{{portal_url}}",
	List: "{{entries}}", WishesURL: "{{wishes_url}}", Hotline: "{{hotline}}", RingsOn: "{{rings_on}}", Title: "{{title}}", Says: "{{says}}"}

// TextKinds lists the kinds whose words can be changed on a channel.
func TextKinds(by Channel) []Kind {
	if by == SMS {
		return slices.Concat(TextedKinds, []Kind{SignInCode, PhoneCode})
	}
	return slices.Concat(Kinds, []Kind{Digest}, AccountKinds, StaffKinds, PermitKinds, NewsKinds)
}

// Valid says whether there is such a text.
func (k TextKey) Valid() bool {
	return (k.Channel == Mail || k.Channel == SMS) && slices.Contains(TextKinds(k.Channel), k.Kind) && slices.Contains(i18n.Langs, k.Lang)
}

// BuiltIn is the text that the program brings, with its fields.
func (s *Service) BuiltIn(k TextKey) (Text, error) {
	if !k.Valid() {
		return Text{}, fault.New(fault.NotFound, "notify.text.missing")
	}
	if k.Channel == SMS {
		return Text{Body: s.Words.T(k.Lang, "notify."+string(k.Kind)+".sms", i18n.Args{"Code": marked.Code, "CaseNo": marked.CaseNo,
			"TrackURL": marked.TrackURL, "EvaluateURL": marked.EvaluateURL, "Hotline": marked.Hotline, "RingsOn": marked.RingsOn})}, nil
	}
	p, err := s.parsed(k.Lang, k.Kind)
	if err != nil {
		return Text{}, err
	}
	var body strings.Builder
	if err := p.text.ExecuteTemplate(&body, "body", marked); err != nil {
		return Text{}, fmt.Errorf("read the words of a message: %w", err)
	}
	return Text{Subject: s.Subject(k.Lang, k.Kind, marked.CaseNo), Body: strings.TrimSpace(body.String())}, nil
}

// Fields lists what a text must hold, which is what the built-in one does, and
// what it may hold besides.
func (s *Service) Fields(k TextKey) (must, may []string, err error) {
	t, err := s.BuiltIn(k)
	if err != nil {
		return nil, nil, err
	}
	must = fieldsOf(t.Body)
	extra := []string{"portal_url"}
	if k.Channel == SMS { // every character costs: only the number and what is judged by must stay
		extra = nil
		if k.Kind.texted() {
			extra = []string{"track_url", "hotline"}
			must = slices.DeleteFunc(must, func(f string) bool { return slices.Contains(extra, f) })
		}
	}
	for _, f := range extra {
		if !slices.Contains(must, f) {
			may = append(may, f)
		}
	}
	return must, may, nil
}

func fieldsOf(body string) (names []string) {
	for _, hit := range fieldMark.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(names, hit[1]) {
			names = append(names, hit[1])
		}
	}
	return names
}

// CheckText refuses a text that lost something that the message must say, or has
// fields that it cannot fill.
func (s *Service) CheckText(k TextKey, t Text) error {
	must, may, err := s.Fields(k)
	if err != nil {
		return err
	}
	var wrong []fault.Field
	if subject := strings.TrimSpace(t.Subject); k.Channel == Mail && (subject == "" || strings.ContainsAny(subject, "\r\n") || utf8.RuneCountInString(subject) > subjectMax) {
		wrong = append(wrong, fault.Field{Name: "subject", Key: "notify.text.subject.wrong"})
	}
	inBody := fieldsOf(t.Body)
	var lost, strange []string
	for _, f := range must {
		if !slices.Contains(inBody, f) {
			lost = append(lost, "{{"+f+"}}")
		}
	}
	for _, f := range slices.Concat(fieldsOf(t.Subject), inBody) {
		if !slices.Contains(must, f) && !slices.Contains(may, f) {
			strange = append(strange, "{{"+f+"}}")
		}
	}
	switch {
	case strings.TrimSpace(t.Body) == "" || utf8.RuneCountInString(t.Body) > bodyMax:
		wrong = append(wrong, fault.Field{Name: "body", Key: "notify.text.body.wrong"})
	case len(lost) > 0:
		wrong = append(wrong, fault.Field{Name: "body", Key: "notify.text.lost", Args: map[string]any{"Fields": strings.Join(lost, " ")}})
	case len(strange) > 0:
		wrong = append(wrong, fault.Field{Name: "body", Key: "notify.text.strange", Args: map[string]any{"Fields": strings.Join(strange, " ")}})
	case k.Channel == SMS:
		m, err := s.Preview(k, t)
		if err != nil {
			return err
		}
		if _, parts := Segments(m.Text); parts > partsMost {
			wrong = append(wrong, fault.Field{Name: "body", Key: "notify.text.parts", Args: map[string]any{"Parts": parts, "Max": partsMost}})
		}
	}
	if len(wrong) > 0 {
		return fault.InvalidInput(wrong...)
	}
	return nil
}

// TextVersions lists how a text was set, newest first; the first is in force.
func (s *Service) TextVersions(ctx context.Context, k TextKey) ([]TextVersion, error) {
	var rows []TextVersion
	err := s.DB.From(ctx).Raw(`SELECT version, subject, body, account_id, at FROM message_texts
 WHERE kind = ? AND locale = ? AND channel = ? ORDER BY version DESC`, k.Kind, k.Lang, k.Channel).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the words of messages: %w", db.Fault(err, "", ""))
	}
	return rows, nil
}

// OwnTexts lists the texts that are not the built-in ones.
func (s *Service) OwnTexts(ctx context.Context) (map[TextKey]bool, error) {
	var rows []struct {
		Kind    Kind
		Channel Channel
		Locale  i18n.Lang
	}
	err := s.DB.Reader(ctx).Raw(`SELECT kind, channel, locale FROM message_texts t WHERE body <> '' AND version =
 (SELECT max(version) FROM message_texts n WHERE n.kind = t.kind AND n.locale = t.locale AND n.channel = t.channel)`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list the words of messages: %w", db.Fault(err, "", ""))
	}
	own := map[TextKey]bool{}
	for _, r := range rows {
		own[TextKey{r.Kind, r.Channel, r.Locale}] = true
	}
	return own, nil
}

// SetText puts a text in force, as the version after the one that was read. An
// empty one gives the built-in words back.
func (s *Service) SetText(ctx context.Context, k TextKey, t Text, read int64) error {
	if !k.Valid() {
		return fault.New(fault.NotFound, "notify.text.missing")
	}
	t = Text{Subject: strings.TrimSpace(t.Subject), Body: strings.TrimSpace(strings.ReplaceAll(t.Body, "\r\n", "\n"))}
	if t != (Text{}) {
		if err := s.CheckText(k, t); err != nil {
			return err
		}
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		all, err := s.TextVersions(ctx, k)
		if err != nil {
			return err
		}
		var before TextVersion
		if len(all) > 0 {
			before = all[0]
		}
		if before.Version != read {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		if before.Text == t {
			return nil
		}
		who := actor.From(ctx).AccountID
		err = s.DB.From(ctx).Exec("INSERT INTO message_texts (kind, locale, channel, version, subject, body, account_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			k.Kind, k.Lang, k.Channel, read+1, t.Subject, t.Body, db.Ref(who), s.Now().UTC()).Error
		if err != nil {
			return fmt.Errorf("set the words of a message: %w", db.Fault(err, "", "fault.conflict"))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "delivery.text", Kind: "message_text", ID: string(k.Kind) + "." + string(k.Channel) + "." + string(k.Lang),
			Fields: []audit.Change{{Field: "subject", Before: before.Subject, After: t.Subject}, {Field: "body", Before: before.Body, After: t.Body}}})
	})
}

// write fills the words of a message in: those that somebody set, or else the
// built-in ones.
func (s *Service) write(ctx context.Context, m *Message, k TextKey, p mailPage) error {
	own, ok, err := s.inForce(ctx, k)
	if err != nil {
		return err
	}
	if ok {
		return s.writeOwn(m, k, own, p)
	}
	if k.Channel == SMS {
		if own, err = s.BuiltIn(k); err != nil {
			return err
		}
		return s.writeOwn(m, k, own, p)
	}
	m.HTML, m.Text, err = s.fill(k.Lang, k.Kind, p)
	return err
}

// inForce is the text that somebody set; false when the built-in one is used.
func (s *Service) inForce(ctx context.Context, k TextKey) (Text, bool, error) {
	all, err := s.TextVersions(ctx, k)
	if err != nil || len(all) == 0 || !all[0].Own() {
		return Text{}, false, err
	}
	return all[0].Text, s.CheckText(k, all[0].Text) == nil, nil // one that an older program took may lack a field
}

func (s *Service) writeOwn(m *Message, k TextKey, t Text, p mailPage) (err error) {
	values := p.values()
	lines := filled(t.Body, values)
	if k.Channel == SMS {
		m.Text = strings.Join(lines, "\n")
		return nil
	}
	m.Subject = strings.Join(filled(t.Subject, values), " ")
	p.Subject = m.Subject
	for _, l := range lines {
		p.Own = append(p.Own, ownLine{Words: l, Link: linkMark.FindString(l)})
	}
	m.HTML, m.Text, err = s.fill(k.Lang, ownKind, p)
	return err
}

// filled puts values into a text, and leaves out lines with a field that has
// none, such as the query code towards an address that nobody proved.
func filled(body string, values map[string]string) (lines []string) {
	for line := range strings.Lines(body) {
		line = strings.TrimRight(line, "\r\n")
		empty := false
		line = fieldMark.ReplaceAllStringFunc(line, func(mark string) string {
			v := values[fieldMark.FindStringSubmatch(mark)[1]]
			empty = empty || v == ""
			return v
		})
		if !empty {
			lines = append(lines, strings.Split(line, "\n")...)
		}
	}
	return lines
}

// Preview is a message with invented data.
func (s *Service) Preview(k TextKey, t Text) (Message, error) {
	const no = "LJ20260000123N"
	p := mailPage{Lang: string(k.Lang), Proven: true, CaseNo: no, QueryCode: "8QH2M-1XYZ0", TrackURL: s.BaseURL + "/track?case_no=" + no,
		EvaluateURL: s.BaseURL + "/evaluate/" + no + "-ABCDEF", PortalURL: s.BaseURL + "/", Code: "135792", LinkURL: s.BaseURL + "/reset/EXAMPLE",
		SecurityURL: s.BaseURL + "/me/security", DeskURL: s.BaseURL + "/desk/cases/" + no, WishesURL: s.BaseURL + "/me/notifications", Hotline: "12345", Title: "LJP20260000123N", Says: "…",
		RingsOn: i18n.Format{Lang: k.Lang}.Date(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))}
	p.List = listed([]digestEntry{{Line: s.Subject(k.Lang, Reopened, no), URL: p.TrackURL}, {Line: s.Subject(k.Lang, JudgeReminder, no), URL: p.EvaluateURL}})
	var m Message
	err := s.writeOwn(&m, k, t, p)
	return m, err
}
