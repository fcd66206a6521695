package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// signature signs requests for S3 by AWS Signature Version 4:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
type signature struct{ key, secret, token, region string }

// emptySum is the digest of a request without a body.
const emptySum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// sign adds the headers that prove who asks. Every header that is set already is
// signed too; the body is bound by its digest in hexadecimal. There is no query.
func (s signature) sign(r *http.Request, sum string, at time.Time) {
	stamp := at.UTC().Format("20060102T150405Z")
	day := stamp[:8]
	r.Header.Set("X-Amz-Content-Sha256", sum)
	r.Header.Set("X-Amz-Date", stamp)
	if s.token != "" {
		r.Header.Set("X-Amz-Security-Token", s.token)
	}
	names, headers := canonical(r)
	request := strings.Join([]string{r.Method, r.URL.EscapedPath(), "", headers, names, sum}, "\n")
	digest := sha256.Sum256([]byte(request))
	scope := day + "/" + s.region + "/s3/aws4_request"
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	key := []byte("AWS4" + s.secret)
	for _, part := range []string{day, s.region, "s3", "aws4_request", text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.key+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(key))
}

// canonical gives the names of the signed headers and their lines, sorted.
func canonical(r *http.Request) (names, lines string) {
	values := map[string]string{"host": r.URL.Host}
	for name := range r.Header {
		values[strings.ToLower(name)] = strings.TrimSpace(r.Header.Get(name))
	}
	sorted := slices.Sorted(maps.Keys(values))
	for _, name := range sorted {
		lines += name + ":" + values[name] + "\n"
	}
	return strings.Join(sorted, ";"), lines
}

// escaped writes a path as Amazon signs it: all but letters, digits and -._~/
// stands as its bytes.
func escaped(path string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
