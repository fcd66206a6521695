package files

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"minqing/internal/fault"
)

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`

// Bodies of parts of ECMA-376 and its extensions that name no author, no company
// and nobody who wrote along.
var blankParts = map[string]string{
	"docprops/core.xml":   xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`,
	"docprops/app.xml":    xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>`,
	"docprops/custom.xml": xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>`,
	"word/people.xml":     xmlHead + `<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/>`,
}

// What stands where a name stood: what Word and Excel write there themselves when
// they are told to remove personal information.
const nobody = "Author"

var (
	wordRule    = &rule{attributes: map[string]string{"author": nobody, "initials": "A", "ed": nobody}}
	noteRule    = &rule{notes: true}
	personRule  = &rule{attributes: map[string]string{"displayName": nobody, "userId": nobody, "providerId": "None"}}
	bookRule    = &rule{attributes: map[string]string{"userName": nobody, "absPath url": ""}}
	historyRule = &rule{attributes: map[string]string{"userName": nobody, "userInfo name": nobody}}
	linkRule    = &rule{attributes: map[string]string{"Target": "file:///"}, only: "file:"}
)

// ruleOf tells what may name people in a part, by its name in lower case; nil
// where nothing does. Tables of Excel do not, and they are the large parts.
func ruleOf(name string) *rule {
	base := path.Base(name)
	switch {
	case path.Ext(name) == ".rels":
		return linkRule
	case path.Ext(name) != ".xml":
		return nil
	case strings.HasPrefix(name, "word/"):
		return wordRule
	case !strings.HasPrefix(name, "xl/"):
		return nil
	case strings.HasPrefix(base, "comment"):
		return noteRule
	case strings.HasPrefix(base, "person"):
		return personRule
	case base == "workbook.xml":
		return bookRule
	case strings.HasPrefix(name, "xl/revisions/"):
		return historyRule
	}
	return nil
}

// mostRewritten bounds what one upload may make the program unpack.
const mostRewritten = 100 << 20

// stripOffice copies a Word or Excel file without its properties, the names of
// those who wrote, changed or commented on it, and what its pictures tell. The
// other parts are copied as they are packed.
func stripOffice(w io.Writer, src io.ReaderAt, size int64) error {
	return (&officeCopy{left: mostRewritten}).copy(w, src, size)
}

type officeCopy struct {
	left   uint64 // bytes that may still be unpacked
	within bool   // a file that lies in another
}

func (c *officeCopy) copy(w io.Writer, src io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return errBroken
	}
	out := zip.NewWriter(w)
	for _, f := range archive.File {
		if err := c.part(out, f); err != nil {
			return err
		}
	}
	return out.Close()
}

func (c *officeCopy) part(out *zip.Writer, f *zip.File) error {
	name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
	if blank, ok := blankParts[name]; ok {
		part, err := out.Create(f.Name)
		if err != nil {
			return err
		}
		_, err = io.WriteString(part, blank)
		return err
	}
	if r := ruleOf(name); r != nil {
		return c.rewrite(out, f, r)
	}
	if path.Ext(name) == ".xml" || strings.HasSuffix(name, "/") {
		return out.Copy(f)
	}
	return c.content(out, f)
}

// rewrite copies a part as its rule wants it.
func (c *officeCopy) rewrite(out *zip.Writer, f *zip.File, r *rule) error {
	if err := c.take(f.UncompressedSize64); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return errBroken
	}
	defer in.Close()
	part, err := out.Create(f.Name)
	if err != nil {
		return err
	}
	return blankXML(part, io.LimitReader(in, int64(f.UncompressedSize64)), r) //nolint:gosec // taken off what is left
}

// content copies a part that is no XML: a picture or a file of ours within this
// one loses what the same loses that comes alone.
func (c *officeCopy) content(out *zip.Writer, f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return out.Copy(f)
	}
	defer in.Close()
	head := make([]byte, 12)
	n, _ := io.ReadFull(in, head)
	picture, packed := recognisePicture(head[:n]), hasPrefix(head[:n], "PK\x03\x04") && !c.within
	if picture == nil && !packed {
		return out.Copy(f)
	}
	if f.UncompressedSize64 > MaxSize { // packed twice
		return refuseSwollen(MaxSize)
	}
	if err := c.take(f.UncompressedSize64); err != nil {
		return err
	}
	rest, err := io.ReadAll(io.LimitReader(in, int64(f.UncompressedSize64)-int64(n))) //nolint:gosec // at most MaxSize
	if err != nil {
		return errBroken
	}
	body := bytes.NewReader(append(head[:n], rest...))
	if word, sheet := officeParts(body, body.Size()); packed && !word && !sheet {
		return out.Copy(f)
	}
	part, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: f.Method})
	if err != nil {
		return err
	}
	if packed {
		c.within = true
		defer func() { c.within = false }()
		return c.copy(part, body, body.Size())
	}
	if err := picture.strip(part, body, body.Size()); !errors.Is(err, errBroken) {
		return err
	}
	return nil // a damaged picture ends where the damage begins
}

func (c *officeCopy) take(n uint64) error {
	if n > c.left {
		return refuseSwollen(mostRewritten)
	}
	c.left -= n
	return nil
}

func refuseSwollen(most int) error {
	return fault.InvalidInput(fault.Field{Name: "file", Key: "files.type.swells", Args: map[string]any{"Megabytes": most >> 20}})
}
