package notify

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/i18n"
)

// Line is a message in the portal as a list shows it.
type Line struct {
	Note
	Subject string      // in the language that was asked for
	About   string      // what it is about: the title of an offer, what happened to a permit
	Href    string      // where that is read; empty for what stands in the message alone
	Says    *Invitation // the message of a campaign itself
}

// told is what messages are about, read for all of them at once.
type told struct {
	offers  map[string]OfferFacts
	permits map[string]PermitFacts
	news    map[Topic]NewsFacts
	said    map[string]Invitation // by the message
}

// Lines say what messages in the portal are about, in a language and in their order,
// in a few statements however many they are. caseNos are the numbers of their cases,
// by the ids of these. What a message was about may be gone; its subject stays.
func (s *Service) Lines(ctx context.Context, l i18n.Lang, notes []Note, caseNos map[string]string) ([]Line, error) {
	about, err := s.gatherTold(ctx, l, slices.DeleteFunc(slices.Clone(notes), func(n Note) bool { return caseNos[n.CaseID] != "" }))
	if err != nil {
		return nil, fmt.Errorf("read what messages are about: %w", err)
	}
	lines := make([]Line, len(notes))
	for i, n := range notes {
		lines[i] = Line{Note: n, Subject: s.Subject(l, n.Kind, caseNos[n.CaseID])}
		lines[i].fill(about, caseNos[n.CaseID])
	}
	return lines, nil
}

func (line *Line) fill(about told, caseNo string) {
	n := &line.Note
	switch {
	case caseNo != "":
		line.Href = "/cases/" + caseNo
	case n.Kind == Outreach:
		if said, ok := about.said[n.ID]; ok {
			line.About, line.Subject, line.Says = line.Subject, said.Subject, &said
		}
	case n.Kind.ofOffer():
		line.Href, line.About = offersPath, about.offers[n.AboutID].Title
	case n.Kind.ofPermit():
		line.Href = permitsPath
		if f, ok := about.permits[n.AboutID]; ok {
			line.About, line.Href = f.Title, f.LinkPath
		}
	case n.Kind.ofNews():
		f := about.news[Topic{n.Kind, n.AboutID}]
		line.About, line.Href = f.Title, f.LinkPath
	}
}

func (s *Service) gatherTold(ctx context.Context, l i18n.Lang, notes []Note) (about told, err error) {
	var offers, permits []string
	var news []Topic
	campaigns := map[string]string{}
	for _, n := range notes {
		switch {
		case n.Kind == Outreach:
			campaigns[n.ID] = n.AboutID
		case n.Kind.ofOffer():
			offers = append(offers, n.AboutID)
		case n.Kind.ofPermit():
			permits = append(permits, n.AboutID)
		case n.Kind.ofNews():
			news = append(news, Topic{n.Kind, n.AboutID})
		}
	}
	if len(campaigns) > 0 {
		if about.said, err = s.Campaigns.Invitations(ctx, campaigns, InApp, l); err != nil {
			return about, err
		}
	}
	if len(offers) > 0 {
		if about.offers, err = s.Offers.OfferFacts(ctx, offers, l); err != nil {
			return about, err
		}
	}
	if len(permits) > 0 {
		if about.permits, err = s.Permits.PermitFacts(ctx, permits, l); err != nil {
			return about, err
		}
	}
	if len(news) > 0 {
		about.news, err = s.News.NewsFacts(ctx, news, l)
	}
	return about, err
}

// only gives one that was asked for by itself; NotFound when it is no more. err is
// the question's.
func only[K comparable, F any](all map[K]F, id K, err error) (f F, _ error) {
	if err != nil {
		return f, fmt.Errorf("read what a message says: %w", err)
	}
	f, ok := all[id]
	if !ok {
		return f, errNote
	}
	return f, nil
}
