package web

import "minqing/internal/permits"

// CameBy says who came to a counter, and HowSigned how they signed; named says a name as
// the page may show it.
func CameBy(c *permits.Counter, named func(string) string) Words {
	switch c.By {
	case permits.InPerson:
		return Say("counter.by.is." + c.Kind)
	case permits.AsAgent:
		return Say("counter.by.is.agent", "Name", named(c.Agent), "Authority", c.Authority)
	}
	if c.Kind == "" {
		return Words{} // of somebody erased nothing is left
	}
	return Say("counter.by.is.open")
}

// HowSigned is explained at CameBy; zero until it is sent.
func HowSigned(c *permits.Counter) Words {
	switch c.How {
	case permits.SignedPaper:
		return Say("counter.how.is.paper")
	case permits.SignedAloud:
		return Say("counter.how.is.aloud", "Why", c.Why)
	}
	return Words{}
}

// OriginalAs says what a clerk did with an original on paper.
func OriginalAs(o *permits.Original) Words {
	if o.By != "" {
		return Say("counter.original.by."+o.Way, "Unit", o.Unit, "Who", o.By, "Day", DayText(o.On))
	}
	return Say("counter.original.is."+o.Way, "Unit", o.Unit, "Day", DayText(o.On))
}
