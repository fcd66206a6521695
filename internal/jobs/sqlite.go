package jobs

import (
	"context"
	"errors"
	"sync"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// sqliteDriver replaces River's listener for SQLite, which asks a table every
// 50 ms. One process works a SQLite database, so a channel inside it does the
// same without a statement.
type sqliteDriver struct {
	*riversqlite.Driver
	line *line
}

func (s *sqliteDriver) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	return &ear{line: s.line, schema: p.Schema}
}

func (s *sqliteDriver) GetExecutor() riverdriver.Executor {
	return &sqliteExecutor{Executor: s.Driver.GetExecutor(), line: s.line}
}

func (s *sqliteDriver) wake(_ context.Context, queues []string) error {
	for _, name := range queues {
		s.line.say(riverdriver.Notification{Topic: topicInsert, Payload: insertPayload(name)})
	}
	return nil
}

func (s *sqliteDriver) close() {}

// sqliteExecutor sends what River itself wants to tell (a scheduled job became
// available, a leader resigned) over the line instead of into the table.
type sqliteExecutor struct {
	riverdriver.Executor
	line *line
}

func (e *sqliteExecutor) NotifyMany(_ context.Context, p *riverdriver.NotifyManyParams) error {
	for _, payload := range p.Payload {
		e.line.say(riverdriver.Notification{Topic: p.Topic, Payload: payload})
	}
	return nil
}

func (e *sqliteExecutor) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := e.Executor.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &sqliteTx{ExecutorTx: tx, line: e.line}, nil
}

// sqliteTx keeps the messages of a transaction until it has committed.
type sqliteTx struct {
	riverdriver.ExecutorTx
	line *line
	told []riverdriver.Notification
}

func (t *sqliteTx) NotifyMany(_ context.Context, p *riverdriver.NotifyManyParams) error {
	for _, payload := range p.Payload {
		t.told = append(t.told, riverdriver.Notification{Topic: p.Topic, Payload: payload})
	}
	return nil
}

func (t *sqliteTx) Commit(ctx context.Context) error {
	if err := t.ExecutorTx.Commit(ctx); err != nil {
		return err
	}
	for _, n := range t.told {
		t.line.say(n)
	}
	return nil
}

// line connects those who say with those who listen.
type line struct {
	mu   sync.Mutex
	ears map[*ear]bool
}

func newLine() *line { return &line{ears: map[*ear]bool{}} }

func (l *line) say(n riverdriver.Notification) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e := range l.ears {
		if !e.topics[n.Topic] {
			continue
		}
		select {
		case e.heard <- n:
		default: // full: the listener is about to look anyway
		}
	}
}

// ear is one listener of River.
type ear struct {
	line   *line
	schema string
	heard  chan riverdriver.Notification
	topics map[string]bool // guarded by line.mu
}

func (e *ear) Connect(context.Context) error {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	if e.line.ears[e] {
		return errors.New("jobs: the listener is connected already")
	}
	e.heard, e.topics = make(chan riverdriver.Notification, 64), map[string]bool{}
	e.line.ears[e] = true
	return nil
}

func (e *ear) Close(context.Context) error {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	delete(e.line.ears, e)
	return nil
}

func (e *ear) Listen(_ context.Context, topic string) error { return e.set(topic, true) }

func (e *ear) Unlisten(_ context.Context, topic string) error { return e.set(topic, false) }

func (e *ear) set(topic string, on bool) error {
	e.line.mu.Lock()
	defer e.line.mu.Unlock()
	if !e.line.ears[e] {
		return errors.New("jobs: the listener is not connected")
	}
	e.topics[topic] = on
	return nil
}

func (e *ear) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case n := <-e.heard:
		return &n, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *ear) Ping(context.Context) error { return nil }

func (e *ear) Schema() string { return e.schema }

func (e *ear) SetAfterConnectExec(string) {}
