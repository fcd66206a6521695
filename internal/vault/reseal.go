package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"minqing/internal/db"
)

// Owner says which table names the data keys of one kind of owner, in a column
// vault_key_id, and what those keys seal. The packages of the tables give it.
type Owner struct {
	Kind   string // as minqing keys renew names it: "person", "account", "case", "file", "follower"
	Table  string
	Sealed []Sealed
}

// Sealed is a column of ciphertexts.
type Sealed struct {
	Table   string
	ID      string // the column that names a row
	Owner   string // the column with the owner's id
	Column  string
	Purpose string // SQL for what the values were sealed for: 'case.text', or an expression of other columns
}

// settleGap is longer than any transaction lasts that may still write under a
// replaced key.
const settleGap = time.Hour

// Rewrap wraps up to most data keys that lie under an old ring key anew under
// the current one: it gives the last, how many it looked at, and which cannot be
// unwrapped and stay as they are. Call it in a transaction.
func (v *Vault) Rewrap(ctx context.Context, old, after string, most int) (last string, n int, stuck []string, err error) {
	var rows []KeyRow
	err = v.db.From(ctx).Where("ring_key = ? AND id > ?", old, after).Order("id").Limit(most).Find(&rows).Error
	if err != nil {
		return after, 0, nil, fmt.Errorf("read data keys: %w", db.Fault(err, "", ""))
	}
	ring := v.Ring()
	for _, r := range rows {
		last = r.ID
		done := int64(0)
		if len(r.Wrapped) > 0 {
			secret, err := ring.unwrap(r.RingKey, r.Wrapped, r.ID)
			var wrapped []byte
			if err == nil {
				wrapped, err = ring.wrap(secret, r.ID)
			}
			if err != nil {
				stuck = append(stuck, r.ID)
				continue
			}
			if done, err = v.under(ctx, "UPDATE vault_keys SET ring_key = ?, wrapped = ? WHERE id = ? AND ring_key = ? AND destroyed_at IS NULL",
				ring.current.id, wrapped, r.ID, r.RingKey); err != nil {
				return after, 0, nil, err
			}
		}
		if done == 0 { // whoever was erased, perhaps just now, stays erased
			if _, err := v.under(ctx, "UPDATE vault_keys SET ring_key = ? WHERE id = ? AND ring_key = ?", ring.current.id, r.ID, r.RingKey); err != nil {
				return after, 0, nil, err
			}
		}
	}
	return last, len(rows), stuck, nil
}

