package app

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
)

// demoDisclosure files two applications for disclosure of government information, and
// does with them, by the acts of the pages, what no loaded life holds: one waits for the
// opinion of a third party, and of the other the person was asked to correct something.
func (a *App) demoDisclosure(ctx context.Context) error {
	who := actor.With(ctx, actor.Actor{Kind: actor.Anonymous})
	file := func(title, text, name string) (string, error) {
		r, err := a.Cases.File(who, cases.Filing{Kind: cases.Enquiry, MatterCode: "information-disclosure", Title: title, Description: text,
			Contact: cases.Contact{Name: name}, Answers: map[string]any{"form_wanted": "electronic"}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
		if err != nil {
			return "", fmt.Errorf("apply for disclosure in the demo city: %w", err)
		}
		return r.CaseNo, nil
	}
	do := func(no string, cmds ...cases.Command) error {
		for _, cmd := range cmds {
			if _, err := a.Cases.Act(ctx, no, 0, cmd); err != nil {
				return fmt.Errorf("%s an application for disclosure of the demo city: %w", cmd.Action(), err)
			}
		}
		return nil
	}
	first, err := file("申請公開湖濱路改造工程的得標契約", "申請公開湖濱路道路改造工程的得標契約全文和附件。", "呂聞道")
	if fault.KindOf(err) == fault.Invalid { // a city whose matters were changed
		return nil
	}
	if err == nil {
		err = do(first, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Suspend{Type: "third_party",
			Notice: "契約含得標廠商的報價，已書面徵求該廠商意見，等候期間不計入答復期限。"})
	}
	if err != nil {
		return err
	}
	second, err := file("申請公開環境監測資料", "申請公開本市的環境監測資料。", "康明遠")
	if err != nil {
		return err
	}
	return do(second, cases.RequestInfo{Question: "請說明要哪一年、哪一類（空氣、水質或噪音）、哪個測站的資料，並請於十五日內補正。"})
}
