package mailroom

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// dialTime is the most that connecting to the mail server may take.
const dialTime = 20 * time.Second

// Box is a mailbox on an IMAP server. It keeps no connection open.
type Box struct {
	// Address is where people write to; replies come to its plus-addresses.
	Address string

	host, port     string
	secure, plain  bool
	user, password string
	folder         string
	key            string // tells mailboxes apart without naming them
	tls            *tls.Config
}

// OpenBox reads imaps://USER:PASSWORD@HOST:PORT/MAILBOX or imap://…, which takes
// STARTTLS and goes without TLS on this machine only. ?address=ADDRESS is where
// people write to; without it, the user's name, with the host when it has none.
func OpenBox(address string) (*Box, error) {
	bad := errors.New("MINQING_IMAP_URL: want imaps://USER:PASSWORD@HOST:PORT/MAILBOX or imap://…")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "imap" && u.Scheme != "imaps" {
		return nil, bad // the cause would show the password
	}
	b := &Box{host: u.Hostname(), port: u.Port(), secure: u.Scheme == "imaps", user: u.User.Username(),
		folder: strings.Trim(u.Path, "/"), Address: strings.ToLower(u.Query().Get("address"))}
	b.password, _ = u.User.Password()
	b.plain = !b.secure && (b.host == "localhost" || net.ParseIP(b.host).IsLoopback())
	if b.folder == "" {
		b.folder = "INBOX"
	}
	if b.port == "" {
		b.port = "143"
		if b.secure {
			b.port = "993"
		}
	}
	if b.Address == "" {
		if b.Address = strings.ToLower(b.user); !strings.Contains(b.user, "@") {
			b.Address += "@" + b.host
		}
	}
	local, domain, _ := strings.Cut(b.Address, "@")
	if local == "" || domain == "" || len(local) > 20 || strings.ContainsAny(local, "+ <>\"") {
		return nil, fmt.Errorf("%w; address: want one of at most 20 characters before the @, and without a plus", bad)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{b.host, b.user, b.folder}, "\x00")))
	b.key = hex.EncodeToString(sum[:12])
	b.tls = &tls.Config{ServerName: b.host, MinVersion: tls.VersionTLS12}
	return b, nil
}

// open signs in and opens the mailbox. The caller ends the session; the end of
// ctx does too, so that no server holds a job for ever.
func (b *Box) open(ctx context.Context) (*session, error) {
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(dialing, "tcp", net.JoinHostPort(b.host, b.port))
	if err != nil {
		return nil, fmt.Errorf("reach the mailbox: %w", err)
	}
	s := &session{stop: context.AfterFunc(ctx, func() { _ = conn.Close() })}
	if err := b.greet(conn, s); err != nil {
		_ = conn.Close()
		s.stop()
		return nil, err
	}
	return s, nil
}

func (b *Box) greet(conn net.Conn, s *session) (err error) {
	switch {
	case b.secure:
		c := b.tls.Clone()
		c.NextProtos = []string{"imap"}
		s.c = imapclient.New(tls.Client(conn, c), nil)
	case b.plain:
		s.c = imapclient.New(conn, nil)
	default:
		if s.c, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: b.tls}); err != nil {
			return fmt.Errorf("begin TLS with the mailbox: %w", err)
		}
	}
	if err := s.c.Login(b.user, b.password).Wait(); err != nil {
		return fmt.Errorf("sign in to the mailbox: %w", err)
	}
	box, err := s.c.Select(b.folder, nil).Wait()
	if err != nil {
		return fmt.Errorf("%w %s: %w", errFolder, b.folder, err)
	}
	s.validity = box.UIDValidity
	return nil
}

// Check signs in, opens the mailbox and leaves, for the doctor.
func (b *Box) Check(ctx context.Context) error {
	s, err := b.open(ctx)
	if err != nil {
		return err
	}
	s.close()
	return nil
}

// session is one visit to a mailbox.
type session struct {
	c        *imapclient.Client
	stop     func() bool
	validity uint32 // numbers of mails hold as long as this stays
}

func (s *session) close() {
	_ = s.c.Logout().Wait() // whatever it says, the connection goes
	_ = s.c.Close()
	s.stop()
}

// found is a mail that lies in the mailbox.
type found struct {
	uid  uint32
	size int64
}

// after lists mails with numbers above one; without one, those that nobody read.
func (s *session) after(last uint32, most int) ([]found, error) {
	criteria := &imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}
	if last > 0 {
		set := imap.UIDSet{imap.UIDRange{Start: imap.UID(last) + 1}}
		criteria = &imap.SearchCriteria{UID: []imap.UIDSet{set}, NotFlag: []imap.Flag{imap.FlagDeleted}}
	}
	data, err := s.c.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("search the mailbox: %w", err)
	}
	var set imap.UIDSet
	for _, uid := range data.AllUIDs() {
		if uint32(uid) > last && most > 0 { // "n:*" names the newest even when it is older
			set.AddNum(uid)
			most--
		}
	}
	if len(set) == 0 {
		return nil, nil
	}
	rows, err := s.c.Fetch(set, &imap.FetchOptions{UID: true, RFC822Size: true}).Collect()
	if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	list := make([]found, 0, len(rows))
	for _, r := range rows {
		list = append(list, found{uint32(r.UID), r.RFC822Size})
	}
	return list, nil
}

// headerMost is how much of a mail that is too large is looked at.
const headerMost = 64 << 10

// raw reads a mail, or its beginning only; nil when it is not there any more.
func (s *session) raw(uid uint32, beginning bool) ([]byte, error) {
	part := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: SizeMost}} // whatever size the server told
	if beginning {
		part.Partial.Size = headerMost
	}
	rows, err := s.c.Fetch(imap.UIDSetNum(imap.UID(uid)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{part}}).Collect()
	if err != nil {
		return nil, fmt.Errorf("fetch a mail: %w", err)
	}
	if len(rows) == 0 || len(rows[0].BodySection) == 0 {
		return nil, nil
	}
	return rows[0].BodySection[0].Bytes, nil
}

// seen marks a mail as read, so that people who open the mailbox know.
func (s *session) seen(uid uint32) error {
	err := s.c.Store(imap.UIDSetNum(imap.UID(uid)), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagSeen}}, nil).Close()
	if err != nil {
		return fmt.Errorf("mark a mail as read: %w", err)
	}
	return nil
}
