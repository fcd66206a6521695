package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	mail "github.com/wneessen/go-mail"
)

// smtpTime is the most that one exchange with the mail server may take.
const smtpTime = 30 * time.Second

// SMTP sends through a mail server.
type SMTP struct {
	client *mail.Client
	from   string
	name   string
}

// OpenSMTP reads smtp://USER:PASSWORD@HOST:PORT or smtps://… and connects only
// when something is sent. smtp takes STARTTLS when the server offers it, and
// insists on it when there is a password to protect; ?starttls=required insists,
// ?starttls=off never uses it. ?from=ADDRESS is the sender; without it,
// no-reply@ and the portal's host. name is shown beside the sender's address.
func OpenSMTP(address, baseURL, name string) (*SMTP, error) {
	bad := errors.New("MINQING_SMTP_URL: want smtp://USER:PASSWORD@HOST:PORT or smtps://…")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, bad // the cause would show the password
	}
	opts := []mail.Option{mail.WithTimeout(smtpTime), mail.WithHELO(host(baseURL)), mail.WithoutNoop()}
	policy := mail.TLSOpportunistic
	if password, ok := u.User.Password(); ok {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
		policy = mail.TLSMandatory
	}
	switch u.Query().Get("starttls") {
	case "":
	case "required":
		policy = mail.TLSMandatory
	case "off":
		policy = mail.NoTLS
	default:
		return nil, fmt.Errorf("%w; starttls is required or off", bad)
	}
	port := 587
	if u.Scheme == "smtps" {
		port = 465
		opts = append(opts, mail.WithSSL())
	} else {
		opts = append(opts, mail.WithTLSPolicy(policy))
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, bad
		}
	}
	c, err := mail.NewClient(u.Hostname(), append(opts, mail.WithPort(port))...)
	if err != nil {
		return nil, fmt.Errorf("set up mail: %w", err)
	}
	s := &SMTP{client: c, from: u.Query().Get("from"), name: name}
	if s.from == "" {
		s.from = "no-reply@" + host(baseURL)
	}
	return s, nil
}

// Send delivers one message to the server.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.envelope(m)
	if err != nil {
		return err
	}
	conn, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return &SendError{Outcome: Later, Code: dialCode(err)}
	}
	defer s.client.CloseWithSMTPClient(conn) //nolint:errcheck // what could be sent was sent
	err = s.client.SendWithSMTPClient(conn, msg)
	if err == nil || msg.IsDelivered() { // an error after the server took it changes nothing
		return nil
	}
	return classify(err)
}

// envelope builds the mail: text and page, so that every reader shows it.
func (s *SMTP) envelope(m Message) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.name, s.from); err != nil {
		return nil, &SendError{Outcome: Never, Code: "from_invalid"}
	}
	if err := msg.To(m.To); err != nil {
		return nil, &SendError{Outcome: Never, Code: "to_invalid"}
	}
	if m.ReplyTo != "" {
		if err := msg.ReplyTo(m.ReplyTo); err != nil {
			return nil, &SendError{Outcome: Never, Code: "reply_invalid"}
		}
	}
	if m.Return != "" {
		if err := msg.EnvelopeFrom(m.Return); err != nil {
			return nil, &SendError{Outcome: Never, Code: "return_invalid"}
		}
	}
	if m.Thread != "" {
		msg.SetGenHeader("In-Reply-To", "<"+m.Thread+">")
		msg.SetGenHeader("References", "<"+m.Thread+">")
	}
	if m.Stop != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+m.Stop+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date)
	msg.SetGenHeader("Content-Language", m.Lang)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return msg, nil
}

// Check signs in and leaves.
func (s *SMTP) Check(ctx context.Context) error {
	conn, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	return s.client.CloseWithSMTPClient(conn)
}

func dialCode(err error) string {
	if _, network := errors.AsType[net.Error](err); network {
		return "connect"
	}
	return "greeting" // the server answered but refused TLS, name or password
}

// classify tells what the server's words mean. After the final dot, silence is
// not a refusal: the mail may have been taken.
func classify(err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return &SendError{Outcome: Unknown, Code: "unknown"}
	}
	code := failed.ErrorCode()
	stage := map[mail.SendErrReason]string{mail.ErrSMTPMailFrom: "from", mail.ErrSMTPRcptTo: "rcpt", mail.ErrSMTPData: "data",
		mail.ErrSMTPDataClose: "dot", mail.ErrWriteContent: "write", mail.ErrConnCheck: "connection"}[failed.Reason]
	if stage == "" {
		stage = "other"
	}
	out := &SendError{Outcome: Later, Code: stage}
	if code != 0 {
		out.Code += "_" + strconv.Itoa(code)
	}
	switch {
	case code >= 500:
		out.Outcome = Never
	case code == 0 && (stage == "dot" || stage == "other"):
		out.Outcome = Unknown
	}
	return out
}
