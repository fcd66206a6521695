package desk

import (
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// furtherCommand reads the acts that few cases need: disputes about who handles
// one, supervision, and its ends outside and afterwards.
func furtherCommand(a cases.Action, v func(string) string) cases.Command {
	switch a {
	case cases.ActTransfer:
		return cases.Transfer{Body: v("body"), Name: v("name"), Reason: v("reason"), Notice: v("text")}
	case cases.ActNameSubject:
		return cases.NameSubject{Email: v("account"), Lift: v("lift") == "yes", Note: v("note")}
	case cases.ActReopen:
		return cases.Reopen{Reason: v("reason")}
	case cases.ActArchive:
		return cases.Archive{Note: v("note")}
	case cases.ActSupervise:
		return cases.Supervise{Form: v("form"), Ground: v("reason"), Days: v("days"), Text: v("text")}
	case cases.ActAnswerOrder:
		return cases.AnswerOrder{Text: v("text")}
	case cases.ActCloseOrder:
		return cases.CloseOrder{Note: v("note")}
	case cases.ActExtendOrder:
		return cases.ExtendOrder{Days: v("days"), Note: v("note")}
	case cases.ActDecideObjection:
		return cases.DecideObjection{Agree: v("agree") == "yes", UnitCode: v("unit_code"), Note: v("note")}
	case cases.ActRuleObjection:
		return cases.RuleObjection{First: v("ruling") == "first", UnitCode: v("unit_code"), Note: v("note")}
	}
	return nil
}

// further asks what they need, or what the acts on the clock do.
func (b *asking) further(a cases.Action) {
	switch a {
	case cases.ActTransfer:
		b.pick("body", "", choices("case.transfer.", cases.TransferBodies))
		b.line("name").Label = web.Say("desk.field.body_name")
		b.write("reason", "transfer_reason").Rows = 2
		notice := b.write("text", "transfer_notice")
		notice.Rows, notice.Hint = 5, web.Say("desk.field.transfer_notice.hint", "Language", i18n.Key("desk.language."+b.one.Locale))
	case cases.ActNameSubject:
		b.line("account").Type = "email"
		b.write("note", "name_subject").Rows = 2
		b.tick("lift", web.Say("desk.lift"), web.Say("desk.lift.hint"))
	case cases.ActReopen:
		b.write("reason", "reopen")
	case cases.ActArchive:
		b.note()
	case cases.ActSupervise, cases.ActAnswerOrder, cases.ActCloseOrder, cases.ActExtendOrder:
		b.order(a)
	case cases.ActDecideObjection, cases.ActRuleObjection:
		b.decision(a)
	default:
		b.time(a)
	}
}
