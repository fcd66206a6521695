package cases

import "github.com/tidwall/gjson"

// Facts are the codes that an event kept.
type Facts struct {
	Unit      string // code of the unit that it went to
	HandlerID string
	Matter    string
	Reason    string
	Outcome   string
	Contacted bool  // the person was spoken to
	Callback  bool  // the person wishes to be called
	Approved  *bool // by a review
	Upheld    *bool // an appeal
	Diverted  bool  // routed past the unit that it is about

	Until  string // a suspension is expected to end, as 2026-11-24
	By     string // more time, as 5wd
	OldDue string // the due time before and after, in RFC 3339
	NewDue string
}

// Facts reads the codes that the event kept; others are left out. A story has
// many events, so it looks for what it wants and unfolds nothing else.
func (e Event) Facts() Facts {
	if e.facts != nil {
		return *e.facts
	}
	var f Facts
	if e.Data == "{}" { // most say nothing
		return f
	}
	gjson.Parse(e.Data).ForEach(func(key, v gjson.Result) bool {
		switch key.Str {
		case "unit":
			f.Unit = v.Str
		case "handler_id":
			f.HandlerID = v.Str
		case "matter":
			f.Matter = v.Str
		case "reason":
			f.Reason = v.Str
		case "outcome":
			f.Outcome = v.Str
		case "contacted":
			f.Contacted = v.Bool()
		case "callback":
			f.Callback = v.Bool()
		case "approved":
			f.Approved = new(v.Bool())
		case "upheld":
			f.Upheld = new(v.Bool())
		case "until":
			f.Until = v.Str
		case "by":
			f.By = v.Str
		case "old_due":
			f.OldDue = v.Str
		case "new_due":
			f.NewDue = v.Str
		case "route":
			f.Diverted = v.Get("diverted").Bool()
		}
		return true
	})
	return f
}
