package files

import (
	"archive/zip"
	"io"
	"strings"
)

// Bodies of the property parts of ECMA-376 that name no author and no company.
var blankProperties = map[string]string{
	"docprops/core.xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` +
		`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`,
	"docprops/app.xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` +
		`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>`,
	"docprops/custom.xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` +
		`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>`,
}

// stripOffice copies a Word or Excel file with blank document properties. The
// other parts are copied as they are packed.
func stripOffice(w io.Writer, src io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return errBroken
	}
	out := zip.NewWriter(w)
	for _, f := range archive.File {
		blank, isProperties := blankProperties[strings.ToLower(f.Name)]
		if !isProperties {
			if err := out.Copy(f); err != nil {
				return err
			}
			continue
		}
		part, err := out.Create(f.Name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, blank); err != nil {
			return err
		}
	}
	return out.Close()
}
