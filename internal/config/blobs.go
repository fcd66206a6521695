package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// blobURL takes a directory or a bucket. An endpoint may be plain http: contents
// are sealed before they leave, and a signature tells nobody the secret.
func blobURL(value string) string {
	if dir, ok := strings.CutPrefix(value, "file:"); ok && strings.Trim(dir, "/") != "" {
		return ""
	}
	if !strings.HasPrefix(value, "s3:") {
		return "file:DIRECTORY or s3://BUCKET/PREFIX"
	}
	u, err := url.Parse(value)
	if err != nil || !bucketPattern.MatchString(u.Host) {
		return "s3://BUCKET/PREFIX; in a key before the bucket, / is written %2F and + is %2B"
	}
	for name, said := range u.Query() {
		switch name {
		case "endpoint":
			e, err := url.Parse(said[0])
			if err != nil || e.Scheme != "http" && e.Scheme != "https" || e.Hostname() == "" || strings.Trim(e.Path, "/") != "" || e.RawQuery != "" || e.User != nil {
				return "an endpoint such as https://s3.example.org:9000"
			}
		case "path_style":
			if said[0] != "true" && said[0] != "false" {
				return "path_style=true or false"
			}
		case "region", "session_token":
		default:
			return "after the ? only endpoint, region, path_style and session_token"
		}
	}
	return ""
}

// awsNames are those by which every tool for S3 takes its key.
var awsNames = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"}

// amazon picks them out of the environment.
func amazon(environ []string) map[string]string {
	given := map[string]string{}
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); slices.Contains(awsNames, name) {
			given[name] = value
		}
	}
	return given
}

// bucketKey says what the key of a bucket lacks.
func bucketKey(given, aws map[string]string) Problems {
	value := given["MINQING_BLOB_URL"]
	if !strings.HasPrefix(value, "s3:") || blobURL(value) != "" {
		return nil
	}
	u, _ := url.Parse(withKey(value, aws))
	if secret, _ := u.User.Password(); u.User.Username() == "" || secret == "" {
		return Problems{"MINQING_BLOB_URL: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too, or write s3://KEY:SECRET@BUCKET/PREFIX"}
	}
	return nil
}

// withKey writes into the address of a bucket what it leaves to the environment,
// so that the address alone leads there.
func withKey(address string, aws map[string]string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" {
		return address
	}
	q := u.Query()
	if u.User == nil {
		u.User = url.UserPassword(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"])
		if token := aws["AWS_SESSION_TOKEN"]; token != "" {
			q.Set("session_token", token)
		}
	}
	if region := aws["AWS_REGION"]; region != "" && q.Get("region") == "" {
		q.Set("region", region)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
