package app

import (
	"context"
	"strings"
	"time"

	"minqing"
	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/config"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/identity"
	"minqing/internal/jobs"
	"minqing/internal/nextstep"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/campaign"
	"minqing/internal/outreach/discover"
	"minqing/internal/outreach/offers"
	"minqing/internal/privacy"
	"minqing/internal/record"
	"minqing/internal/retention"
	"minqing/internal/satisfaction"
	"minqing/internal/worklist"
)

// baseURL is where people find the portal.
func (a *App) baseURL() string {
	if a.Config.BaseURL != "" {
		return strings.TrimSuffix(a.Config.BaseURL, "/")
	}
	return config.LocalURL(a.Config.Listen)
}

func (a *App) wirePeople() error {
	providers, err := Providers(a.Config, a.baseURL(), a.Options.Now)
	if err != nil {
		return err
	}
	a.Identity, err = identity.New(identity.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Access: a.Access,
		Constituents: a.Constituents, Now: a.Options.Now}, identity.Options{Demo: a.Options.Demo,
		Secure: strings.HasPrefix(a.baseURL(), "https://"), SecondFor: a.Config.SecondFactor, Providers: providers, BaseURL: a.baseURL()})
	return err
}

// wireWork registers what the workers do.
func (a *App) wireWork() error {
	a.Drafts = cases.NewDrafts(a.DB, a.Vault, a.Files, a.Options.Now)
	a.Drafts.Register(a.Jobs)
	a.Once = cases.NewOnce(a.DB, a.Vault, a.Options.Now)
	a.Once.Register(a.Jobs)
	a.Files.Register(a.Jobs)
	a.Limits.Register(a.Jobs)
	a.Cases.Names, a.Cases.Represented = a.Identity.Names, represented{a.Enterprises}
	a.Cases.Register(a.Jobs)
	a.Satisfaction.Register(a.Jobs)
	a.Voices.Register(a.Jobs)
	a.Insight.Register(a.Jobs)
	a.Identity.Register(a.Jobs)
	a.Worklist = worklist.New(worklist.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Catalogue: a.Catalogue,
		Cases: a.Cases, Accounts: a.Identity, Now: a.Options.Now})
	a.Worklist.Register(a.Jobs)
	a.Cases.Acted = a.Worklist.Done
	post, texts, err := a.transports()
	if err != nil {
		return err
	}
	box, err := a.mailbox()
	if err != nil {
		return err
	}
	a.Notify, err = notify.New(notify.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Words: a.Bundle, Templates: minqing.Files,
		Directory: directory{a}, Cases: facts{a}, Transport: post, Texts: texts, Secrets: secrets{a.Identity}, Followers: letters{a}, Campaigns: invitations{a}, Offers: offered{a}, Permits: holding{a}, News: news{a}, Rings: rings{a}, BaseURL: a.baseURL(), Now: a.Options.Now, Zone: a.zone,
		Replies: replyBox(box), Unreachable: a.unreachable, TextsADay: a.Config.SMSADay})
	if err != nil {
		return err
	}
	a.Record = record.New(record.Deps{DB: a.DB, Audit: a.Audit, Access: a.Access, Cases: a.Cases, Satisfaction: a.Satisfaction, Notify: a.Notify,
		Constituents: a.Constituents, Places: a.Places, PermitTypes: a.PermitTypes, Zone: a.zone, Now: a.Options.Now})
	a.Record.Register(a.Jobs)
	a.Merging = constituents.NewMerging(a.Constituents, a.Access, a.Jobs)
	a.Outreach = outreach.New(outreach.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Catalogue: a.Catalogue, Places: a.Places, PermitTypes: a.PermitTypes,
		Constituents: a.Constituents, Cases: a.Cases, Accounts: a.Identity, Words: a.Bundle, Zone: a.zone, Now: a.Options.Now})
	a.wireCampaigns()
	a.wireOffers()
	a.Privacy = privacy.New(privacy.Deps{DB: a.DB, Audit: a.Audit, Jobs: a.Jobs, Constituents: a.Constituents, Identity: a.Identity, Cases: a.Cases,
		Satisfaction: a.Satisfaction, Voices: a.Voices, Notify: a.Notify, Files: a.Files, Places: a.Places, Groups: groups{a.Outreach}, Offers: offered{a}, Campaigns: invited{a}, Steps: a.wireSteps(), Permits: permitted{a}, Now: a.Options.Now})
	a.Retention = retention.New(retention.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Cases: a.Cases, Satisfaction: a.Satisfaction, Notify: a.Notify,
		Constituents: a.Constituents, Identity: a.Identity, Files: a.Files, Campaigns: oldCampaigns{a}, Offers: oldOffers{a}, Now: a.Options.Now, Program: a.Options.Version})
	if post != nil { // without mail nobody could prove an address
		a.Identity.SendBy(accountMail{a})
	}
	a.wireKeys()
	if texts != nil {
		a.Identity.TextBy(accountMail{a})
	}
	a.wireMailroom(box)
	a.wireMessages()
	return nil
}

