package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
)

// Prover knows whether who is signed in sits there: Recent, because they showed it
// a moment ago; Again, by the password. The kit's Sessions may be one.
type Prover interface {
	Recent(ctx context.Context) (bool, error)
	Again(ctx context.Context, password string) error
}

// Again has a route ask for the password once more, unless it was given a moment
// ago. What was typed is kept meanwhile. A page that is read so needs a POST route
// of the same address beside it, which leads back.
func Again() RouteOption { return func(r *rules) { r.again = true } }

const againField = "again_password"

type againView struct {
	Page
	To       string
	Hidden   []keptPair
	Password Field
	Send     Button
}

// attended lets a request go on when who sent it sits there, and else answers it
// with a page that asks for the password.
func (k *Kit) attended(c *gin.Context) (bool, error) {
	prover, ok := k.o.Sessions.(Prover)
	if !ok {
		return false, fault.New(fault.Forbidden, "fault.forbidden")
	}
	ctx := c.Request.Context()
	recent, err := prover.Recent(ctx)
	if err != nil || recent {
		return err == nil, err
	}
	if c.Request.Method == http.MethodPost {
		if err := parse(c.Request); err != nil {
			return false, err
		}
	}
	typed, sent := c.Request.PostForm[againField]
	err = prover.Again(ctx, strings.Join(typed, ""))
	if err == nil {
		return true, nil
	}
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Invalid || len(e.Fields) == 0 || WantsJSON(c) {
		return false, err
	}
	v := &againView{Page: k.Page(c, Say("fault.again.title")), To: c.Request.URL.RequestURI(), Send: Button{Words: Say("security.again.do")}}
	v.status = http.StatusUnprocessableEntity
	if sent {
		mend := e.Fields[0]
		mend.Name = againField
		v.Errors = []fault.Field{mend}
	}
	v.Password = v.Bind(Field{Name: againField, Label: Say("security.again.label"), Complete: "current-password"})
	values, _ := clean(c.Request.PostForm)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.Contains(name, "password") {
			continue
		}
		for _, value := range values[name] {
			v.Hidden = append(v.Hidden, keptPair{name, value})
		}
	}
	c.Header("Cache-Control", "no-store")
	return false, k.Show(c, "again", v)
}
