package main

import (
	"context"

	"minqing/internal/files"
)

// scanner asks who looks into attachments, where anybody does.
func (d *doctor) scanner(ctx context.Context) {
	if d.c.ScannerURL == "" {
		d.warn("scanner", "off: nobody looks for malware in attachments", "set MINQING_SCANNER_URL")
		return
	}
	s, err := files.OpenScanner(d.c.ScannerURL)
	if err == nil {
		err = s.Check(ctx)
	}
	if err != nil {
		d.fail("scanner", "no attachment is taken: "+err.Error(), "start the scanner, or correct MINQING_SCANNER_URL")
		return
	}
	d.ok("scanner", "the scanner of attachments answers")
}
