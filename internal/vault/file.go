package vault

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// ringFile is the form of a key file.
type ringFile struct {
	Current string    `json:"current"`
	Keys    []ringKey `json:"keys"`
}

// ringKey is one key: whole, with its secret, or retired, with only the parts
// that recognise codes and indexes and prove signatures. No part leads back to
// the secret.
type ringKey struct {
	ID      string    `json:"id"`
	Suite   string    `json:"suite"`
	Secret  string    `json:"secret,omitempty"` // 32 bytes, base64
	Retired *ringRest `json:"retired,omitempty"`
}

type ringRest struct {
	Codes  []byte `json:"codes"`
	Index  []byte `json:"index"`
	Verify []byte `json:"verify"`
}

func parseFile(body []byte) (f ringFile, err error) {
	if err := json.Unmarshal(body, &f); err != nil {
		return f, errors.New("key file: it is no JSON of a key ring") // the parser's words may repeat a secret
	}
	return f, nil
}

func (f ringFile) body() ([]byte, error) {
	body, err := json.MarshalIndent(f, "", "  ")
	return append(body, '\n'), err
}

func (k ringKey) master() (*master, error) {
	if k.Suite != suiteAESName {
		return nil, fmt.Errorf("key file: key %q has the unknown suite %q", k.ID, k.Suite)
	}
	if k.Retired != nil && k.Secret == "" {
		r := k.Retired
		if len(r.Codes) != 32 || len(r.Index) != 32 || len(r.Verify) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("key file: the retired key %q lacks a part", k.ID)
		}
		return &master{id: k.ID, indexKey: r.Index, codesKey: r.Codes, verify: r.Verify}, nil
	}
	secret, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("key file: key %q is not 32 bytes of base64", k.ID)
	}
	return newMaster(k.ID, secret)
}

func (f *ringFile) add(id string) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	f.Keys = append(f.Keys, ringKey{ID: id, Suite: suiteAESName, Secret: base64.StdEncoding.EncodeToString(secret)})
}

func (f *ringFile) find(id string) int {
	return slices.IndexFunc(f.Keys, func(k ringKey) bool { return k.ID == id })
}

// AddKey puts a fresh key into a key file and gives its name: the next free one
// of k1, k2 and so on, also apart from those that used names. It does nothing
// until PromoteKey.
func AddKey(path string, used ...string) (id string, err error) {
	err = changeFile(path, func(f *ringFile) error {
		for n := 1; ; n++ {
			id = fmt.Sprintf("k%d", n)
			if slices.Contains(used, id) || slices.ContainsFunc(f.Keys, func(k ringKey) bool { return slices.Equal(IndexMark(k.ID), IndexMark(id)) }) {
				continue // the marks of indexes tell the keys of a ring apart
			}
			f.add(id)
			return nil
		}
	})
	return id, err
}

// PromoteKey makes a key of the file the current one.
func PromoteKey(path, id string) error {
	return changeFile(path, func(f *ringFile) error {
		if i := f.find(id); i < 0 || f.Keys[i].Secret == "" {
			return fmt.Errorf("%s has no whole key %q", path, id)
		}
		f.Current = id
		return nil
	})
}

// RetireKey leaves of a key only the parts that recognise what people hold.
// Whoever calls has made sure that nothing is wrapped under it.
func RetireKey(path, id string) error {
	return changeFile(path, func(f *ringFile) error {
		i, err := f.old(path, id)
		if err != nil || f.Keys[i].Retired != nil {
			return err
		}
		m, err := f.Keys[i].master()
		if err != nil {
			return err
		}
		f.Keys[i] = ringKey{ID: id, Suite: f.Keys[i].Suite, Retired: &ringRest{Codes: m.codesKey, Index: m.indexKey, Verify: m.verify}}
		return nil
	})
}

// DropKey takes a retired key out of the file for good.
func DropKey(path, id string) error {
	return changeFile(path, func(f *ringFile) error {
		i, err := f.old(path, id)
		if err != nil {
			return err
		}
		if f.Keys[i].Retired == nil {
			return fmt.Errorf("the key %q is not retired", id)
		}
		f.Keys = slices.Delete(f.Keys, i, i+1)
		return nil
	})
}

func (f *ringFile) old(path, id string) (int, error) {
	i := f.find(id)
	switch {
	case i < 0:
		return 0, fmt.Errorf("%s has no key %q", path, id)
	case id == f.Current:
		return 0, fmt.Errorf("%q is the current key: promote another first", id)
	}
	return i, nil
}

// changeFile replaces a key file by a changed one in one step. The new one lies
// beside it meanwhile, which keeps a second change out.
func changeFile(path string, change func(*ringFile) error) error {
	next := path + ".new"
	body, err := readOwn(path)
	if err != nil {
		return err
	}
	f, err := parseFile(body)
	if err != nil {
		return err
	}
	if err := change(&f); err != nil {
		return err
	}
	changed, err := f.body()
	if err != nil {
		return err
	}
	if _, err := ParseRing(changed); err != nil { // never write what no start would read
		return err
	}
	if err := writeNew(next, changed); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("somebody else is changing the key file; when nobody is, remove %s", next)
		}
		return fmt.Errorf("change the key file: %w", err)
	}
	defer os.Remove(next) // gone already when all went well
	again, err := readOwn(path)
	if err != nil || string(again) != string(body) {
		return errors.Join(err, errors.New("the key file was changed meanwhile; try again"))
	}
	keepOwner(path, next)
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("change the key file: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

// keepOwner lets the service read a file that an administrator changed.
func keepOwner(from, to string) {
	is, err := os.Stat(from)
	if err != nil {
		return
	}
	if owner, ok := is.Sys().(*syscall.Stat_t); ok {
		_ = os.Chown(to, int(owner.Uid), int(owner.Gid)) // only root may, and only root need
	}
}
