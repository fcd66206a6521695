package demo

import (
	"embed"
	"fmt"

	"github.com/goccy/go-yaml"
)

//go:embed city
var cityFiles embed.FS

// read decodes a YAML file of the city; a field that the type does not know is
// an error, so that a typing error does not lose data.
func read(path string, into any) error {
	raw, err := cityFiles.ReadFile("city/" + path)
	if err != nil {
		return fmt.Errorf("read the demo city: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(raw, into, yaml.Strict()); err != nil {
		return fmt.Errorf("read the demo city, %s: %w", path, err)
	}
	return nil
}
