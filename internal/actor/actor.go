// Package actor says who is acting, as a value in the context. Every write
// takes its actor from here, so that no operation can forget to ask.
package actor

import "context"

// Kind is the sort of actor.
type Kind string

const (
	Anonymous Kind = "anonymous" // nobody signed in: a visitor or a guest who files
	Citizen   Kind = "citizen"   // a person or an enterprise's member with an account
	Staff     Kind = "staff"     // a civil servant
	System    Kind = "system"    // the program itself: a job, a loader, a command
)

// Actor is who acts, from where and on whose behalf. It holds ids only.
type Actor struct {
	Kind          Kind
	AccountID     string
	ConstituentID string // the constituent behind a citizen's account
	UnitID        string // the home unit of staff
	AsAccountID   string // the absent colleague whom a deputy stands in for
	ForID         string // the enterprise that a citizen acts for, once it was looked at whether they may
	SessionID     string
	RequestID     string
	IP            string
	Job           string // for System: the job or command
	Locale        string
	Unread        int // messages in the portal that they had not opened when the session was read, up to 100
}

// Is says whether one of the accounts is who acts, or whom they stand in for. Where
// two people are needed, neither is the other.
func (a Actor) Is(accounts ...*string) bool {
	for _, one := range accounts {
		if one != nil && *one != "" && (*one == a.AccountID || *one == a.AsAccountID) {
			return true
		}
	}
	return false
}

type key struct{}

// With puts the actor into the context.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, key{}, a)
}

// From gives the actor; without one it is anonymous.
func From(ctx context.Context) Actor {
	if a, ok := ctx.Value(key{}).(Actor); ok {
		return a
	}
	return Actor{Kind: Anonymous}
}

// AsSystem marks the context as the program itself doing the named job.
func AsSystem(ctx context.Context, job string) context.Context {
	return With(ctx, Actor{Kind: System, Job: job})
}
