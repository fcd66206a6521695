package cases

import "github.com/tidwall/gjson"

// Facts are the codes that an event kept.
type Facts struct {
	Unit      string // code of the unit that it went to
	HandlerID string
	Account   string // of whom the case is about
	Lifted    bool   // it was somebody else
	Matter    string
	Reason    string
	Outcome   string
	Grade     int    // of a judgement, 5 to 1
	Resolved  string // yes, partly, no
	Round     int    // 2: judged again
	Advice    string // codes of what a reply lacked when it was sent
	Mentioned string // accounts that a note names, parted by commas
	Unnamed   int64  // names after @ that mean nobody, or several
	Contacted bool   // the person was spoken to
	Callback  bool   // the person wishes to be called
	Rung      bool   // the person said it to somebody who rang
	Approved  *bool  // by a review
	Upheld    *bool  // an appeal
	Proposed  string // code of the unit that shall have it instead
	Form      string // of supervision
	Basis     string // by which rule it is not the unit's duty
	Ruler     string // code of the unit above that decides
	Count     int64  // the how-manieth return
	Bound     bool   // the unit may not send it back
	First     bool   // nobody was found: the first receiver leads
	Diverted  bool   // routed past the unit that it is about

	Made     string // id of the file that a picture with parts blacked out is
	MadeFrom string // and of the picture

	Case  string // number of another case: the leading one, or one that follows
	Ended string // why that one left: it was withdrawn, or the leading one was

	Until  string // a suspension is expected to end, as 2026-11-24
	Stands string // why the clock stands still without a suspension: correction
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
		f.take(key.Str, v)
		return true
	})
	return f
}

func (f *Facts) take(key string, v gjson.Result) {
	switch key {
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
	case "rung":
		f.Rung = v.Bool()
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
	default:
		f.takeRare(key, v)
	}
}

// takeRare takes what disputes, orders and judgements keep.
func (f *Facts) takeRare(key string, v gjson.Result) {
	switch key {
	case "mentioned":
		f.Mentioned = v.Str
	case "unnamed":
		f.Unnamed = v.Int()
	case "advice":
		f.Advice = v.Str
	case "grade":
		f.Grade = int(v.Int())
	case "resolved":
		f.Resolved = v.Str
	case "case":
		f.Case = v.Str
	case "ended":
		f.Ended = v.Str
	case "round":
		f.Round = int(v.Int())
	case "proposed":
		f.Proposed = v.Str
	case "form":
		f.Form = v.Str
	case "basis":
		f.Basis = v.Str
	case "ruler":
		f.Ruler = v.Str
	case "account":
		f.Account = v.Str
	case "lifted":
		f.Lifted = v.Bool()
	case "count":
		f.Count = v.Int()
	case "made":
		f.Made = v.Str
	case "made_from":
		f.MadeFrom = v.Str
	case "bound":
		f.Bound = v.Bool()
	case "first":
		f.First = v.Bool()
	case "stands":
		f.Stands = v.Str
	}
}