// wireMessages registers the jobs that tell people and colleagues of something,
// and the one that seals the trail.
func (a *App) wireMessages() {
	jobs.Work(a.Jobs, a.sendCode)
	jobs.Work(a.Jobs, a.enrol)
	jobs.Work(a.Jobs, a.tell)
	jobs.Work(a.Jobs, a.warn)
	jobs.Work(a.Jobs, a.hear)
	jobs.Work(a.Jobs, a.remind)
	jobs.Work(a.Jobs, a.missed)
	jobs.Work(a.Jobs, a.seal)
	a.Jobs.Every(sealEvery, sealJob{})
}

// wireCampaigns has the workers count segments and bring campaigns on.
func (a *App) wireCampaigns() {
	a.Outreach.Register(a.Jobs)
	a.Campaigns = campaign.New(campaign.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Catalogue: a.Catalogue,
		Constituents: a.Constituents, Segments: a.Outreach, Messages: a.Notify, Words: a.Bundle, Tell: a.Notify.Tell, Zone: a.zone, Now: a.Options.Now})
	a.Campaigns.Register(a.Jobs)
	a.Seven.Campaigns = a.Campaigns
}

// transports are the ways by which messages leave the house; nil where one is not
// set.
func (a *App) transports() (post notify.Transport, texts notify.TextTransport, err error) {
	if a.Config.SMTPURL != "" {
		smtp, err := notify.OpenSMTP(a.Config.SMTPURL, a.baseURL(), "Minqing")
		if err != nil {
			return nil, nil, err
		}
		post = smtp
	}
	if a.Config.SMSURL != "" {
		gateway, err := notify.OpenSMS(a.Config.SMSURL)
		if err != nil {
			return nil, nil, err
		}
		texts = gateway
	}
	return post, texts, nil
}

// told are the acts that people outside hear of.
var told = map[cases.Action]notify.Kind{
	cases.ActFile:        notify.CaseReceived,
	cases.ActRequestInfo: notify.InfoRequested,
	cases.ActNotAccept:   notify.NotAccepted,
	cases.ActReply:       notify.Replied,
	cases.ActReviewReply: notify.Replied,
	cases.ActConclude:    notify.Concluded,
	cases.ActRenewCode:   notify.CodeRenewed,

	cases.ActDecideAppeal:    notify.AppealDecided,
	cases.ActTransfer:        notify.Transferred,
	cases.ActReopen:          notify.Reopened,
	cases.ActSuspend:         notify.ClockSuspended,
	cases.ActResume:          notify.ClockResumed,
	cases.ActDecideExtension: notify.ClockExtended,
	cases.ActRectify:         notify.Concluded,
	cases.ActMerge:           notify.CaseMerged,
	cases.ActUnmerge:         notify.CaseUnmerged,
	cases.ActAppoint:         notify.SiteVisit,
	cases.ActInspect:         notify.SiteVisit,
	cases.ActHearing:         notify.HearingStep,
	cases.ActAmend:           notify.AnswersAmended,
	cases.ActInterested:      notify.ThirdParty,
}

// tell turns an event of a case into messages to the person who asks.
func (a *App) tell(ctx context.Context, t cases.Told) error {
	if kind, ok := toldInside[t.Action]; ok {
		return a.tellInside(ctx, kind, t)
	}
	if err := a.Voices.Stepped(ctx, t); err != nil {
		return err
	}
	kind, ok := told[t.Action]
	if !ok {
		return nil // nobody else outside waits for this one
	}
	who, err := a.Cases.Requester(ctx, t.CaseID)
	if err != nil || who == "" {
		return err
	}
	return a.Notify.Tell(ctx, notify.Telling{Kind: kind, To: notify.Recipient{ConstituentID: who}, CaseID: t.CaseID, Cause: t.EventID, ByItself: t.ByItself})
}

