package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Assets serves static/dist under one path that carries a hash of everything in
// it, so that browsers may keep each file for ever and scripts may import each
// other by relative names.
type Assets struct {
	base  string
	from  fs.FS
	files map[string]*asset
	icons map[string][2]template.HTML // in 20 and 32 px
}

// asset is a file that stays where it is, in the program, until it is asked for.
type asset struct {
	name string
	kind string
	size int64
	zip  func() []byte
}

var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".json": "application/json",
}

// NewAssets reads static/dist of files.
func NewAssets(files fs.FS) (*Assets, error) {
	a := &Assets{from: files, files: make(map[string]*asset)}
	sum := sha256.New()
	err := fs.WalkDir(files, "static/dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		about, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, about.Size())
		if err := copyFile(sum, files, name); err != nil {
			return err
		}
		kind, known := assetKinds[path.Ext(name)]
		if !known {
			kind = mime.TypeByExtension(path.Ext(name))
		}
		a.files[strings.TrimPrefix(name, "static/dist/")] = &asset{name, kind, about.Size(), sync.OnceValue(func() []byte { return compress(files, name, about.Size()) })}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the static files: %w", err)
	}
	a.base = "/static/" + hex.EncodeToString(sum.Sum(nil))[:12] + "/"
	return a, a.drawIcons()
}

var iconID = regexp.MustCompile(`<symbol id="([a-z0-9-]+)"`)

// drawIcons writes the markup of each icon once. Icons never stand without a
// word, so they are hidden from those who cannot see them.
func (a *Assets) drawIcons() error {
	a.icons = make(map[string][2]template.HTML)
	file := a.files["icons.svg"]
	if file == nil {
		return nil
	}
	sprite, err := fs.ReadFile(a.from, file.name)
	if err != nil {
		return fmt.Errorf("read the icons: %w", err)
	}
	for _, hit := range iconID.FindAllSubmatch(sprite, -1) {
		name := string(hit[1])
		end := `" aria-hidden="true" focusable="false"><use href="` + a.base + `icons.svg#` + name + `"></use></svg>`
		a.icons[name] = [2]template.HTML{
			template.HTML(`<svg class="mq-icon` + end),
			template.HTML(`<svg class="mq-icon mq-icon--large` + end),
		}
	}
	return nil
}

// copyFile writes a file's content, which is nowhere kept in memory.
func copyFile(w io.Writer, files fs.FS, name string) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// compress gives nothing where it would save nothing.
func compress(files fs.FS, name string, size int64) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if err := copyFile(w, files, name); err != nil || w.Close() != nil || int64(out.Len()) >= size {
		return nil
	}
	return bytes.Clone(out.Bytes())
}

// URL is the address of a file of static/dist.
func (a *Assets) URL(name string) (string, error) {
	if a.files[name] == nil {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return a.base + name, nil
}

// The worker that opens the page of an inspection without network, and below which
// path its own scope, that one page, may lie.
const (
	worker      = "inspection-worker.js"
	workerBelow = "/desk/cases/"
)

// ServeHTTP serves /static/<hash>/<name>. Under the hash of another release the
// file of this one is served, but not to be kept.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
	file := a.files[name]
	if file == nil || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	if name == worker {
		h.Set("Service-Worker-Allowed", workerBelow)
	}
	if strings.HasPrefix(r.URL.Path, a.base) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	var zipped []byte
	size := file.size
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if zipped = file.zip(); zipped != nil {
			h.Set("Content-Encoding", "gzip")
			size = int64(len(zipped))
		}
	}
	h.Set("Content-Length", fmt.Sprint(size))
	switch { // a reader who went away is no fault of ours
	case r.Method != http.MethodGet:
	case zipped != nil:
		_, _ = w.Write(zipped)
	default:
		_ = copyFile(w, a.from, file.name)
	}
}
