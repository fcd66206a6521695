package web

import (
	"html/template"
	"strconv"
	"time"
)

// Tone is the meaning of a colour. It never speaks alone: an icon and a word
// stand with it.
type Tone string

const (
	ToneNone  Tone = ""
	ToneOver  Tone = "over"  // overdue, danger
	ToneDue   Tone = "due"   // due soon
	ToneDone  Tone = "done"  // done, all well
	ToneInfo  Tone = "info"  // information
	ToneWatch Tone = "watch" // supervised
)

var toneIcons = map[Tone]string{
	ToneNone: "circle", ToneOver: "alert-triangle", ToneDue: "clock",
	ToneDone: "circle-check", ToneInfo: "info-circle", ToneWatch: "eye",
}

// Icon is the tone's own icon.
func (t Tone) Icon() string { return toneIcons[t] }

// Chip is a small fact: an icon and a word.
type Chip struct {
	Tone  Tone
	Icon  string // the tone's own when empty
	Words Words
}

// Picture is the icon to show.
func (c Chip) Picture() string {
	if c.Icon != "" {
		return c.Icon
	}
	return c.Tone.Icon()
}

// Notice tells something at the top of a page, once after a redirect (Flash) or
// as part of the page.
type Notice struct {
	Tone  Tone
	Title Words
	Words Words
	Link  *Link
}

// Button sends a form or, with Href, goes somewhere.
type Button struct {
	Words Words
	Icon  string
	Kind  string // "", "secondary", "warning", "small"
	Name  string
	Value string
	Href  string
}

// Picture is the tone's icon; a notice without a tone informs.
func (n Notice) Picture() string {
	if n.Tone == ToneNone {
		return ToneInfo.Icon()
	}
	return n.Tone.Icon()
}

// SummaryRow is one answer to check, with the link to change it.
type SummaryRow struct {
	Key    Words
	Value  Words
	Change string // address; empty when it cannot be changed
}

// Step is one of the plain words that a citizen sees. State is "past", "now" or
// "next".
type Step struct {
	Words Words
	Note  Words
	State string
}

// Story is the life of a case, newest first, grouped by local day.
type Story struct{ Days []StoryDay }

// StoryDay is what happened on one local day.
type StoryDay struct {
	Day   time.Time
	Items []StoryItem
}

// StoryItem is one event. Internal ones have another shape and say so; Inside is
// what staff wrote for each other about an event that the citizen sees.
type StoryItem struct {
	ID       string // where a link leads to it; empty: none does
	Marked   bool   // a link has led here
	At       time.Time
	Title    Words
	By       Words
	Text     string
	Inside   string
	Internal bool
	Chips    []Chip
}

// Tab is one of several panels; without script they stand below each other.
type Tab struct {
	ID    string
	Words Words
	Body  template.HTML
}

// Pager leads through a list by key: there are no page numbers.
type Pager struct {
	First, Previous, Next string
	Shown                 int
}

// Empty says that a list has nothing and what to do next.
type Empty struct {
	Icon  string
	Title Words
	Words Words
	Do    *Button
}

// Table is a table of figures. A column may be sorted by its link.
type Table struct {
	ID      string
	Caption Words
	Columns []Column
	Rows    []Row
	Titled  bool // the heading above says the caption: it is not shown once more
}

// Column heads a table. Percent columns are drawn as shares by charts.
type Column struct {
	Words   Words
	Numeric bool
	Percent bool
	Sort    string // address that sorts by it
	Sorted  string // "ascending", "descending" or ""
}

// Row is one line; its first cell heads it.
type Row struct {
	Href  string
	Cells []Cell
}

// Cell is one value: words, or a number with the interval that charts draw.
type Cell struct {
	Words    Words
	Value    *float64
	Low, Top *float64
	Chip     *Chip
}

// Stat is one figure with its interval and the sentence that says it all.
// Value, Low and High are shares between 0 and 1.
type Stat struct {
	Name       Words
	Value      float64
	Low, High  float64
	Target     *float64
	Note       Words
	Suppressed bool // too few to show
	Href       string
}

// X is a share's place on the drawn range, in hundredths of its width.
func (s Stat) X(share any) string {
	switch v := share.(type) {
	case float64:
		return place(v)
	case *float64:
		if v != nil {
			return place(*v)
		}
	}
	return "0"
}

// Span is the width of the interval.
func (s Stat) Span() string { return place(s.High - s.Low) }

func place(share float64) string {
	return strconv.FormatFloat(min(max(share, 0), 1)*100, 'f', 1, 64)
}

// Details is more to read for those who want it.
type Details struct{ Title, Words Words }
