package web

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/httprate"

	"minqing/internal/fault"
)

type throttle struct {
	limit  int
	window time.Duration
	key    func(*gin.Context) string
	name   string // of the first route that has it: the same on every server
	here   bool   // counted by this server alone
	once   sync.Once
	rate   *httprate.RateLimiter
}

// Meter counts a client's requests for all servers together, and says how long
// to wait when there were too many.
type Meter interface {
	Take(ctx context.Context, what, client string, limit int, window time.Duration) (wait time.Duration, err error)
}

// Throttle allows a route limit requests in a sliding window per key, on this
// server and, where there is a Meter, on all of them together. This one counts
// first, so that a flood does not reach the database. The configured factor multiplies the limit or turns it off.
func Throttle(limit int, window time.Duration, key func(*gin.Context) string) RouteOption {
	t := &throttle{limit: limit, window: window, key: key}
	return func(r *rules) { r.throttle = append(r.throttle, t) }
}

// ThrottleHere is Throttle on this server alone, for pages that cost less than it
// costs to write down who asked for them.
func ThrottleHere(limit int, window time.Duration, key func(*gin.Context) string) RouteOption {
	t := &throttle{limit: limit, window: window, key: key, here: true}
	return func(r *rules) { r.throttle = append(r.throttle, t) }
}

// ByIP throttles each client address apart.
func ByIP(c *gin.Context) string { return c.ClientIP() }

// ByActor throttles each signed-in account apart, and guests by address.
func ByActor(c *gin.Context) string {
	if id := visitor(c).actor.AccountID; id != "" {
		return id
	}
	return c.ClientIP()
}

func (t *throttle) take(c *gin.Context, factor float64, meter Meter) error {
	if factor <= 0 {
		return nil
	}
	limit := int(math.Max(1, math.Round(float64(t.limit)*factor)))
	t.once.Do(func() {
		t.rate = httprate.NewRateLimiter(limit, t.window, httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
	})
	client := t.key(c)
	if t.rate.OnLimit(c.Writer, c.Request, client) {
		return fault.New(fault.Throttled, "fault.throttled")
	}
	if meter == nil || t.here {
		return nil
	}
	wait, err := meter.Take(c.Request.Context(), t.name, client, limit, t.window)
	if err != nil || wait == 0 { // a database that is down is the handler's to say
		return nil
	}
	return fault.New(fault.Throttled, "fault.throttled").With("RetryAfter", int(wait.Seconds())+1)
}