// toldInside are the acts that colleagues hear of.
var toldInside = map[cases.Action]notify.Kind{
	cases.ActAddJoint:     notify.JointAsked,
	cases.ActJointAnswer:  notify.JointAnswered,
	cases.ActReleaseJoint: notify.JointReleased,
	cases.ActPartEnded:    notify.PartEnded,
}

// tellInside turns an event of a case into messages to those who work on it.
func (a *App) tellInside(ctx context.Context, kind notify.Kind, t cases.Told) error {
	who, err := a.Cases.Concerned(ctx, t)
	if err != nil {
		return err
	}
	for _, account := range who {
		if err := a.Notify.Tell(ctx, notify.Telling{Kind: kind, To: notify.Recipient{AccountID: account}, CaseID: t.CaseID, Cause: t.EventID, ByItself: t.ByItself}); err != nil {
			return err
		}
	}
	return nil
}

// warnings are the levels of a clock as messages to staff.
var warnings = map[clocks.Level]notify.Kind{clocks.Before: notify.ClockBefore, clocks.Due: notify.ClockDue, clocks.After: notify.ClockAfter}

// warn tells those who have to hear of it that a clock warns.
func (a *App) warn(ctx context.Context, w cases.Warned) error {
	kind, ok := warnings[w.Level]
	if !ok {
		return nil
	}
	who, err := a.Cases.Warnees(ctx, w)
	if err != nil {
		return err
	}
	for _, account := range who {
		err := a.Notify.Tell(ctx, notify.Telling{Kind: kind, To: notify.Recipient{AccountID: account}, CaseID: w.CaseID, Cause: w.ID,
			ByItself: true, DueAt: time.Unix(w.DueUnix, 0)})
		if err != nil {
			return err
		}
	}
	return nil
}

// hearings are what colleagues hear of, as messages to them.
var hearings = map[cases.Hearing]notify.Kind{cases.HearObjection: notify.ObjectionWaits, cases.HearDecided: notify.ObjectionDecided,
	cases.HearAssigned: notify.Assigned, cases.HearMention: notify.Mentioned,
	cases.HearOrder: notify.OrderGiven, cases.HearAnswered: notify.OrderAnswered, cases.HearOrderMoved: notify.OrderMoved,
	cases.HearOrderBefore: notify.OrderBefore, cases.HearOrderDue: notify.OrderDue, cases.HearOrderAfter: notify.OrderAfter,
	cases.HearBadReview: notify.BadReview, cases.HearExtension: notify.ExtensionAsked, cases.HearPart: notify.PartGiven}

// hear tells colleagues of an act that concerns them.
func (a *App) hear(ctx context.Context, h cases.Heard) error {
	kind, ok := hearings[h.About]
	if !ok {
		return nil
	}
	who, err := a.Cases.Hearers(ctx, h)
	if err != nil {
		return err
	}
	one := notify.Telling{Kind: kind, CaseID: h.CaseID, Cause: h.EventID}
	if h.DueUnix != 0 {
		one.ByItself, one.DueAt = true, time.Unix(h.DueUnix, 0)
	}
	for _, account := range who {
		one.To = notify.Recipient{AccountID: account}
		err := a.Notify.Tell(ctx, one)
		if err != nil {
			return err
		}
	}
	return nil
}

// remind asks somebody once more to judge, unless they have.
func (a *App) remind(ctx context.Context, r satisfaction.Reminded) error {
	waits, err := a.Satisfaction.Waits(ctx, r)
	if err != nil || !waits {
		return err
	}
	who, err := a.Cases.Requester(ctx, r.CaseID)
	if err != nil || who == "" {
		return err
	}
	return a.Notify.Tell(ctx, notify.Telling{Kind: notify.JudgeReminder, To: notify.Recipient{ConstituentID: who}, CaseID: r.CaseID, Cause: r.CallbackID})
}

// accountMail sends the link that proves the mailbox of a new account.
type accountMail struct{ a *App }

