// Package permittypes holds the kinds of permits that a government gives, as
// versioned data: who needs one and why, what is asked, which papers are wanted
// when, fees, limits, opinions, validity and the law. It knows no application:
// what is under way names the version that it was begun under.
package permittypes

import (
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

// Who may apply for a permit of a type.
const (
	ForEnterprise = "enterprise"
	ForPerson     = "person"
)

// When a fee falls due.
const (
	FeeAtAcceptance = "accept"
	FeeAtGrant      = "grant"
)

// Type is one version of one permit type.
type Type struct {
	ID            string           `json:"-" yaml:"-"`
	Code          string           `json:"code" yaml:"code"`
	Version       int64            `json:"-" yaml:"-"`
	MatterCode    string           `json:"matter" yaml:"matter"` // a matter of the permit track: who decides
	Audience      []string         `json:"audience" yaml:"audience"`
	Name          i18n.Text        `json:"name" yaml:"name"`
	Summary       i18n.Text        `json:"summary" yaml:"summary"`
	Legal         i18n.Text        `json:"legal" yaml:"legal"`
	Law           string           `json:"law,omitempty" yaml:"law,omitempty"` // LawPRC, which none is too, or LawTW
	Remedies      i18n.Text        `json:"remedies" yaml:"remedies"`           // reconsideration and suit, printed in refusals
	Guide         Guide            `json:"guide" yaml:"guide"`
	Questions     catalogue.Schema `json:"questions" yaml:"-"`                     // a File writes them as a list
	Held          []Held           `json:"held,omitempty" yaml:"held,omitempty"`   // answers that are not asked for anew
	Facts         []string         `json:"facts,omitempty" yaml:"facts,omitempty"` // questions whose answers stand on the permit, for everybody to see
	Phrases       []Phrase         `json:"phrases,omitempty" yaml:"phrases,omitempty"`
	Materials     []Material       `json:"materials" yaml:"materials"`
	Fees          []Fee            `json:"fees,omitempty" yaml:"fees,omitempty"`
	Completeness  calendar.Limit   `json:"completeness" yaml:"completeness"`              // until what is missing is told, or the application counts as accepted
	Statutory     calendar.Limit   `json:"statutory" yaml:"statutory"`                    // from acceptance to the decision, by law; of Taiwan from receipt, as the agency has published it
	Promised      calendar.Limit   `json:"promised" yaml:"promised"`                      // what the government promises; not longer
	Extension     calendar.Limit   `json:"extension,omitzero" yaml:"extension,omitempty"` // by how much the head may extend it, once; none: ten working days
	Issue         calendar.Limit   `json:"issue" yaml:"issue"`                            // from the decision to the permit in hand
	Steps         []Step           `json:"steps" yaml:"steps"`
	Opinions      []Opinion        `json:"opinions,omitempty" yaml:"opinions,omitempty"`
	Inspection    bool             `json:"inspection,omitempty" yaml:"inspection,omitempty"`
	Checklist     []Check          `json:"checklist,omitempty" yaml:"checklist,omitempty"`
	Validity      string           `json:"validity,omitempty" yaml:"validity,omitempty"`             // "3y", "6m", "event": until the date in the answer event_ends; "": no end
	RenewalWindow int              `json:"renewal_window,omitempty" yaml:"renewal_window,omitempty"` // days before expiry from which renewal may be asked
	Duties        []Duty           `json:"duties,omitempty" yaml:"duties,omitempty"`                 // of the holder, once it is issued
	Quota         int64            `json:"quota,omitempty" yaml:"quota,omitempty"`                   // permits that may stand at once; 0: not limited
	Withdrawn     bool             `json:"withdrawn,omitempty" yaml:"withdrawn,omitempty"`           // nobody may apply any more
	ValidFrom     calendar.Date    `json:"-" yaml:"-"`
	PublishedAt   time.Time        `json:"-" yaml:"-"`
}

// UntilEvent is the validity of a permit that lasts as long as what it allows.
const UntilEvent = "event"

// Questions with a meaning of their own. The answer to EventBegins, where a type asks
// for it, is the first day of the permit, unless the decision comes later; a renewal
// begins when the permit before ends, and is not asked. The answer to EventEnds is the last day of a permit with the validity UntilEvent. Both are dates.
const (
	EventBegins = "begins"
	EventEnds   = "event_ends"
)

// Material is a paper that an application wants.
type Material struct {
	Code        string    `json:"code" yaml:"code"`
	Name        i18n.Text `json:"name" yaml:"name"`
	Hint        i18n.Text `json:"hint,omitempty" yaml:"hint,omitempty"`
	Required    bool      `json:"required,omitempty" yaml:"required,omitempty"`
	If          Rule      `json:"if,omitempty" yaml:"if,omitempty"`
	Reusable    bool      `json:"reusable,omitempty" yaml:"reusable,omitempty"`         // one that was verified before may be used again
	ValidMonths int       `json:"valid_months,omitempty" yaml:"valid_months,omitempty"` // for how long after it was verified; 0: without end
	HeldFrom    string    `json:"held_from,omitempty" yaml:"held_from,omitempty"`       // the register that already has it: not asked from the applicant
	HeldPermits []string  `json:"held_permits,omitempty" yaml:"held_permits,omitempty"` // from permit_register: a valid permit of one of these types stands for it
	Kinds       []string  `json:"kinds,omitempty" yaml:"kinds,omitempty"`               // kinds of files: "pdf", "image", "drawing"; none: any
}

// Registers that data may be held in.
const (
	CompanyRegister  = "company_register"
	IdentityRegister = "identity_register"
	PermitRegister   = "permit_register"
)

// Held is an answer that the government has already: it is filled in, and the applicant
// may correct it.
type Held struct {
	Question string   `json:"question" yaml:"question"`
	From     string   `json:"from" yaml:"from"`                           // one of Registers
	What     string   `json:"what" yaml:"what"`                           // company_register: name, code; identity_register: name, phone, email; permit_register: a public fact
	Permits  []string `json:"permits,omitempty" yaml:"permits,omitempty"` // permit_register: of which types
	Reason   bool     `json:"reason,omitempty" yaml:"reason,omitempty"`   // whoever corrects it says why
}

// Fee is what a permit costs.
type Fee struct {
	Code     string    `json:"code" yaml:"code"`
	Name     i18n.Text `json:"name" yaml:"name"`
	Amount   int64     `json:"amount" yaml:"amount"` // in the smallest coin: fen, cents
	Currency string    `json:"currency" yaml:"currency"`
	When     string    `json:"when" yaml:"when"`
	If       Rule      `json:"if,omitempty" yaml:"if,omitempty"`
	Holds    bool      `json:"holds,omitempty" yaml:"holds,omitempty"` // the permit's document is handed out once it is paid; the permit is valid without
}

// Step is one of the stages that applicants are shown.
type Step struct {
	Code string    `json:"code" yaml:"code"`
	Name i18n.Text `json:"name" yaml:"name"`
}

// Opinion is what another unit is asked for before the decision.
type Opinion struct {
	UnitCode string         `json:"unit" yaml:"unit"`
	Limit    calendar.Limit `json:"limit" yaml:"limit"`
	If       Rule           `json:"if,omitempty" yaml:"if,omitempty"`

	// Preliminary: it is the examination of a lower authority that a law puts before the
	// decision, which has twenty working days from the acceptance (art. 43).
	Preliminary bool `json:"preliminary,omitempty" yaml:"preliminary,omitempty"`
}

// Check is what officials look at on site.
type Check struct {
	Code string    `json:"code" yaml:"code"`
	Name i18n.Text `json:"name" yaml:"name"`
	If   Rule      `json:"if,omitempty" yaml:"if,omitempty"`
}

// Needed is the checklist of papers for these answers, in order.
func (t *Type) Needed(answers map[string]any) []Material {
	return applying(t.Materials, answers, func(m Material) Rule { return m.If })
}

// Due are the fees for these answers, in order.
func (t *Type) Due(answers map[string]any) []Fee {
	return applying(t.Fees, answers, func(f Fee) Rule { return f.If })
}

// Asked are the opinions wanted for these answers, in order.
func (t *Type) Asked(answers map[string]any) []Opinion {
	return applying(t.Opinions, answers, func(o Opinion) Rule { return o.If })
}

// OnSite is what is looked at on site for these answers, in order.
func (t *Type) OnSite(answers map[string]any) []Check {
	return applying(t.Checklist, answers, func(c Check) Rule { return c.If })
}

func applying[T any](list []T, answers map[string]any, rule func(T) Rule) []T {
	var kept []T
	for _, one := range list {
		if rule(one).Holds(answers) {
			kept = append(kept, one)
		}
	}
	return kept
}
