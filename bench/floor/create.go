package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// createSQL writes the rows that a filing with name, phone and mail leaves, in
// one statement: two data keys' worth of ciphertext is replaced by bytes of the
// same length.
const createSQL = `WITH
 k AS (INSERT INTO vault_keys (id, owner_kind, suite, ring_key, wrapped, created_at) VALUES ($1, 'constituent', 'A1', 'floor', $2, $3)),
 p AS (INSERT INTO constituents (id, kind, vault_key_id, name_cipher, locale, created_at) VALUES ($4, 'person', $1, $5, 'en', $3)),
 t AS (INSERT INTO contact_points (id, constituent_id, kind, value_cipher, blind_index, preferred, valid_from, link_key)
  VALUES ($6, $4, 'phone', $5, $2, false, $3, 'floor'), ($7, $4, 'email', $5, $2, true, $3, 'floor')),
 c AS (INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, title, description, received_at, received_on,
  response_due_at, response_due_on, due_at, due_on, event_count, code_key, created_at, updated_at)
  VALUES ($8, $9, 'hotline', $10, 'submitted', 'normal', 'api', 'en', $11, $12, $13, $3, $3::date, $3, $3::date, $14::timestamptz, $14::timestamptz::date, 1, 'floor', $3, $3)),
 y AS (INSERT INTO case_parties (id, case_id, role, constituent_id) VALUES ($15, $8, 'requester', $4), ($16, $8, 'filed_by', NULL)),
 u AS (INSERT INTO case_units (case_id, unit_id, role, unit_path, open, priority, queue_at, status, due_at, since)
  VALUES ($8, $11, 'lead', $17, true, 1, $14::timestamptz, 'submitted', $14::timestamptz, $3)),
 e AS (INSERT INTO case_events (id, case_id, seq, at, action, from_status, to_status, actor_kind, public, data)
  VALUES ($18, $8, 1, $3, 'file', '', 'submitted', 'staff', true, '{"route": {"rule": "floor", "version": 1, "reason": "none"}}')),
 a AS (INSERT INTO audit_entries (id, at, actor_kind, request_id, action, object_kind, object_id, changes, digest)
  VALUES ($19, $3, 'staff', 'floor', 'case.file', 'case', $9, '[{"field": "status", "after": "submitted"}]', $2))
 INSERT INTO river_job (kind, args, max_attempts, queue, state, created_at, scheduled_at)
 VALUES ('floor', '{"case_id": "none"}', 8, 'default', 'available', $3, $3)`

type filing struct {
	Kind        string `json:"kind"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

var counter atomic.Int64

// create writes all rows in one round trip.
func (f *floor) create(c *gin.Context) {
	var in filing
	if err := c.ShouldBindJSON(&in); err != nil {
		c.String(http.StatusBadRequest, err.Error())
		return
	}
	now := time.Now().UTC()
	id := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	wrapped, cipher := make([]byte, 61), make([]byte, 48)
	_, _ = rand.Read(wrapped) // never fails
	_, _ = rand.Read(cipher)
	number := fmt.Sprintf("FL%d%09d", now.Year(), now.UnixNano()/1000%1_000_000_000*100+counter.Add(1)%100)
	_, err := f.pool.Exec(c.Request.Context(), createSQL, id(), wrapped, now, id(), cipher, id(), id(), id(), number, in.Kind, f.unit,
		in.Title, in.Description, now.AddDate(0, 0, 7), id(), id(), f.path, id(), id())
	if err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	c.JSON(http.StatusCreated, gin.H{"case_no": number, "received_at": now})
}
