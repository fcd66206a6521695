package web

import (
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
	once   sync.Once
	rate   *httprate.RateLimiter
}

// Throttle allows a route limit requests in a sliding window per key, on this
// process. The configured factor multiplies the limit or turns it off.
func Throttle(limit int, window time.Duration, key func(*gin.Context) string) RouteOption {
	t := &throttle{limit: limit, window: window, key: key}
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

func (t *throttle) take(c *gin.Context, factor float64) error {
	if factor <= 0 {
		return nil
	}
	t.once.Do(func() {
		limit := int(math.Max(1, math.Round(float64(t.limit)*factor)))
		t.rate = httprate.NewRateLimiter(limit, t.window, httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}))
	})
	if t.rate.OnLimit(c.Writer, c.Request, t.key(c)) {
		return fault.New(fault.Throttled, "fault.throttled")
	}
	return nil
}