// ConfirmAccount notes the message in the open transaction.
func (m accountMail) ConfirmAccount(ctx context.Context, accountID string) error {
	return m.a.Notify.Tell(ctx, notify.Telling{Kind: notify.ConfirmAddress, To: notify.Recipient{AccountID: accountID}, Cause: db.NewID(m.a.Options.Now())})
}

// invitations tells notify what campaigns say, and to whom they still may.
type invitations struct{ a *App }

// Invitations are what messages say.
func (i invitations) Invitations(ctx context.Context, asked map[string]string, by notify.Channel, l i18n.Lang) (map[string]notify.Invitation, error) {
	return i.a.Campaigns.Invitations(ctx, asked, by, l)
}

// Ended says why messages in the portal are shown no more.
func (i invitations) Ended(ctx context.Context, asked []notify.Laid) (map[notify.Laid]string, error) {
	return i.a.Campaigns.Ended(ctx, asked)
}

// MayLeave says whether a message may leave now.
func (i invitations) MayLeave(ctx context.Context, campaignID, constituentID string, by notify.Channel) (notify.Leave, error) {
	return i.a.Campaigns.MayLeave(ctx, campaignID, constituentID, by)
}

func (a *App) wireOffers() {
	a.Offers = offers.New(offers.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Catalogue: a.Catalogue, Constituents: a.Constituents,
		Cases: a.Cases, Outreach: a.Outreach, Words: a.Bundle, Tell: a.Notify.Tell, Zone: a.zone, Now: a.Options.Now})
	a.Offers.Register(a.Jobs)
	a.Discover = discover.New(discover.Deps{DB: a.DB, Audit: a.Audit, Jobs: a.Jobs, Access: a.Access, Outreach: a.Outreach, Zone: a.zone, Now: a.Options.Now, Log: a.Log})
	a.Discover.Register(a.Jobs)
}

// offered says what messages may tell of an offer.
type offered struct{ a *App }

// OfferFacts name the benefits and the links that open the offers.
func (o offered) OfferFacts(ctx context.Context, offerIDs []string, l i18n.Lang) (map[string]notify.OfferFacts, error) {
	all, err := o.a.Offers.Facts(ctx, offerIDs)
	out := make(map[string]notify.OfferFacts, len(all))
	for id, f := range all {
		out[id] = notify.OfferFacts{Title: f.Name.In(l), LinkPath: "/offer/" + f.Token}
	}
	return out, err
}

// Offered lists what people were offered unasked.
func (o offered) Offered(ctx context.Context, ids []string) (list []privacy.CopyOffer, err error) {
	all, err := o.a.Offers.Of(ctx, ids, i18n.En)
	for _, m := range all {
		one := privacy.CopyOffer{Name: m.Benefit.Name, Law: m.Law, State: string(m.State), ToldAt: m.ToldAt, AnsweredAt: m.AnsweredAt, Note: m.Note, CaseNo: m.CaseNo}
		if m.RespondOn != nil {
			one.AnswerBy = m.RespondOn.String()
		}
		list = append(list, one)
	}
	return list, err
}

// Forget ends what people who are erased were offered.
func (o offered) Forget(ctx context.Context, ids []string) (int64, error) {
	return o.a.Offers.Forget(ctx, ids)
}

// groups tells people which groups they are in.
type groups struct{ outreach *outreach.Service }

// Of lists the groups of people.
func (g groups) Of(ctx context.Context, ids []string) (list []privacy.CopyGroup, err error) {
	placed, err := g.outreach.Own(ctx, ids)
	for _, p := range placed {
		one := privacy.CopyGroup{Name: p.Name, Purpose: string(p.Purpose), Basis: string(p.Basis), Law: p.BasisText, ByHand: string(p.Way), Reason: p.Reason}
		if p.Since != nil {
			one.Since = p.Since.String()
		}
		list = append(list, one)
	}
	return list, err
}

// wireSteps makes what puts next steps before people.
func (a *App) wireSteps() *nextstep.Service {
	a.NextStep = nextstep.New(nextstep.Deps{DB: a.DB, Audit: a.Audit, Cases: a.Cases, Catalogue: a.Catalogue, Constituents: a.Constituents, Notify: a.Notify, Known: a.Outreach,
		Sayings: sayings{a}, Fees: unpaid{a}, Duties: pressing{a}, Endings: ending{a}, Offers: waitingOffers{a}, Benefits: benefits{a}, Zone: a.zone, Now: a.Options.Now})
	return a.NextStep
}
