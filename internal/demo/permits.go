package demo

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"minqing/internal/i18n"
	"minqing/internal/permittypes"
)

// PermitTypes are the permit types of the city, by the names of their files.
var PermitTypes = sync.OnceValues(func() ([]*permittypes.Type, error) {
	var common struct {
		Remedies i18n.Text          `yaml:"remedies"`
		Steps    []permittypes.Step `yaml:"steps"`
	}
	if err := read("permits/common.yaml", &common); err != nil {
		return nil, err
	}
	paths, err := fs.Glob(cityFiles, "city/permits/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the permit types of the demo city: %w", err)
	}
	var types []*permittypes.Type
	for _, name := range paths {
		if path.Base(name) == "common.yaml" {
			continue
		}
		raw, err := cityFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the demo city: %w", err)
		}
		t, err := permittypes.Read(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("demo city, %s: %w", name, err)
		}
		if t.Remedies.Empty() {
			t.Remedies = common.Remedies
		}
		if len(t.Steps) == 0 {
			t.Steps = common.Steps
		}
		types = append(types, t)
	}
	return types, nil
})

// Events are what people of the city set out to do that may want several permits.
var Events = sync.OnceValues(func() ([]*permittypes.Event, error) {
	paths, err := fs.Glob(cityFiles, "city/bundles/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the events of the demo city: %w", err)
	}
	var list []*permittypes.Event
	for _, name := range paths {
		raw, err := cityFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the demo city: %w", err)
		}
		e, err := permittypes.ReadEvent(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("demo city, %s: %w", name, err)
		}
		list = append(list, e)
	}
	return list, nil
})
