package app

import (
	"context"

	"minqing/internal/files"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/privacy"
	"minqing/internal/text"
)

// permitted tells people what they applied for and hold, and erases it with them.
type permitted struct{ a *App }

// Erase clears the applications, and the register of who held what.
func (p permitted) Erase(ctx context.Context, ids []string) error {
	if err := p.a.Permits.Erase(ctx, ids); err != nil {
		return err
	}
	if err := p.a.Duties.Erase(ctx, ids); err != nil {
		return err
	}
	return p.a.Register.Forget(ctx, ids)
}

// Applications lists those of people.
func (p permitted) Applications(ctx context.Context, ids []string) (list []privacy.CopyApplication, err error) {
	all, err := p.a.Permits.Held(ctx, ids)
	for i := range all {
		list = append(list, p.copied(&all[i]))
	}
	return list, err
}

func (p permitted) copied(h *permits.Held) privacy.CopyApplication {
	one := privacy.CopyApplication{TypeCode: h.TypeCode, Type: h.Type.Name, State: string(h.State), CaseNo: h.CaseNo, Answers: h.Answers, SignedBy: h.Signer,
		BegunAt: h.CreatedAt, ReceivedAt: h.ReceivedAt, AcceptedAt: h.AcceptedAt, Materials: []privacy.CopyMaterial{}}
	if h.Decision != nil {
		one.DecidedAt = h.Decision.DecidedAt
	}
	for _, x := range h.Hearings {
		one.Hearings = append(one.Hearings, privacy.CopyHearing{Intends: x.Intends, ToldAt: x.ToldAt, AskedAt: x.AskedAt, HeardAt: x.HeardAt, Record: x.Record.Text, Signed: x.Record.Signed, Files: filesOf(x.Files)})
	}
	if at := h.Counter; at != nil {
		one.Counter = &privacy.CopyCounter{Applicant: at.Applicant, By: at.By, Agent: at.Agent, Authority: at.Authority, Signed: at.How, Why: at.Why}
	}
	for _, v := range h.Given {
		m := privacy.CopyMaterial{Code: v.Code, Name: p.a.Permits.PaperName(v.Code), Round: v.Round, SentAt: v.SentAt, Files: filesOf(v.Files), Original: v.Original, OriginalAt: v.OriginalAt}
		for _, known := range h.Type.Materials {
			if known.Code == v.Code {
				m.Name = known.Name
			}
		}
		one.Materials = append(one.Materials, m)
	}
	for i := range h.Changes {
		one.Changes = append(one.Changes, changeOf(h, &h.Changes[i]))
	}
	for i := range h.Already {
		one.Held = append(one.Held, alreadyOf(h, &h.Already[i]))
	}
	for i := range h.Inspections {
		one.Visits = append(one.Visits, visitOf(h.Type, &h.Inspections[i]))
	}
	return one
}

// changeOf names a corrected answer by its question.
func changeOf(h *permits.Held, c *permits.AnswerChange) privacy.CopyChange {
	one := privacy.CopyChange{Question: c.Name, Before: c.Before, After: c.After, ChangedAt: c.ChangedAt, Agreed: c.Agreed, AgreedBy: c.Who}
	for _, q := range h.Questions {
		if q.Name == c.Name {
			one.Title = q.Title
		}
	}
	return one
}

// alreadyOf names what was held by its question or material.
func alreadyOf(h *permits.Held, a *permits.Already) privacy.CopyAlready {
	one := privacy.CopyAlready{Part: a.Part, Code: a.Code, Source: a.Source, Ref: a.Ref, AsOf: a.AsOf.String(), Value: a.Value, Corrected: a.Corrected, Reason: a.Reason}
	for _, q := range h.Questions {
		if a.Part == "question" && q.Name == a.Code {
			one.Name = q.Title
		}
	}
	for _, m := range h.Type.Materials {
		if a.Part == "material" && m.Code == a.Code {
			one.Name = m.Name
		}
	}
	return one
}

// visitOf is an inspection; what officials wrote is masked as on their own pages.
func visitOf(t *permittypes.Type, i *permits.Inspection) privacy.CopyVisit {
	one := privacy.CopyVisit{VisitAt: i.VisitAt, State: i.State, Notice: i.Notice, RecordedAt: i.RecordedAt}
	if i.State != permits.Recorded {
		return one
	}
	if one.Passed = "no"; i.Passed {
		one.Passed = "yes"
	}
	one.Findings, one.Photos = text.MaskFree(i.Findings), filesOf(i.Photos)
	for _, c := range i.Checks {
		check := privacy.CopyCheck{Code: c.Code, Verdict: c.Verdict, Note: text.MaskFree(c.Note)}
		for _, known := range t.Checklist {
			if known.Code == c.Code {
				check.Name = known.Name
			}
		}
		one.Checks = append(one.Checks, check)
	}
	return one
}

func filesOf(list []files.File) []privacy.CopyFile {
	out := []privacy.CopyFile{}
	for _, f := range list {
		out = append(out, privacy.CopyFile{Name: f.Name, MediaType: f.MediaType, Bytes: f.Size})
	}
	return out
}

// Permits lists those that people hold or held.
func (p permitted) Permits(ctx context.Context, ids []string) (list []privacy.CopyPermit, err error) {
	all, err := p.a.Register.EveryOfHolder(ctx, ids)
	if err != nil {
		return nil, err
	}
	owed, err := p.a.Duties.OfPermits(ctx, all)
	if err != nil {
		return nil, err
	}
	ids = ids[:0:0]
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	said, err := p.a.Register.Statements(ctx, ids)
	today := p.a.Register.Today()
	for i := range all {
		x := &all[i]
		one := privacy.CopyPermit{No: x.PermitNo, Type: x.TypeName, State: string(x.On(today)), Holder: x.HolderShown, CaseNo: x.CaseNo,
			IssuedOn: x.IssuedOn.String(), ValidFrom: x.ValidFrom.String(), Facts: x.Particulars, Said: said[x.ID]}
		if x.ValidUntil != nil {
			one.ValidUntil = x.ValidUntil.String()
		}
		for j := range owed[x.ID] {
			d := &owed[x.ID][j]
			papers, err := p.a.Files.List(ctx, d.Owner())
			if err != nil {
				return nil, err
			}
			one.Duties = append(one.Duties, privacy.CopyDuty{Code: d.Code, Name: d.Def.Name, DueOn: d.DueOn.String(), State: string(d.State), Statement: d.Statement,
				ReceivedAt: d.ReceivedAt, Reason: d.Reason, Files: filesOf(papers)})
		}
		list = append(list, one)
	}
	return list, err
}
