package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// Column is a column that UpdateRows reads or sets, with PostgreSQL's type of it.
type Column struct{ Name, Type string }

// Changes are rows to change, each found by its keys and given values of its own: every row
// has the keys' values and then those of the columns that are set. Further is set
// alike in every row and may name it by the table: "version = cases.version + 1".
type Changes struct {
	Table     string
	Keys, Set []Column
	Further   string
	Rows      [][]any
}

// UpdateRows changes many rows and says how many it found. On PostgreSQL it is
// one statement.
func (d *DB) UpdateRows(ctx context.Context, c Changes) (int64, error) {
	if len(c.Rows) == 0 {
		return 0, nil
	}
	if d.engine == SQLite {
		return d.updateEach(ctx, c)
	}
	all := append(append([]Column(nil), c.Keys...), c.Set...)
	list := make([]map[string]any, len(c.Rows))
	for i, r := range c.Rows {
		list[i] = make(map[string]any, len(all))
		for j, col := range all {
			list[i][col.Name] = r[j]
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return 0, fmt.Errorf("write the rows to change: %w", err)
	}
	var typed, sets, where []string
	for _, col := range all {
		typed = append(typed, col.Name+" "+col.Type)
	}
	for _, col := range c.Set {
		sets = append(sets, col.Name+" = v."+col.Name)
	}
	if c.Further != "" {
		sets = append(sets, c.Further)
	}
	for _, col := range c.Keys {
		where = append(where, c.Table+"."+col.Name+" = v."+col.Name)
	}
	res := d.From(ctx).Exec("UPDATE "+c.Table+" SET "+strings.Join(sets, ", ")+" FROM jsonb_to_recordset(CAST(? AS jsonb)) AS v("+strings.Join(typed, ", ")+
		") WHERE "+strings.Join(where, " AND "), string(raw))
	if res.Error != nil {
		return 0, fmt.Errorf("change many rows of %s: %w", c.Table, res.Error)
	}
	return res.RowsAffected, nil
}

func (d *DB) updateEach(ctx context.Context, c Changes) (n int64, err error) {
	var sets, where []string
	for _, col := range c.Set {
		sets = append(sets, col.Name+" = ?")
	}
	if c.Further != "" {
		sets = append(sets, c.Further)
	}
	for _, col := range c.Keys {
		where = append(where, col.Name+" = ?")
	}
	sql := "UPDATE " + c.Table + " SET " + strings.Join(sets, ", ") + " WHERE " + strings.Join(where, " AND ")
	for _, r := range c.Rows {
		k := len(c.Keys)
		res := d.From(ctx).Exec(sql, append(append([]any(nil), r[k:]...), r[:k]...)...)
		if res.Error != nil {
			return n, fmt.Errorf("change many rows of %s: %w", c.Table, res.Error)
		}
		n += res.RowsAffected
	}
	return n, nil
}
