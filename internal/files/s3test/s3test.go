// Package s3test is an object store for tests. It checks the signature of every
// request with Amazon's own signer, and can be made to fail.
//
// TEST_S3_URL, in the form of MINQING_BLOB_URL with the key in it, puts a real
// server behind it, whose bucket must be there.
package s3test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Server is the store. Each has a place of its own in the bucket.
type Server struct {
	*httptest.Server
	Bucket, Key, Secret, Region, Prefix string

	t      testing.TB
	behind http.Handler
	mu     sync.Mutex
	spoil  func(w http.ResponseWriter, r *http.Request) bool
	asked  int
}

// New starts a store.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, Bucket: "attachments", Key: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Region: "ap-east-1",
		Prefix: strings.ToLower(rand.Text()) + "/民情 1"}
	if real := os.Getenv("TEST_S3_URL"); real != "" {
		s.proxy(real)
	} else {
		kept := s3mem.New()
		if err := kept.CreateBucket(s.Bucket); err != nil {
			t.Fatal(err)
		}
		s.behind = s.signed(gofakes3.New(kept).Server())
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Server.Close)
	return s
}

// proxy leads to a real server, which sees the host that was signed.
func (s *Server) proxy(address string) {
	u, err := url.Parse(address)
	if err != nil {
		s.t.Fatal("TEST_S3_URL is malformed")
	}
	to, err := url.Parse(u.Query().Get("endpoint"))
	if err != nil {
		s.t.Fatal("TEST_S3_URL is malformed")
	}
	s.Bucket, s.Key, s.Region = u.Host, u.User.Username(), u.Query().Get("region")
	s.Secret, _ = u.User.Password()
	s.behind = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
	}}
}

// Address is the store's for MINQING_BLOB_URL, with the key in it.
func (s *Server) Address() string { return s.For(s.Bucket, s.Key, s.Secret) }

// For is the address of another bucket or by another key; none when it is empty.
func (s *Server) For(bucket, key, secret string) string {
	u := url.URL{Scheme: "s3", Host: bucket, Path: "/" + s.Prefix,
		RawQuery: url.Values{"endpoint": {s.URL}, "region": {s.Region}, "path_style": {"true"}}.Encode()}
	if key != "" {
		u.User = url.UserPassword(key, secret)
	}
	return u.String()
}

// Spoil puts something before every answer; what gives true has answered itself.
func (s *Server) Spoil(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spoil = f
}

// Asked is how many requests came.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	spoil := s.spoil
	s.asked++
	s.mu.Unlock()
	if spoil != nil && spoil(w, r) {
		return
	}
	s.behind.ServeHTTP(w, r)
}

// Refuse answers as S3 does.
func Refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>made for a test</Message></Error>", code)
}

// signed lets through what Amazon's signer would have signed alike.
func (s *Server) signed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender is gone
		}
		sum := sha256.Sum256(body)
		at, _ := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		_, list, _ := strings.Cut(r.Header.Get("Authorization"), "SignedHeaders=")
		list, _, _ = strings.Cut(list, ",")
		again := &http.Request{Method: r.Method, Host: r.Host, URL: r.URL, Header: http.Header{}}
		for name := range strings.SplitSeq(list, ";") {
			if name != "host" {
				again.Header.Set(name, r.Header.Get(name))
			}
		}
		s.sign(r.Context(), again, hex.EncodeToString(sum[:]), at)
		switch {
		case !strings.Contains(r.Header.Get("Authorization"), "Credential="+s.Key+"/"):
			Refuse(w, http.StatusForbidden, "InvalidAccessKeyId")
		case time.Since(at).Abs() > 15*time.Minute:
			Refuse(w, http.StatusForbidden, "RequestTimeTooSkewed")
		case again.Header.Get("Authorization") != r.Header.Get("Authorization"):
			Refuse(w, http.StatusForbidden, "SignatureDoesNotMatch")
		default:
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Server) sign(ctx context.Context, r *http.Request, sum string, at time.Time) {
	err := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).
		SignHTTP(ctx, aws.Credentials{AccessKeyID: s.Key, SecretAccessKey: s.Secret}, r, sum, "s3", s.Region, at)
	if err != nil {
		s.t.Error(err)
	}
}

// Objects lists the keys in the store's place, without its prefix.
func (s *Server) Objects() (keys []string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL+"/"+s.Bucket+"?"+url.Values{"list-type": {"2"}, "prefix": {s.Prefix}}.Encode(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256(nil)
	r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	s.sign(context.Background(), r, hex.EncodeToString(sum[:]), time.Now())
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var list struct{ Contents []struct{ Key string } }
	if err := xml.NewDecoder(res.Body).Decode(&list); err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatal(res.Status, err)
	}
	for _, c := range list.Contents {
		keys = append(keys, strings.TrimPrefix(c.Key, s.Prefix+"/"))
	}
	return keys
}
