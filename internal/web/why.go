package web

import (
	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
)

// StepsPath is the page of all next steps and their rules.
const StepsPath = "/me/next"

// StepWhy says beside a next step why somebody is shown it, with the switch of its
// rule: the template portal/why.
type StepWhy struct {
	Rule  string
	About Words // the step, for readers who hear the page
	Why   Words
	Facts []Words
	Until Words
	Back  string // the page to come back to after switching; empty: StepsPath
}

// StepTitle is what a step is called.
func StepTitle(t *nextstep.Step) Words {
	switch {
	case t.Case != nil:
		return Plain(t.Title)
	case t.Rule.Code == nextstep.Entitled:
		return Say("next.entitled.says", "Name", t.Text)
	case !t.Text.Empty():
		return Data(t.Text)
	}
	return Say("next." + t.Rule.Code + ".says")
}

// OwedChip marks a step of what can be said, of a fee or of a duty; one past its day is told apart.
func OwedChip(t *nextstep.Step) Chip {
	if !t.Over {
		return Chip{Tone: ToneDue, Words: Say("next." + t.Rule.Code)}
	}
	if t.Rule.Code == nextstep.Meet {
		return Chip{Tone: ToneOver, Words: Say("duty.state.overdue")}
	}
	return Chip{Tone: ToneOver, Words: Say("fees.state.overdue")}
}

// OwedFacts are what a row of such a step says to a reader of f's language: how much it
// is, of which permit, or what is intended, and by which day.
func OwedFacts(t *nextstep.Step, f i18n.Format) []Words {
	if t.Rule.Code == nextstep.Speak {
		return []Words{Say("next.speak." + t.Says), Say("next.fact.speak_by", "Day", stepDay(f, *t.By))}
	}
	if t.Rule.Code == nextstep.Meet {
		return []Words{Data(t.Permit), Say("duty.row.due", "Day", stepDay(f, *t.By))}
	}
	return []Words{Plain(t.Amount), Say("fees.row.due", "Day", stepDay(f, *t.By))}
}

// WhyOf explains one step to a reader of f's language.
func WhyOf(t *nextstep.Step, f i18n.Format, back string) *StepWhy {
	w := WhyOfRule(t.Rule.Code, StepTitle(t), back)
	for _, fact := range t.Facts {
		says := Say("next.fact."+fact.Name, "Value", fact.Value)
		if fact.Day != nil {
			says = Say("next.fact."+fact.Name, "Day", stepDay(f, *fact.Day))
		}
		w.Facts = append(w.Facts, says)
	}
	if t.Until != nil {
		w.Until = Say("next.until", "Day", stepDay(f, *t.Until))
	}
	return w
}

// WhyOfRule explains what a page shows by the rule with that code of nextstep.Rules,
// where it made no step of it.
func WhyOfRule(code string, about Words, back string, facts ...Words) *StepWhy {
	return &StepWhy{Rule: code, About: about, Why: Say("next." + code + ".why"), Facts: facts, Until: Say("next." + code + ".until"), Back: back}
}

// stepDay writes a calendar date, which has no zone.
func stepDay(f i18n.Format, d calendar.Date) string {
	return i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date(d.UTC())
}
