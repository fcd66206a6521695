package insight

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/insight"
	"minqing/internal/text"
	"minqing/internal/web"
)

// download is the report for a spreadsheet: one line a row, each with its
// period and definition version, and one for the total. Hidden cells are empty
// and say so.
func (p *performancePage) download(c *gin.Context) error {
	q, _, err := p.asked(c)
	if err != nil {
		return err
	}
	q.Export = true
	lang := web.Lang(c)
	r, err := p.Insight.Performance(c.Request.Context(), q)
	if err != nil {
		return err
	}
	n, err := p.names(c.Request.Context(), lang)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that spreadsheets read Chinese as UTF-8
	w := csv.NewWriter(&out)
	write := func(fields []string) {
		for i := range fields {
			fields[i] = text.Cell(fields[i])
		}
		_ = w.Write(fields) // a buffer takes everything; Error is asked below
	}
	write(heads())
	for _, row := range r.Rows {
		code, name := n.of(r.GroupBy, row.Key)
		write(fields(r, row, code, name.In(p.Words, lang)))
	}
	write(fields(r, r.Total, "total", ""))
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write the report as CSV: %w", err)
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="performance_%s_%s_%s.csv"`, r.From, r.To, r.GroupBy))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
	return nil
}

// heads are names for programs, the same in every language.
func heads() []string {
	out := []string{"from", "to", "definition_version", "group_by", "code", "name", "filed", "concluded"}
	for _, f := range insight.Figures {
		for _, part := range []string{"", "_numerator", "_denominator", "_low", "_high", "_suppressed"} {
			out = append(out, f.ID+part)
		}
	}
	return out
}

func fields(r insight.Report, row insight.Row, code, name string) []string {
	out := []string{r.From.String(), r.To.String(), strconv.Itoa(r.DefinitionVersion), string(r.GroupBy), code, name, counted(row.Filed), counted(row.Concluded)}
	for _, rate := range row.Rates {
		out = append(out, share(rate.Value), whole(rate.Numerator), whole(rate.Denominator), share(rate.Low), share(rate.High), strconv.FormatBool(rate.Suppressed))
	}
	return out
}

func counted(n insight.Count) string {
	if n.Suppressed {
		return ""
	}
	return strconv.FormatInt(n.N, 10)
}

func share(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', 6, 64)
}

func whole(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
