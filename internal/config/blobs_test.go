package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABucketTakesItsKeyFromWhereEveryToolDoes(t *testing.T) {
	key := []string{"AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=a/b+c", "AWS_REGION=ap-east-1"}
	c, err := Load(append(key, "MINQING_BLOB_URL=s3://bucket/prefix?endpoint=https://s3.city.test:9000&path_style=true"))
	require.NoError(t, err)
	require.Equal(t, "s3://AKID:a%2Fb+c@bucket/prefix?endpoint=https%3A%2F%2Fs3.city.test%3A9000&path_style=true&region=ap-east-1", c.BlobURL)

	c, err = Load(append(key, "AWS_SESSION_TOKEN=passing", "MINQING_BLOB_URL=s3://bucket?region=eu-west-1"))
	require.NoError(t, err)
	require.Equal(t, "s3://AKID:a%2Fb+c@bucket?region=eu-west-1&session_token=passing", c.BlobURL)

	c, err = Load(append(key, "MINQING_BLOB_URL=s3://OTHER:secret@bucket"))
	require.NoError(t, err)
	require.Equal(t, "s3://OTHER:secret@bucket?region=ap-east-1", c.BlobURL)

	c, err = Load(append(key, "MINQING_BLOB_URL="))
	require.NoError(t, err)
	require.Equal(t, "file:var/blobs", c.BlobURL)
}

func TestABucketsAddressIsChecked(t *testing.T) {
	for address, want := range map[string]string{
		"s3://bucket":                          "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too",
		"s3://hunter2@bucket":                  "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too",
		"s3://u:hunter2@":                      "want s3://BUCKET/PREFIX",
		"s3://u:hun/ter2@bucket":               "/ is written %2F",
		"s3://u:hunter2@Bucket_1":              "want s3://BUCKET/PREFIX",
		"s3://u:hunter2@bucket?endpoint=host":  "want an endpoint",
		"s3://u:hunter2@bucket?path_style=yes": "want path_style",
		"s3://u:hunter2@bucket?acl=public":     "want after the ? only",
		"gs://bucket":                          "want file:DIRECTORY or s3://BUCKET/PREFIX",
	} {
		_, err := Load([]string{"MINQING_BLOB_URL=" + address})
		require.ErrorContains(t, err, "MINQING_BLOB_URL: ", address)
		require.ErrorContains(t, err, want, address)
		require.NotContains(t, err.Error(), "ter2")
	}
}

func TestABucketsSecretIsNeverShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "blobs")
	require.NoError(t, os.WriteFile(path, []byte("s3://AKID:hunter2@bucket/p?endpoint=https://s3.city.test&region=r&session_token=hunter2\n"), 0o600))
	for _, environ := range [][]string{
		{"MINQING_BLOB_URL_FILE=" + path},
		{"MINQING_BLOB_URL=s3://bucket/p?endpoint=https://s3.city.test&region=r", "AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=hunter2", "AWS_SESSION_TOKEN=hunter2"},
	} {
		c, err := Load(environ)
		require.NoError(t, err)
		require.Equal(t, "s3://AKID:hunter2@bucket/p?endpoint=https%3A%2F%2Fs3.city.test&region=r&session_token=hunter2", c.BlobURL)
		shown := false
		for _, s := range c.Redacted() {
			require.NotContains(t, s.Value, "hunter2", s.Name)
			if s.Name == "MINQING_BLOB_URL" {
				shown = true
				require.Contains(t, s.Value, "bucket/p?endpoint=https%3A%2F%2Fs3.city.test&region=r")
			}
		}
		require.True(t, shown)
	}
}
