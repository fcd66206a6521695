package app

import (
	"bytes"
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/demo"
	"minqing/internal/document"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
)

// Enterprises of the demo city, as its register has them.
var (
	lechuan  = enterprises.Registered{Kind: constituents.USCC, Code: "91000000000000123L", Name: "臨江樂川商行", State: enterprises.Active, Mail: "office@lechuan.example"}
	qinglan  = enterprises.Registered{Kind: constituents.USCC, Code: "91000000MA1LJ0001Y", Name: "臨江晴嵐食品有限公司", State: enterprises.Active, Mail: "office@qinglan.example"}
	yuanshan = enterprises.Registered{Kind: constituents.USCC, Code: "91000000MA1LJ0026G", Name: "臨江遠山廣告有限公司", State: enterprises.Active, Mail: "desk@yuanshan.example"}
)

// demoEnterprises registers the enterprises of the demo city with their owners;
// again it changes nothing. In a city of before, whose company signed in as itself,
// there are none.
func (a *App) demoEnterprises(ctx context.Context) error {
	for _, e := range []struct {
		what  enterprises.Registered
		owner string
	}{{lechuan, "company"}, {qinglan, "clerk"}, {yuanshan, "clerk"}} {
		there, err := a.Enterprises.ByCode(ctx, e.what.Kind, e.what.Code)
		if err != nil {
			return err
		}
		if there != nil {
			continue
		}
		who, err := a.Identity.ByEmail(ctx, e.owner+"@demo.test")
		if err != nil {
			return err
		}
		if _, err := a.Enterprises.Establish(ctx, e.what, who.ID, "zh-Hant"); err != nil {
			if f, ok := fault.As(err); ok && f.Key == "enterprises.member.person" {
				return nil
			}
			return fmt.Errorf("register an enterprise of the demo city: %w", err)
		}
	}
	return nil
}

// demoFiler has the cases of the owner who signs in be those of the enterprise.
func (a *App) demoFiler(ctx context.Context, list map[string]demo.Filer) error {
	e, err := a.Enterprises.ByCode(ctx, lechuan.Kind, lechuan.Code)
	if err != nil || e == nil {
		return err
	}
	delete(list, "clerk@demo.test")
	owner := list["company@demo.test"]
	owner.ConstituentID = e.ID
	list["company@demo.test"] = owner
	return nil
}

// demoCitizen is somebody of the demo city as they act on the pages.
func (a *App) demoCitizen(ctx context.Context, name string) (context.Context, error) {
	who, err := a.Identity.ByEmail(ctx, name+"@demo.test")
	if err != nil {
		return nil, err
	}
	return actor.With(ctx, actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID, Locale: "zh-Hant"}), nil
}

// demoHouses lets the enterprises keep house, by the acts of the pages: colleagues,
// an agent, an invitation and a registration that wait.
func (a *App) demoHouses(ctx context.Context) error {
	first, err := a.Enterprises.ByCode(ctx, lechuan.Kind, lechuan.Code)
	if err != nil || first == nil {
		return err
	}
	owner, err := a.demoCitizen(ctx, "company")
	if err != nil {
		return err
	}
	clerk, err := a.demoCitizen(ctx, "clerk")
	if err != nil {
		return err
	}
	second, err := a.Enterprises.ByCode(ctx, qinglan.Kind, qinglan.Code)
	if err != nil {
		return err
	}
	if err := a.demoInvite(owner, clerk, first.ID, enterprises.Invite{Mail: "clerk@demo.test", Role: enterprises.Applicant}, ""); err != nil {
		return err
	}
	if err := a.demoInvite(clerk, owner, second.ID, enterprises.Invite{Mail: "company@demo.test", Role: enterprises.Manager}, ""); err != nil {
		return err
	}
	if _, err := a.Enterprises.Invite(owner, first.ID, enterprises.Invite{Mail: "partner@lechuan.example", Role: enterprises.Reader, Lang: i18n.ZhHant}); err != nil {
		return err
	}
	if err := a.demoAgent(owner, clerk, first.ID); err != nil {
		return err
	}
	papers, err := a.demoLetter(clerk, "營業執照（影本）", "臨江小巷麵館", "經營者：何小帳")
	if err != nil {
		return err
	}
	_, err = a.Enterprises.Ask(clerk, enterprises.Request{Code: "92000000MA1LJ0050X", Words: "我是這家麵館的經營者，登記簿裡沒有電子郵件，附上執照。", Files: papers})
	return err
}

// demoInvite has somebody accept what somebody asks them to be.
func (a *App) demoInvite(from, to context.Context, enterpriseID string, v enterprises.Invite, as string) error {
	v.Lang = i18n.ZhHant
	id, err := a.Enterprises.Invite(from, enterpriseID, v)
	if err != nil {
		return err
	}
	list, err := a.Enterprises.Invitations(from, enterpriseID)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].ID == id {
			_, err = a.Enterprises.Accept(to, a.Enterprises.Token(&list[i]), as)
		}
	}
	return err
}

// demoAgent has the sign maker act for the first enterprise where signs are
// concerned.
func (a *App) demoAgent(owner, clerk context.Context, enterpriseID string) error {
	firm, err := a.Enterprises.ByCode(owner, yuanshan.Kind, yuanshan.Code)
	if err != nil {
		return err
	}
	letter, err := a.demoLetter(owner, "授權書", lechuan.Name, "授權 "+yuanshan.Name+" 代為申請戶外招牌許可。")
	if err != nil {
		return err
	}
	today := calendar.DateOf(a.Options.Now(), a.zone)
	return a.demoInvite(owner, clerk, enterpriseID, enterprises.Invite{Mail: "clerk@demo.test", Agent: true, ID: letter, Scope: []string{"outdoor-sign"}, From: today, Until: today.Add(180)}, firm.ID)
}

// demoLetter writes a paper that somebody would attach, and says where it hangs.
func (a *App) demoLetter(ctx context.Context, title, above, words string) (string, error) {
	pdf, err := document.New(document.About{Title: title, Lang: i18n.ZhHant, Head: above, Foot: above, Maker: "Minqing", At: a.Options.Now()})
	if err != nil {
		return "", err
	}
	pdf.Title(above, title)
	pdf.Text(words)
	raw, err := pdf.Bytes()
	if err != nil {
		return "", err
	}
	id := a.Enterprises.NewPapers()
	_, err = a.Files.Add(ctx, files.Upload{Owner: files.Owner{Kind: files.Draft, ID: id}, Name: title + ".pdf", Content: bytes.NewReader(raw), Size: int64(len(raw))})
	return id, err
}
