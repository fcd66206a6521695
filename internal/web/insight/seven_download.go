package insight

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/insight/seven"
	"minqing/internal/text"
	"minqing/internal/web"
)

// sevenHeads are names for programs, the same in every language.
var sevenHeads = []string{"page", "from", "to", "unit", "group", "matter", "definition_version", "figure", "figure_version", "measure", "item", "item_name", "part",
	"numerator", "denominator", "value", "low", "high", "suppressed", "too_few", "marked", "missing"}

// download is a page for a spreadsheet, one line a value.
func (p *sevenPage) download(c *gin.Context, page string) error {
	q, _, err := p.asked(c, page)
	if err != nil {
		return err
	}
	q.Export = true
	r, err := p.Seven.Page(c.Request.Context(), q)
	if err != nil {
		return err
	}
	lang := web.Lang(c)
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that spreadsheets read Chinese as UTF-8
	w := csv.NewWriter(&out)
	_ = w.Write(sevenHeads) // a buffer takes everything; Error is asked below
	n := sevenNames{page: r}
	for _, l := range r.Lines {
		f, _ := seven.FigureOf(l.Figure)
		name := ""
		if l.Item != "" {
			name = n.item(f.By, l.Item).In(p.Words, lang)
		}
		var lacking []string
		for _, need := range l.Missing {
			lacking = append(lacking, strings.Trim(string(need.Kind)+" "+need.Item+" "+need.Part, " "))
		}
		fields := []string{r.ID, r.From.String(), r.To.String(), r.Unit.Code, r.Group, r.Matter, strconv.Itoa(r.Version), f.ID, strconv.Itoa(f.Version), string(f.Measure),
			l.Item, name, l.Part, exact(l.Numerator), exact(l.Denominator), exact(l.Value), exact(l.Low), exact(l.High),
			strconv.FormatBool(l.Suppressed), strconv.FormatBool(l.Few), strconv.FormatBool(l.Marked), strings.Join(lacking, "; ")}
		for i := range fields {
			fields[i] = text.Cell(fields[i])
		}
		_ = w.Write(fields)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("write 7P as CSV: %w", err)
	}
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="7p_%s_%s_%s.csv"`, r.ID, r.From, r.To))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", out.Bytes())
	return nil
}

func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
