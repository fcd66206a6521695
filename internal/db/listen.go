package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Between two tries to listen.
const (
	listenAgain = time.Second
	listenMost  = 30 * time.Second
)

// silence is how long a listening connection may say nothing before it is asked
// whether it still stands: a network that fell silent closes nothing.
const silence = time.Minute

// Notify tells every process that listens to the topic, once the transaction of
// ctx is committed and only then. On SQLite nobody listens.
func (d *DB) Notify(ctx context.Context, topic, payload string) error {
	if d.engine != PostgreSQL {
		return nil
	}
	if err := d.From(ctx).Exec("SELECT pg_notify(?, ?)", topic, payload).Error; err != nil {
		return fmt.Errorf("notify %s: %w", topic, Fault(err, "", ""))
	}
	return nil
}

// Listen hears what Notify says on the topic until ctx ends, on a connection of
// its own. It calls begun each time that connection stands: before that,
// something may have been missed. On SQLite it hears nothing.
func (d *DB) Listen(ctx context.Context, topic string, begun func(), heard func(payload string)) {
	if d.engine != PostgreSQL {
		return
	}
	wait := listenAgain
	for ctx.Err() == nil {
		_ = d.listen(ctx, topic, func() { wait = listenAgain; begun() }, heard)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			wait = min(2*wait, listenMost)
		}
	}
}

// listen hears on one connection, until it breaks.
func (d *DB) listen(ctx context.Context, topic string, begun func(), heard func(string)) error {
	c, err := d.alone(ctx)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, "LISTEN "+pgx.Identifier{topic}.Sanitize()); err != nil {
		return err
	}
	begun()
	for {
		n, err := d.next(ctx, c)
		switch {
		case err == nil:
			heard(n)
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			if err := c.Ping(ctx); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func (d *DB) next(ctx context.Context, c *pgx.Conn) (payload string, err error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	n, err := c.WaitForNotification(ctx)
	if err != nil {
		return "", err
	}
	return n.Payload, nil
}
