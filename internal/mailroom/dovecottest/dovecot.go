// Package dovecottest runs a mail server of its own for tests: Debian's Dovecot,
// unprivileged, on free ports of 127.0.0.1, gone with the test.
package dovecottest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const program = "/usr/sbin/dovecot"

// Password opens every mailbox.
const Password = "Secret-1"

// Server is a running Dovecot.
type Server struct {
	Port    string // plain, and with STARTTLS
	TLSPort string
	Roots   *x509.CertPool // who signed its certificate, which names localhost

	folder   string
	uid, gid int
	n        atomic.Int64
}

// URL is the setting for one user's mailbox.
func (s *Server) URL(name string) string {
	return "imap://" + name + ":" + Password + "@127.0.0.1:" + s.Port + "/INBOX?address=" + name + "@city.example.org"
}

// Start runs a server until the test ends. Without Dovecot the test is skipped,
// but under `make test`, which installs it, the test fails.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("TEST_POSTGRES_URL") != "" {
			t.Fatal("there is no Dovecot: apt-get install dovecot-imapd")
		}
		t.Skip("there is no Dovecot: apt-get install dovecot-imapd")
	}
	folder, err := os.MkdirTemp("", "dovecot")
	must(t, err)
	s := &Server{Port: free(t), TLSPort: free(t), folder: folder, uid: os.Getuid(), gid: os.Getgid()}
	t.Cleanup(func() { os.RemoveAll(folder) })
	name := "nobody"
	if s.uid == 0 {
		u, err := user.Lookup(name)
		must(t, err)
		s.uid, _ = strconv.Atoi(u.Uid)
		s.gid, _ = strconv.Atoi(u.Gid)
	} else if u, err := user.Current(); err == nil {
		name = u.Username
	}
	group := "nogroup"
	if g, err := user.LookupGroupId(strconv.Itoa(s.gid)); err == nil {
		group = g.Name
	}
	s.certificate(t)
	must(t, os.MkdirAll(filepath.Join(folder, "mail"), 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "conf"), []byte(s.config(name, group)), 0o600))
	s.own(t, folder)
	cmd := exec.Command(program, "-F", "-c", filepath.Join(folder, "conf"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(s.uid), Gid: uint32(s.gid)}
	}
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for range 200 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+s.Port); err == nil {
			c.Close()
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(folder, "log"))
	t.Fatalf("Dovecot does not answer:\n%s\n%s", said.String(), log)
	return nil
}

func (s *Server) config(name, group string) string {
	in := func(part string) string { return filepath.Join(s.folder, part) }
	return strings.Join([]string{
		"base_dir = " + in("run"), "state_dir = " + in("state"), "log_path = " + in("log"),
		"protocols = imap", "listen = 127.0.0.1", "disable_plaintext_auth = no",
		"ssl = yes", "ssl_cert = <" + in("cert.pem"), "ssl_key = <" + in("key.pem"),
		"default_internal_user = " + name, "default_login_user = " + name, "default_internal_group = " + group,
		"first_valid_uid = 1", "mail_location = maildir:" + in("mail") + "/%u", "mail_max_userip_connections = 10",
		"service imap-login {", "chroot =", "inet_listener imap {", "port = " + s.Port, "}", "inet_listener imaps {", "port = " + s.TLSPort, "}", "}",
		"service anvil {", "chroot =", "}",
		"passdb {", "driver = static", "args = password=" + Password, "}",
		"userdb {", "driver = static", fmt.Sprintf("args = uid=%d gid=%d home=%s/%%u", s.uid, s.gid, in("mail")), "}", "",
	}, "\n")
}

// certificate makes one that names localhost and signs itself.
func (s *Server) certificate(t testing.TB) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	body := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, body, body, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(filepath.Join(s.folder, "cert.pem"), certificate, 0o600))
	must(t, os.WriteFile(filepath.Join(s.folder, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600))
	s.Roots = x509.NewCertPool()
	s.Roots.AppendCertsFromPEM(certificate)
}

// Deliver puts a mail into a user's mailbox, as a delivery agent does.
func (s *Server) Deliver(t testing.TB, name string, raw []byte) {
	t.Helper()
	box := filepath.Join(s.folder, "mail", name)
	for _, part := range []string{"tmp", "new", "cur"} {
		must(t, os.MkdirAll(filepath.Join(box, part), 0o700))
	}
	file := fmt.Sprintf("%d.M%d.test", time.Now().Unix(), s.n.Add(1))
	must(t, os.WriteFile(filepath.Join(box, "tmp", file), raw, 0o600))
	s.own(t, box)
	must(t, os.Rename(filepath.Join(box, "tmp", file), filepath.Join(box, "new", file)))
}

// Unread counts the mails of a mailbox that are not marked as read.
func (s *Server) Unread(t testing.TB, name string) (n int) {
	t.Helper()
	for _, part := range []string{"new", "cur"} {
		list, err := os.ReadDir(filepath.Join(s.folder, "mail", name, part))
		must(t, err)
		for _, e := range list {
			if _, flags, _ := strings.Cut(e.Name(), ":2,"); !strings.Contains(flags, "S") {
				n++
			}
		}
	}
	return n
}

// own gives files to the server's user.
func (s *Server) own(t testing.TB, root string) {
	if os.Getuid() != 0 {
		return
	}
	must(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if os.IsNotExist(err) { // the server renames while we look
			return nil
		}
		if err == nil {
			if err = os.Lchown(path, s.uid, s.gid); os.IsNotExist(err) {
				return nil
			}
		}
		return err
	}))
}

func free(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Rebuild gives a user's mailbox new numbers, as one that was restored has, and
// forgets which mails were read.
func (s *Server) Rebuild(t testing.TB, name string) {
	t.Helper()
	box := filepath.Join(s.folder, "mail", name)
	list, err := os.ReadDir(filepath.Join(box, "cur"))
	must(t, err)
	old := make([][]byte, 0, len(list))
	for _, e := range list {
		raw, err := os.ReadFile(filepath.Join(box, "cur", e.Name()))
		must(t, err)
		old = append(old, raw)
	}
	must(t, os.RemoveAll(box))
	time.Sleep(1100 * time.Millisecond) // the validity of numbers is a time in seconds
	for _, raw := range old {
		s.Deliver(t, name, raw)
	}
}
