package permittypes

import "minqing/internal/calendar"

// The laws that a permit may be of: what silence means, from when the decision has its
// limit, what stops it, by how much it may be extended, and how it can be disputed.
const (
	LawPRC = "prc" // 行政許可法 (PRC, 2019)
	LawTW  = "tw"  // 行政程序法 (Taiwan)
)

// Laws lists them.
var Laws = []string{LawPRC, LawTW}

// periodTW is how long an application takes where the agency has set and published no
// time for it: two months (行政程序法 art. 51 (2)).
const periodTW = 2

// OfTaiwan says that the type is of the law of Taiwan: silence accepts and renews nothing.
func (t *Type) OfTaiwan() bool { return t.Law == LawTW }

// settle fills in what the law says where the type says nothing.
func (t *Type) settle() {
	if t.Law == LawPRC {
		t.Law = ""
	}
	if !t.OfTaiwan() {
		return
	}
	if t.Statutory.IsZero() {
		t.Statutory, _ = calendar.NewLimit(periodTW, calendar.Months) // two months are always a limit
	}
	if t.Promised.IsZero() {
		t.Promised = t.Statutory
	}
}

// counts says whether a limit of the type may count in a unit. Months are of the law of
// Taiwan alone.
func (t *Type) counts(u calendar.Unit) bool {
	return u == calendar.WorkingDays || u == calendar.Days || u == calendar.Months && t.OfTaiwan()
}

// ExtensionMost is by how much the decision may take longer, once, with the reasons told
// before it is over, in what the limit counts: of the PRC ten working days or what the type
// says (行政許可法 art. 42), of Taiwan as much as the limit itself, or less where the type
// says so (行政程序法 art. 51 (3)).
func (t *Type) ExtensionMost() int {
	switch {
	case !t.Extension.IsZero():
		return t.Extension.Number()
	case t.OfTaiwan():
		return t.Statutory.Number()
	}
	return ExtensionSingle
}
