package mailroom

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Problem is why a mailbox cannot be looked into, as its keeper can mend it.
type Problem string

// The problems. Each has its words under "admin.mailbox.problem." in the locale files.
const (
	ProblemUnreachable Problem = "unreachable"
	ProblemCertificate Problem = "certificate"
	ProblemSignIn      Problem = "sign_in"
	ProblemFolder      Problem = "folder"
)

// errFolder marks what failed after the signing in.
var errFolder = errors.New("open the mailbox")

func problemOf(err error) Problem {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return ProblemCertificate
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return ProblemCertificate
	}
	// Who reads while the handshake goes on hears of it as a text only.
	if strings.Contains(err.Error(), "tls: failed to verify certificate") {
		return ProblemCertificate
	}
	if _, ok := errors.AsType[*imap.Error](err); ok {
		if errors.Is(err, errFolder) {
			return ProblemFolder
		}
		return ProblemSignIn
	}
	return ProblemUnreachable
}
