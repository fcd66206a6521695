package desk

import (
	"context"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
)

// covered is the name under which an address has a search that nobody shall read
// there: for a telephone number, a mail address or another number of a person.
const covered = "for"

// coveredLife is how long such an address finds anything.
const coveredLife = 12 * time.Hour

// narrowing are the names of what narrows the inbox.
var narrowing = []string{"view", "q", covered, "unit", "status", "kind"}

// search leads to the list that the filter's form asks for. The form is sent in
// the body, so that no number of a person ever stands in an address.
func (p *inboxPage) search(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	to := url.Values{}
	for _, name := range narrowing {
		if value := strings.TrimSpace(c.PostForm(name)); value != "" && (name != covered || c.PostForm("q") == "") {
			to.Set(name, value)
		}
	}
	if to.Get("view") == "" {
		to.Set("view", cases.ViewOpen)
	}
	if _, err := p.cover(c.Request.Context(), to); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, address(to))
	return nil
}

// cover puts what nobody shall read in place of a number of a person, and says
// whether there was one. It opens to the same account alone.
func (d Deps) cover(ctx context.Context, q url.Values) (bool, error) {
	typed := strings.TrimSpace(q.Get("q"))
	if typed == "" || !d.Cases.NamesSomebody(typed) {
		return false, nil
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(d.Now().Unix()))
	value, err := d.Cases.Vault.Cover(coverPurpose(ctx), append(plain, typed...))
	if err != nil {
		return false, err
	}
	q.Del("q")
	q.Set(covered, value)
	return true, nil
}

func coverPurpose(ctx context.Context) string {
	a := actor.From(ctx)
	return "desk.search." + a.AccountID
}

// uncover reads the search of such an address into the filter. One that is too
// old, or somebody else's, is told of like an unknown filter.
func (d Deps) uncover(ctx context.Context, f *cases.Filter, unknown []fault.Field) []fault.Field {
	if f.Covered == "" {
		return unknown
	}
	plain := d.Cases.Vault.Uncover(coverPurpose(ctx), f.Covered)
	if len(plain) <= 8 || d.Now().Unix()-int64(binary.BigEndian.Uint64(plain)) > int64(coveredLife/time.Second) {
		f.Covered = ""
		return append(unknown, fault.Field{Name: "q", Key: "desk.filter.covered"})
	}
	f.Query = string(plain[8:])
	return unknown
}
