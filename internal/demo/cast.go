package demo

import (
	"slices"
	"time"

	"minqing/internal/cases"
)

// Filer is somebody who signs in and has cases of their own.
type Filer struct {
	AccountID     string
	ConstituentID string
}

// fate is a life that is told in advance, so that those who sign in find cases of
// each kind: their own, or in the queues of the demo handler and of others.
type fate struct {
	who     string // email of the account; empty: somebody
	matter  string
	kind    cases.Kind
	ago     time.Duration // how long before the end of the load it came in
	stop    cases.Status  // where it stands now; empty: concluded
	days    float64       // from receipt to conclusion
	grade   int           // of the conclusion; 0: not judged yet
	solved  string        // as the person says
	appeals bool
}

const day = 24 * time.Hour

// fates are told of each load.
var fates = []fate{
	{matter: "rubbish", kind: cases.Complaint, ago: time.Hour, stop: cases.Submitted},
	{matter: "street-light", kind: cases.HelpRequest, ago: 30 * time.Hour, stop: cases.Dispatched},
	{matter: "street-light", kind: cases.Complaint, ago: 2 * day, stop: cases.SignedIn},
	{matter: "street-light", kind: cases.HelpRequest, ago: 9 * day, stop: cases.Handling},
	{matter: "illegal-building", kind: cases.Report, ago: 8 * day, days: 7, stop: cases.Replied},
	{matter: "unpaid-wages", kind: cases.Complaint, ago: 9 * day, days: 5, stop: cases.Reviewed},
	{who: "citizen@demo.test", matter: "bus-service", kind: cases.Enquiry, ago: 2 * time.Hour, stop: cases.Submitted},
	{who: "citizen@demo.test", matter: "street-light", kind: cases.HelpRequest, ago: 2 * day, stop: cases.Handling},
	{who: "citizen@demo.test", matter: "property-service", kind: cases.Complaint, ago: 3 * day, stop: cases.NeedInfo},
	{who: "citizen@demo.test", matter: "illegal-parking", kind: cases.Complaint, ago: 11 * day, days: 6},
	{who: "citizen@demo.test", matter: "street-light", kind: cases.Complaint, ago: 16 * day, days: 5, grade: 1, solved: "no", appeals: true},
	{who: "citizen@demo.test", matter: "medical-insurance", kind: cases.Enquiry, ago: 118 * day, days: 1.2, grade: 5, solved: "yes"},
	{who: "citizen@demo.test", matter: "shared-bikes", kind: cases.Complaint, ago: 203 * day, stop: cases.NotAccepted},
	{who: "company@demo.test", matter: "policy-question", kind: cases.Enquiry, ago: 2 * day, stop: cases.NeedInfo},
	{who: "company@demo.test", matter: "business-registration", kind: cases.HelpRequest, ago: 4 * day, stop: cases.Handling},
	{who: "company@demo.test", matter: "power-outage", kind: cases.HelpRequest, ago: 13 * day, days: 0.8},
	{who: "company@demo.test", matter: "counter-service", kind: cases.Complaint, ago: 74 * day, days: 4, grade: 4, solved: "partly"},
	{who: "company@demo.test", matter: "utility-bill", kind: cases.Complaint, ago: 157 * day, days: 3, grade: 5, solved: "yes"},
}

// castLeast is how many cases a load must have for some of them to be told in
// advance.
const castLeast = 200

// cast gives each fate the place of the plan whose day fits best.
func (r *run) cast() {
	r.fates = map[int]*fate{}
	if len(r.plan) < castLeast {
		return
	}
	for i := range fates {
		f := &fates[i]
		at := r.until.Add(-f.ago)
		if _, known := r.l.Filers[f.who]; f.who != "" && !known || at.Before(r.plan[0].at) {
			continue
		}
		n, _ := slices.BinarySearchFunc(r.plan, at, func(a arrival, t time.Time) int { return a.at.Compare(t) })
		for n = min(n, len(r.plan)-1); n > 0 && r.fates[n] != nil; {
			n--
		}
		if r.fates[n] == nil {
			r.fates[n] = f
			r.plan[n].storm = 0
		}
	}
}
