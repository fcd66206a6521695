package outreach

import "slices"

// Purpose is what a segment is for. It decides which facts may make somebody a
// member: what was told for one thing is not used for another.
type Purpose string

// The purposes.
const (
	Offer    Purpose = "offer"     // tell people of a service or a benefit that may be theirs
	Notice   Purpose = "notice"    // tell those concerned of works, outages, changes
	FollowUp Purpose = "follow_up" // ask again where something went badly, and mend it
	Planning Purpose = "planning"  // count, to plan a service: nobody is looked at or written to
)

// Purposes lists them in the order of forms.
var Purposes = []Purpose{Offer, Notice, FollowUp, Planning}

// Members says whether a purpose needs to know who the members are.
func (p Purpose) Members() bool { return p != Planning }

// Basis is on what ground of law personal data are used so.
type Basis string

// The bases. Which provision it is, is written beside.
const (
	LegalDuty Basis = "legal_duty"
	Benefit   Basis = "benefit" // of the person
	Consented Basis = "consent"
	Urgent    Basis = "urgent" // danger to life, health or property
)

// Bases lists them in the order of forms.
var Bases = []Basis{LegalDuty, Benefit, Consented, Urgent}

var (
	anyPurpose = Purposes
	services   = []Purpose{Offer, Planning}
	reaching   = []Purpose{Offer, Notice, Planning}
	mending    = []Purpose{FollowUp, Planning}
)

// For says whether a condition may be used for a purpose.
func (l *Leaf) For(p Purpose) bool { return slices.Contains(l.Purposes, p) }
