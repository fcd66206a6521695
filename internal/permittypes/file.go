package permittypes

import (
	"bytes"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// Phrase puts a test of a rule in words: "cooking" is "you cook on site".
type Phrase struct {
	Test Rule      `json:"test" yaml:"test"`
	Text i18n.Text `json:"text" yaml:"text"`
}

// File is a type as a file of its own, with its questions as a list.
type File struct {
	Type `yaml:",inline"`
	Ask  []catalogue.Question `yaml:"questions"`
}

// Read reads a type from a file. A key that the format does not know is an
// error, so that a typing error does not lose data.
func Read(from io.Reader) (*Type, error) {
	var f File
	raw, err := io.ReadAll(from)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, &f, yaml.Strict())
	}
	if err == nil {
		f.Questions, err = catalogue.SchemaOf(f.Ask)
	}
	if err != nil {
		return nil, fmt.Errorf("read a permit type: %w", err)
	}
	f.settle()
	return &f.Type, nil
}

// Write writes the type as a file that Read reads.
func (t *Type) Write(to io.Writer) error {
	ask, err := catalogue.QuestionsOf(t.Questions)
	if err != nil {
		return err
	}
	if err := yaml.NewEncoder(to, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true)).Encode(File{*t, ask}); err != nil {
		return fmt.Errorf("write a permit type: %w", err)
	}
	return nil
}

// Text is the type as a file.
func (t *Type) Text() (string, error) {
	var b bytes.Buffer
	err := t.Write(&b)
	return b.String(), err
}
