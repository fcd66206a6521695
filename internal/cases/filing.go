package cases

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/place"
	"minqing/internal/text"
)

// Lengths in characters, counted as runes.
const (
	TitleMost       = 120
	DescriptionMost = 5000
	NameMost        = 80
	AddressMost     = 200
)

// Filing is what somebody tells the government.
type Filing struct {
	Kind            Kind
	MatterCode      string // may be empty: the intake desk classifies it
	Title           string
	Description     string
	Location        Location
	Contact         Contact
	Subject         Subject
	OnBehalfOf      Behalf
	Confidentiality Confidentiality
	Locale          string
	Channel         string
	Answers         map[string]any
	Danger          bool         // the person says that life is in danger
	DraftID         string       // whose attachments come along
	Region          string       // reads phone numbers without a country code: CN, TW, HK or MO
	requester       string       // a constituent that is known already, see Call
	represents      string       // the enterprise that the actor files it for, see filing
	unasked         bool         // see Confer: nobody filed it, so nobody is told that it came
	applied         *Application // see FileApplication
	Publish         bool         // question and answer may be published; no effect where that is not offered
	ContactFirst    bool         // web form: name and a way to reach are asked for unless anonymous or a whistle-blower
}

// Location is a point, an address, a district, or nothing.
type Location struct {
	Lat, Lng     *float64
	CRS          string // wgs84 (default), gcj02 or bd09
	Address      string
	DistrictCode string
}

// Contact is how to reach the person. For a signed-in citizen it may be empty.
type Contact struct {
	Name, Phone, Email string
}

func (c Contact) empty() bool { return c.Name == "" && c.Phone == "" && c.Email == "" }

// Subject is who is complained about.
type Subject struct {
	UnitCode string
	Name     string
}

// Behalf is the person for whom somebody else files.
type Behalf struct {
	Name     string
	Relation string
}

// tidy is the filing with its texts fit to be stored.
func (f Filing) tidy() Filing {
	f.Title, f.Description, f.Location.Address = text.Line(f.Title), text.Lines(f.Description), text.Line(f.Location.Address)
	f.Contact.Name, f.Subject.Name = text.Line(f.Contact.Name), text.Line(f.Subject.Name)
	f.OnBehalfOf.Name, f.OnBehalfOf.Relation = text.Line(f.OnBehalfOf.Name), text.Line(f.OnBehalfOf.Relation)
	if len(f.Answers) > 0 {
		answers := make(map[string]any, len(f.Answers))
		for name, a := range f.Answers {
			answers[name] = tidyAnswer(a)
		}
		f.Answers = answers
	}
	return f
}

func tidyAnswer(answer any) any {
	switch a := answer.(type) {
	case string:
		return text.Lines(a)
	case []string:
		out := make([]string, len(a))
		for i := range a {
			out[i] = text.Lines(a[i])
		}
		return out
	case []any:
		out := make([]any, len(a))
		for i := range a {
			out[i] = tidyAnswer(a[i])
		}
		return out
	}
	return answer
}

// Validate looks at what needs no database; the catalogue's checks follow in File.
func (f Filing) Validate() error {
	var c fault.Check
	c.That(slices.Contains(Kinds, f.Kind) || f.applied != nil, "kind", "case.kind.unknown")
	c.That(text.Line(f.Title) != "", "title", "case.title.required")
	c.That(utf8.RuneCountInString(f.Title) <= TitleMost, "title", "case.title.long", "Max", TitleMost)
	c.That(text.Lines(f.Description) != "", "description", "case.description.required")
	c.That(utf8.RuneCountInString(f.Description) <= DescriptionMost, "description", "case.description.long", "Max", DescriptionMost)
	switch f.Confidentiality {
	case Normal, IdentityHidden, AnonymousFiler, Whistle:
	default:
		c.That(false, "confidentiality", "case.confidentiality.unknown")
	}
	_, known := i18n.ParseLang(f.Locale)
	c.That(known, "locale", "case.locale.unknown")
	f.checkTexts(&c)
	f.checkContact(&c)
	f.checkLocation(&c)
	return c.Err()
}

func (f Filing) checkTexts(c *fault.Check) {
	texts := []struct{ name, value string }{
		{"title", f.Title}, {"description", f.Description}, {"contact.name", f.Contact.Name},
		{"location.address", f.Location.Address}, {"subject.name", f.Subject.Name}, {"on_behalf_of.name", f.OnBehalfOf.Name},
	}
	for _, t := range texts {
		c.That(utf8.ValidString(t.value) && !strings.ContainsRune(t.value, 0), t.name, "fault.text.invalid")
	}
	c.That(utf8.RuneCountInString(f.Subject.Name) <= NameMost, "subject.name", "case.name.long", "Max", NameMost)
	c.That(utf8.RuneCountInString(f.OnBehalfOf.Name) <= NameMost, "on_behalf_of.name", "case.name.long", "Max", NameMost)
	c.That(utf8.RuneCountInString(f.OnBehalfOf.Relation) <= NameMost, "on_behalf_of.relation", "case.name.long", "Max", NameMost)
}

func (f Filing) checkContact(c *fault.Check) {
	if f.Confidentiality == AnonymousFiler {
		c.That(f.Contact.empty(), "contact", "case.contact.anonymous")
		return
	}
	c.That(utf8.RuneCountInString(f.Contact.Name) <= NameMost, "contact.name", "case.name.long", "Max", NameMost)
	if f.Contact.Phone != "" {
		_, err := idcode.ParsePhone(f.Contact.Phone, f.Region)
		c.That(err == nil, "contact.phone", "case.phone.invalid")
	}
	if f.Contact.Email != "" {
		_, err := idcode.NormaliseEmail(f.Contact.Email)
		c.That(err == nil, "contact.email", "case.email.invalid")
	}
	if f.ContactFirst && f.Confidentiality != Whistle {
		c.That(text.Line(f.Contact.Name) != "", "contact.name", "case.name.required")
		c.That(f.Contact.Phone != "" || f.Contact.Email != "", "contact.phone", "case.contact.required")
	}
}

func (f Filing) checkLocation(c *fault.Check) {
	l := f.Location
	c.That(utf8.RuneCountInString(l.Address) <= AddressMost, "location.address", "case.address.long", "Max", AddressMost)
	c.That((l.Lat == nil) == (l.Lng == nil), "location", "case.point.half")
	if l.Lat != nil && l.Lng != nil {
		c.That(!math.IsNaN(*l.Lat) && math.Abs(*l.Lat) <= 90, "location.lat", "case.point.lat")
		c.That(!math.IsNaN(*l.Lng) && math.Abs(*l.Lng) <= 180, "location.lng", "case.point.lng")
	}
	if l.CRS != "" {
		_, err := place.ParseCRS(l.CRS)
		c.That(err == nil, "location.crs", "case.crs.unknown")
	}
}