func (v *Vault) under(ctx context.Context, sql string, args ...any) (int64, error) {
	r := v.db.From(ctx).Exec(sql, args...)
	if r.Error != nil {
		return 0, fmt.Errorf("wrap a data key anew: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}

// Replace gives an owner a new data key and seals under it all that stands under
// the old one, in the open transaction. The old key is kept until Settle, for
// somebody may just be writing under it. It says how many values it sealed; an
// owner who has got another key meanwhile is left alone.
func (v *Vault) Replace(ctx context.Context, o Owner, ownerID, oldID string) (n int, err error) {
	old, err := v.key(ctx, oldID)
	if errors.Is(err, ErrErased) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var kind string
	if err := v.db.From(ctx).Raw("SELECT owner_kind FROM vault_keys WHERE id = ?", oldID).Scan(&kind).Error; err != nil {
		return 0, fmt.Errorf("read a data key: %w", db.Fault(err, "", ""))
	}
	next, row, err := v.Mint(kind)
	if err != nil {
		return 0, err
	}
	if err := v.db.InsertAll(ctx, row.Insert()); err != nil {
		return 0, fmt.Errorf("store a data key: %w", db.Fault(err, "", ""))
	}
	res := v.db.From(ctx).Exec("UPDATE "+o.Table+" SET vault_key_id = ? WHERE id = ? AND vault_key_id = ?", next.ID, ownerID, oldID)
	if res.Error != nil {
		return 0, fmt.Errorf("give %s a new data key: %w", o.Table, db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return 0, v.db.From(ctx).Exec("DELETE FROM vault_keys WHERE id = ?", next.ID).Error
	}
	if n, err = v.reseal(ctx, o, ownerID, old, next); err != nil {
		return 0, err
	}
	err = v.db.From(ctx).Exec("UPDATE vault_keys SET replaced_by_id = ?, replaced_at = ?, owner_id = ? WHERE id = ? AND destroyed_at IS NULL",
		next.ID, v.now().UTC(), o.Kind+":"+ownerID, oldID).Error
	if err != nil {
		return 0, fmt.Errorf("note that a data key is replaced: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// reseal seals under another key what stands under the old one; a value that
// somebody changes at the same time is left for the next look.
func (v *Vault) reseal(ctx context.Context, o Owner, ownerID string, old, next *Key) (n int, err error) {
	for _, c := range o.Sealed {
		var rows []struct {
			ID      string
			Cipher  []byte
			Purpose string
		}
		err := v.db.From(ctx).Raw("SELECT "+c.ID+" AS id, "+c.Column+" AS cipher, "+c.Purpose+" AS purpose FROM "+c.Table+
			" WHERE "+c.Owner+" = ? AND substr("+c.Column+", 2, 16) = ?", ownerID, old.raw[:]).Scan(&rows).Error
		if err != nil {
			return n, fmt.Errorf("read what a data key seals in %s: %w", c.Table, db.Fault(err, "", ""))
		}
		for _, r := range rows {
			plain, err := old.aead.Decrypt(r.Cipher[headerLen:], []byte(r.Purpose))
			if err != nil {
				return n, fmt.Errorf("open %s.%s of %s: %w", c.Table, c.Column, r.ID, err)
			}
			sealed, err := next.Seal(r.Purpose, plain)
			if err != nil {
				return n, err
			}
			err = v.db.From(ctx).Exec("UPDATE "+c.Table+" SET "+c.Column+" = ? WHERE "+c.ID+" = ? AND "+c.Column+" = ?", sealed, r.ID, r.Cipher).Error
			if err != nil {
				return n, fmt.Errorf("seal %s.%s anew: %w", c.Table, c.Column, db.Fault(err, "", ""))
			}
			n++
		}
	}
	return n, nil
}

// Settle looks once more, an hour after keys were replaced, for what was written
// under them meanwhile, seals that too, and destroys the old keys. It says how
// many; each owner is a transaction of its own.
func (v *Vault) Settle(ctx context.Context, owners []Owner, most int) (n int, err error) {
	var rows []KeyRow
	err = v.db.From(ctx).Where("replaced_by_id IS NOT NULL AND destroyed_at IS NULL AND replaced_at < ?", v.now().UTC().Add(-settleGap)).
		Order("replaced_at, id").Limit(most).Find(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("find replaced data keys: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		if err := v.db.Tx(ctx, func(ctx context.Context) error { return v.settle(ctx, owners, r) }); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (v *Vault) settle(ctx context.Context, owners []Owner, r KeyRow) error {
	kind, ownerID, _ := strings.Cut(r.OwnerID, ":")
	for _, o := range owners {
		if o.Kind != kind {
			continue
		}
		old, err := v.key(ctx, r.ID)
		if err != nil {
			return err
		}
		var newest string // perhaps replaced again since
		if err := v.db.From(ctx).Raw("SELECT vault_key_id FROM "+o.Table+" WHERE id = ?", ownerID).Scan(&newest).Error; err != nil {
			return fmt.Errorf("find who a data key belongs to: %w", db.Fault(err, "", ""))
		}
		if newest != "" {
			next, err := v.key(ctx, newest)
			if errors.Is(err, ErrErased) {
				return v.Destroy(ctx, r.ID)
			}
			if err != nil {
				return err
			}
			if _, err := v.reseal(ctx, o, ownerID, old, next); err != nil {
				return err
			}
		}
	}
	return v.Destroy(ctx, r.ID)
}
