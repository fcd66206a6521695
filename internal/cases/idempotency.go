package cases

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// OnceLife is how long the answer to a request is kept for its repetition.
const OnceLife = 24 * time.Hour

// Once does a request with an idempotency key one time, however often it is
// sent: the same key and body get the same answer, the same key with another
// body is Invalid.
//
// Answers hold case numbers and query codes. They are sealed under a key that
// comes from the ring and from the client's own key, of which only a hash is
// stored: without a repeated request nobody can read them.
type Once struct {
	db    *db.DB
	vault *vault.Vault
	now   func() time.Time
}

// NewOnce makes the keeper of answers.
func NewOnce(d *db.DB, v *vault.Vault, now func() time.Time) *Once {
	return &Once{db: d, vault: v, now: now}
}

// Request is one request that may come again.
type Request struct {
	Scope string // who sends what where: account or address, method and route
	Key   string // as the client chose it
	Body  []byte
}

// Answer is what was said to a request.
type Answer struct {
	Status int // of HTTP
	Body   []byte
}

type onceRow struct {
	KeyHash   string `gorm:"primaryKey"`
	BodyHash  string
	Status    int
	Response  []byte
	CreatedAt time.Time
	ExpiresAt time.Time
}

// TableName names the table for gorm.
func (onceRow) TableName() string { return "idempotency_keys" }

// ErrReused answers a request under the key of another one.
var ErrReused error = fault.InvalidInput(fault.Field{Name: "Idempotency-Key", Key: "once.reused"})

var errTwin = errors.New("the same request was answered meanwhile")

// Do runs fn in one transaction together with keeping its answer. When fn
// fails nothing is kept, so that the request may be sent again. Of two equal
// requests at the same time one is undone and gets the other's answer.
func (s *Once) Do(ctx context.Context, r Request, fn func(ctx context.Context) (Answer, error)) (a Answer, repeated bool, err error) {
	if r.Key == "" || len(r.Key) > 255 {
		return Answer{}, false, fault.InvalidInput(fault.Field{Name: "Idempotency-Key", Key: "once.key"})
	}
	if a, found, err := s.kept(ctx, r); err != nil || found {
		return a, found, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		var err error
		if a, err = fn(ctx); err != nil {
			return err
		}
		return s.keep(ctx, r, a)
	})
	if errors.Is(err, errTwin) {
		a, err := s.twin(ctx, r)
		return a, true, err
	}
	if err != nil {
		return Answer{}, false, err
	}
	return a, false, nil
}

// twin waits for the answer of the request that was quicker: on SQLite several
// transactions share a commit, and the slower one hears of its twin before it.
func (s *Once) twin(ctx context.Context, r Request) (Answer, error) {
	for wait := time.Millisecond; ; wait *= 2 {
		if a, found, err := s.kept(ctx, r); err != nil || found {
			return a, err
		}
		if wait > time.Second {
			return Answer{}, fault.New(fault.Conflict, "fault.conflict").Because(errTwin)
		}
		select {
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (s *Once) kept(ctx context.Context, r Request) (Answer, bool, error) {
	var row onceRow
	err := s.db.From(ctx).Where("key_hash = ? AND expires_at > ?", r.hash(), s.now().UTC()).Limit(1).Find(&row).Error
	if err != nil {
		return Answer{}, false, db.Fault(fmt.Errorf("look for an earlier answer: %w", err), "", "")
	}
	if row.KeyHash == "" {
		return Answer{}, false, nil
	}
	key, sealed, err := s.keyOf(r, row.Response)
	if err != nil {
		return Answer{}, false, err
	}
	if !hmac.Equal([]byte(row.BodyHash), []byte(bodyHash(key, r.Body))) {
		return Answer{}, false, ErrReused
	}
	body, err := unsealAnswer(key, sealed)
	return Answer{Status: row.Status, Body: body}, err == nil, err
}

func (s *Once) keep(ctx context.Context, r Request, a Answer) error {
	ring := s.vault.CurrentKey()
	key := s.key(ring, r)
	sealed, err := sealAnswer(key, a.Body)
	if err != nil {
		return err
	}
	at := s.now().UTC()
	// A row past its life gives way; a living one is a twin's.
	if err := s.db.From(ctx).Exec("DELETE FROM idempotency_keys WHERE key_hash = ? AND expires_at <= ?", r.hash(), at).Error; err != nil {
		return fmt.Errorf("drop an old answer: %w", err)
	}
	response := append([]byte{onceSuite, byte(len(ring))}, ring...)
	res := s.db.From(ctx).Exec(`INSERT INTO idempotency_keys (key_hash, body_hash, status, response, created_at, expires_at)
 VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, r.hash(), bodyHash(key, r.Body), a.Status, append(response, sealed...), at, at.Add(OnceLife))
	if res.Error != nil {
		return fmt.Errorf("keep the answer: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return errTwin
	}
	return nil
}

// Expire is the job that deletes answers past their life.
type Expire struct{}

// Kind names the job.
func (Expire) Kind() string { return "case.expire_answers" }

// Register makes the queue delete old answers every hour.
func (s *Once) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Expire) error { return s.Purge(ctx) })
	q.Every(time.Hour, Expire{})
}

// Purge deletes answers past their life.
func (s *Once) Purge(ctx context.Context) error {
	if err := s.db.From(ctx).Where("expires_at <= ?", s.now().UTC()).Delete(&onceRow{}).Error; err != nil {
		return fmt.Errorf("delete kept answers: %w", err)
	}
	return nil
}

func (r Request) hash() string {
	sum := sha256.Sum256([]byte(r.Scope + "\x00" + r.Key))
	return hex.EncodeToString(sum[:])
}

// onceSuite is the first byte of a kept answer: AES-256-GCM under a derived
// key, whose ring key is named behind it.
const onceSuite = 0x01

func (s *Once) key(ring string, r Request) []byte {
	sum := sha256.Sum256([]byte(s.vault.DeriveWith(ring, "idempotency.answer", r.Scope+"\x00"+r.Key, 1, vault.LinkLength)))
	return sum[:]
}

func (s *Once) keyOf(r Request, response []byte) (key, sealed []byte, err error) {
	if len(response) < 2 || response[0] != onceSuite || len(response) < 2+int(response[1]) {
		return nil, nil, errors.New("a kept answer is malformed")
	}
	at := 2 + int(response[1])
	if s.vault.DeriveWith(string(response[2:at]), "idempotency.answer", "", 1, vault.LinkLength) == "" {
		return nil, nil, errors.New("a kept answer needs a ring key that is gone")
	}
	return s.key(string(response[2:at]), r), response[at:], nil
}

func bodyHash(key, body []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

func answerCipher(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("set up the cipher of kept answers: %w", err)
	}
	return cipher.NewGCM(block)
}

func sealAnswer(key, body []byte) ([]byte, error) {
	c, err := answerCipher(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, c.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return c.Seal(nonce, nonce, body, nil), nil
}

func unsealAnswer(key, sealed []byte) ([]byte, error) {
	c, err := answerCipher(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < c.NonceSize() {
		return nil, errors.New("a kept answer is malformed")
	}
	body, err := c.Open(nil, sealed[:c.NonceSize()], sealed[c.NonceSize():], nil)
	if err != nil {
		return nil, fmt.Errorf("open a kept answer: %w", err)
	}
	return body, nil
}
