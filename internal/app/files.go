package app

import "minqing/internal/files"

// wireFiles opens the store of attachments, and the scanner where there is one.
func (a *App) wireFiles() (err error) {
	if a.Store, err = files.OpenStore(a.Config.BlobURL); err != nil {
		return err
	}
	d := files.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Store: a.Store, Now: a.Options.Now}
	if a.Config.ScannerURL != "" {
		if d.Scanner, err = files.OpenScanner(a.Config.ScannerURL); err != nil {
			return err
		}
	}
	a.Files = files.New(d)
	return nil
}
