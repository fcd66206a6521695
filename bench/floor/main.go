// Command floor is the least that a server of this kind can do with the same
// tables: gin, pgx, a signed cookie, one round trip to PostgreSQL a request, a
// small template. It encrypts nothing, checks nothing, routes nothing and keeps
// no one's rights. What the product costs beyond it is the price of the product.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Cookie is the session that the floor accepts for a name: the name, signed.
func cookie(name string) string {
	m := hmac.New(sha256.New, []byte("floor"))
	m.Write([]byte(name))
	return name + "." + hex.EncodeToString(m.Sum(nil))
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func run() error {
	address := flag.String("listen", "127.0.0.1:0", "address to listen on")
	database := flag.String("database", "", "address of a PostgreSQL database with the product's tables")
	unit := flag.String("unit", "", "code of the unit that new cases go to and whose queue is listed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	cfg, err := pgxpool.ParseConfig(*database)
	if err != nil {
		return err
	}
	cfg.MaxConns = int32(max(8, 4*runtime.GOMAXPROCS(0))) // as the product has
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	f := &floor{pool: pool}
	if err := pool.QueryRow(ctx, "SELECT id::text, path FROM units WHERE code = $1", *unit).Scan(&f.unit, &f.path); err != nil {
		return fmt.Errorf("unit %s: %w", *unit, err)
	}
	s := &http.Server{Addr: *address, Handler: f.routes(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = s.Close() // a benchmark's server has nothing to finish
	}()
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type floor struct {
	pool       *pgxpool.Pool
	unit, path string
}

func (f *floor) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.Use(signedIn)
	e.POST("/cases", f.create)
	e.GET("/cases/:no", f.view)
	e.GET("/queue", f.queue)
	e.GET("/everything", f.everything)
	return e
}

func signedIn(c *gin.Context) {
	got, err := c.Cookie("floor")
	name, _, _ := strings.Cut(got, ".")
	if err != nil || !hmac.Equal([]byte(got), []byte(cookie(name))) {
		c.AbortWithStatus(http.StatusUnauthorized)
	}
}

type event struct {
	Seq    int64  `json:"seq"`
	At     string `json:"at"`
	Action string `json:"action"`
	To     string `json:"to_status"`
	Text   string `json:"text"`
}

var viewPage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>{{.Title}}</title>
<h1>{{.Title}}</h1><p>{{.Number}} · {{.Status}} · {{.Due}}</p><p>{{.Description}}</p>
<ol>{{range .Events}}<li>{{.At}} {{.Action}} {{.To}} {{.Text}}</li>{{end}}</ol></html>`))

const viewSQL = `SELECT c.title, c.description, c.status, coalesce(c.due_at, 'infinity'::timestamptz)::text,
 (SELECT json_agg(json_build_object('seq', e.seq, 'at', e.at, 'action', e.action, 'to_status', e.to_status, 'text', e.text) ORDER BY e.seq)
  FROM case_events e WHERE e.case_id = c.id)
 FROM cases c WHERE c.case_no = $1`

// view is one select by a unique key, with the story in the same round trip.
func (f *floor) view(c *gin.Context) {
	var p struct {
		Number, Title, Description, Status, Due string
		Events                                  []event
	}
	var events []byte
	p.Number = c.Param("no")
	err := f.pool.QueryRow(c.Request.Context(), viewSQL, p.Number).Scan(&p.Title, &p.Description, &p.Status, &p.Due, &events)
	if err == nil {
		err = json.Unmarshal(events, &p.Events)
	}
	answer(c, err, viewPage, p)
}

type row struct {
	Number, Title, Status string
	Due                   time.Time
}

var queuePage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>Queue</title>
<table>{{range .}}<tr><td>{{.Number}}</td><td>{{.Title}}</td><td>{{.Status}}</td><td>{{.Due}}</td></tr>{{end}}</table></html>`))

const queueSQL = `SELECT c.case_no, c.title, q.status, q.queue_at FROM (SELECT cu.case_id, cu.priority, cu.queue_at, cu.status FROM case_units cu
  WHERE %s cu.open AND (cu.priority, cu.queue_at, cu.case_id) > ($1::bigint, $2::timestamptz, $3::uuid)
  ORDER BY cu.priority, cu.queue_at, cu.case_id LIMIT 25) AS q
 JOIN cases c ON c.id = q.case_id ORDER BY q.priority, q.queue_at, q.case_id`

var (
	queueOfUnit = fmt.Sprintf(queueSQL, "cu.unit_id = $4 AND cu.role IN ('lead', 'supervising') AND cu.unit_path < '~' AND") // as the index has it
	queueOfAll  = fmt.Sprintf(queueSQL, "")
)

// queue is one keyset select of a unit's queue.
func (f *floor) queue(c *gin.Context) { f.list(c, queueOfUnit, f.unit) }

// everything is one keyset select of the whole government's queue.
func (f *floor) everything(c *gin.Context) { f.list(c, queueOfAll) }

func (f *floor) list(c *gin.Context, sql string, more ...any) {
	rows, err := f.pool.Query(c.Request.Context(), sql, append([]any{0, time.Time{}, "00000000-0000-0000-0000-000000000000"}, more...)...)
	var list []row
	if err == nil {
		defer rows.Close()
		for rows.Next() {
			var r row
			if err = rows.Scan(&r.Number, &r.Title, &r.Status, &r.Due); err != nil {
				break
			}
			list = append(list, r)
		}
		err = errors.Join(err, rows.Err())
	}
	answer(c, err, queuePage, list)
}

func answer(c *gin.Context, err error, t *template.Template, data any) {
	if err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	_ = t.Execute(c.Writer, data) // a reader who went away is no fault of ours
}
