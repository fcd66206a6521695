package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACollectorIsAnAddress(t *testing.T) {
	for address, fine := range map[string]bool{
		"http://collector:4318": true, "https://u:hunter2@collector.city.test/otlp/": true, "http://u:hunter2@127.0.0.1:4318": true,
		"http://u:hunter2@collector:4318": false, "collector:4318": false, "grpc://collector:4317": false, "http://collector:4318?token=hunter2": false,
	} {
		c, err := Load([]string{"MINQING_OTEL_ENDPOINT=" + address})
		require.Equal(t, fine, err == nil, address)
		if err != nil {
			require.NotContains(t, err.Error(), "hunter2")
			continue
		}
		require.Equal(t, address, c.OtelEndpoint)
		for _, s := range c.Redacted() {
			require.NotContains(t, s.Value, "hunter2", s.Name)
		}
	}
	c, err := Load(nil)
	require.NoError(t, err)
	require.Empty(t, c.OtelEndpoint)
}
