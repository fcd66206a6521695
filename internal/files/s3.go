package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"minqing/internal/fault"
)

// bucket keeps each content as an object of its own in an object store that
// speaks S3. It asks three things of a key, GET, PUT and DELETE; see
// docs/decisions/objects.md for why it does so itself.
type bucket struct {
	name   string
	where  url.URL // scheme, host, and the path up to the key
	by     signature
	client *http.Client
}

// How long an object store may take.
const (
	dialPatience   = 5 * time.Second
	answerPatience = 30 * time.Second
	putPatience    = 2 * time.Minute // one try of sending a content
)

// openS3 reads "s3://KEY:SECRET@BUCKET/PREFIX?endpoint=…&region=…&path_style=…".
// It asks nobody: Check does.
func openS3(address string) (*bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("the blob store needs a bucket: s3://BUCKET/PREFIX")
	}
	q := u.Query()
	secret, _ := u.User.Password()
	b := &bucket{name: u.Host, by: signature{u.User.Username(), secret, q.Get("session_token"), q.Get("region")}}
	if b.by.key == "" || secret == "" {
		return nil, errors.New("the blob store s3://" + u.Host + " needs the name and the secret of an access key")
	}
	if b.by.region == "" {
		b.by.region = "us-east-1"
	}
	b.where = url.URL{Scheme: "https", Host: "s3." + b.by.region + ".amazonaws.com"}
	if to := q.Get("endpoint"); to != "" {
		e, err := url.Parse(to)
		if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" {
			return nil, errors.New("the endpoint of the blob store must be an address such as https://s3.example.org")
		}
		b.where = url.URL{Scheme: e.Scheme, Host: e.Host}
	}
	if inPath, _ := strconv.ParseBool(q.Get("path_style")); inPath {
		b.where.Path = "/" + b.name
	} else {
		b.where.Host = b.name + "." + b.where.Host
	}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		b.where.Path += "/" + prefix
	}
	way := http.DefaultTransport.(*http.Transport).Clone()
	way.DialContext = (&net.Dialer{Timeout: dialPatience}).DialContext
	way.ResponseHeaderTimeout = answerPatience
	way.DisableCompression = true // contents are sealed
	b.client = &http.Client{Transport: way, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b, nil
}

// Put writes into a passing file first, whose digest the signature binds and
// whose length the store is told: a store keeps a whole object or none.
func (b *bucket) Put(ctx context.Context, key string, fill func(io.Writer) error) error {
	f, err := os.CreateTemp("", "minqing-")
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return storeFault(err)
	}
	if err != nil {
		return fault.New(fault.Unavailable, "files.store_down").Because(fmt.Errorf("make a passing file: %w", err))
	}
	defer os.Remove(f.Name())
	defer f.Close()
	m := &meter{w: f, sum: sha256.New()}
	if err := fill(m); err != nil {
		return storeFault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, putPatience)
	defer cancel()
	res, err := b.ask(ctx, request{method: http.MethodPut, key: key, body: f, size: m.n, sum: hex.EncodeToString(m.sum.Sum(nil))})
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func (b *bucket) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	res, err := b.ask(ctx, request{method: http.MethodGet, key: key, sum: emptySum})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (b *bucket) Delete(ctx context.Context, key string) error {
	res, err := b.ask(ctx, request{method: http.MethodDelete, key: key, sum: emptySum})
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func (b *bucket) Check(ctx context.Context) error { return probe(ctx, b) }

// request is what is asked of one key.
type request struct {
	method, key string
	body        io.ReaderAt
	size        int64  // of the body; zero without one
	sum         string // digest of the body, in hexadecimal
}

// pauses lie between the tries: what is asked here may be asked twice.
var pauses = []time.Duration{100 * time.Millisecond, 400 * time.Millisecond}

// ask gives an answer that says yes, else a fault.
func (b *bucket) ask(ctx context.Context, r request) (*http.Response, error) {
	for try := 0; ; try++ {
		res, err := b.once(ctx, r)
		if err == nil {
			return res, nil
		}
		var no *refusal
		lasting := errors.As(err, &no) && no.status < 500 && no.status != http.StatusTooManyRequests
		if lasting || try == len(pauses) || ctx.Err() != nil {
			return nil, b.fault(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pauses[try]):
		}
	}
}

func (b *bucket) once(ctx context.Context, r request) (*http.Response, error) {
	u := b.where
	u.Path += "/" + r.key
	u.RawPath = escaped(u.Path)
	var body io.Reader = http.NoBody
	if r.size > 0 {
		body = io.NewSectionReader(r.body, 0, r.size)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.ContentLength = r.size
	if r.method == http.MethodPut {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	b.by.sign(req, r.sum, time.Now())
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, refusalOf(res)
}

// refusal is a no of the object store.
type refusal struct {
	status        int
	code, message string
}

func refusalOf(res *http.Response) *refusal {
	var said struct{ Code, Message string }
	_ = xml.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&said) // without words the status says enough
	return &refusal{res.StatusCode, said.Code, said.Message}
}

// Error is for the operator.
func (r *refusal) Error() string {
	return strings.TrimRight(fmt.Sprintf("it answers %d %s: %s", r.status, r.code, r.message), " :")
}

// full are the words by which stores say that there is no room.
var full = []string{"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}

// fault turns what the store says into what people can do, as storeFault does.
func (b *bucket) fault(err error) error {
	at := b.where.Scheme + "://" + b.where.Host
	var no *refusal
	switch {
	case !errors.As(err, &no):
		if errors.Is(err, context.Canceled) {
			return err // whoever asked has left
		}
		return fault.New(fault.Unavailable, "files.store_down").Because(fmt.Errorf("reach the bucket %s at %s: %w", b.name, at, err))
	case no.status == http.StatusInsufficientStorage, slices.Contains(full, no.code):
		return fault.New(fault.Unavailable, "files.no_space").Because(fmt.Errorf("the bucket %s at %s: %w", b.name, at, no))
	case no.code == "NoSuchBucket":
		err = fmt.Errorf("there is no bucket %s at %s: %w", b.name, at, no)
	case no.status == http.StatusNotFound && (no.code == "NoSuchKey" || no.code == ""):
		return fault.New(fault.NotFound, "files.missing").Because(no)
	case no.status == http.StatusForbidden, no.status == http.StatusUnauthorized:
		err = fmt.Errorf("the access key %s may not use the bucket %s at %s: %w", b.by.key, b.name, at, no)
	default:
		err = fmt.Errorf("the bucket %s at %s: %w", b.name, at, no)
	}
	return fault.New(fault.Unavailable, "files.store_down").Because(err)
}

// Misplaced says whether a store will never take a content as it is set up: its
// bucket is not there, or refuses our key. What is down may come up again.
func Misplaced(err error) bool {
	f, _ := fault.As(err)
	no, ok := errors.AsType[*refusal](err)
	return ok && no.status < 500 && no.status != http.StatusTooManyRequests && f.Key != "files.no_space"
}

// Reason is what a store itself said, for operators, who need no key of a message.
func Reason(err error) error {
	if f, ok := fault.As(err); ok && f.Unwrap() != nil {
		return f.Unwrap()
	}
	return err
}
