package app

import (
	"context"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/jobs"
	"minqing/internal/notify"
)

// sendCodeJob sends the code of a step or the link of a reset, if it has an
// account: whoever asked has not waited for that answer.
type sendCodeJob struct {
	StepID  string `json:"step_id,omitempty"`
	ResetID string `json:"reset_id,omitempty"`
}

// Kind names the job.
func (sendCodeJob) Kind() string { return "identity.send_code" }

func (a *App) sendCode(ctx context.Context, job sendCodeJob) error {
	kind, about := notify.SignInCode, job.StepID
	secret, err := a.Identity.SecretOf(ctx, job.StepID)
	if job.ResetID != "" {
		kind, about = notify.ResetPassword, job.ResetID
		secret, err = a.Identity.ResetSecret(ctx, job.ResetID)
	}
	if err != nil {
		if fault.KindOf(err) == fault.NotFound { // over, or nobody's
			return nil
		}
		return err
	}
	if secret.New {
		kind = notify.PhoneCode
	}
	return a.Notify.Tell(ctx, notify.Telling{Kind: kind, To: notify.Recipient{AccountID: secret.AccountID}, About: about, Cause: about})
}

// enrolJob looks whether somebody who registered has an account already, and makes
// one if not.
type enrolJob struct {
	RegistrationID string `json:"registration_id"`
}

// Kind names the job.
func (enrolJob) Kind() string { return "identity.enrol" }

func (a *App) enrol(ctx context.Context, job enrolJob) error {
	return a.Identity.Enrol(ctx, job.RegistrationID)
}

// Enrol adds the job, in the open transaction.
func (m accountMail) Enrol(ctx context.Context, registrationID string) error {
	return m.a.Jobs.Add(ctx, enrolJob{RegistrationID: registrationID}, jobs.On(jobs.QueueMail))
}

// secrets tells notify what a message about signing in carries.
type secrets struct{ people *identity.Service }

// Secret derives codes and links anew.
func (s secrets) Secret(ctx context.Context, k notify.Kind, aboutID string) (notify.Secret, error) {
	if k == notify.ResetPassword {
		is, err := s.people.ResetSecret(ctx, aboutID)
		return notify.Secret{Locale: is.Locale, Mail: is.Email, LinkPath: "/reset/" + is.Code, VaultKeyID: is.VaultKeyID}, err
	}
	is, err := s.people.SecretOf(ctx, aboutID)
	return notify.Secret{Locale: is.Locale, Mail: is.Email, Phone: is.Phone, Code: is.Code, VaultKeyID: is.VaultKeyID}, err
}

// SendStep adds the job that sends a code, in the open transaction.
func (m accountMail) SendStep(ctx context.Context, stepID string) error {
	return m.a.Jobs.Add(ctx, sendCodeJob{StepID: stepID}, jobs.On(jobs.QueueMail))
}

// SendReset adds the job that sends a link for a new password.
func (m accountMail) SendReset(ctx context.Context, resetID string) error {
	return m.a.Jobs.Add(ctx, sendCodeJob{ResetID: resetID}, jobs.On(jobs.QueueMail))
}

var changes = map[identity.Change]notify.Kind{identity.ChangedPassword: notify.PasswordChanged, identity.ChangedPasskey: notify.PasskeyAdded,
	identity.ChangedSecondOff: notify.SecondFactorOff, identity.ChangedProvider: notify.ProviderConnected}

// Changed notes the notice in the open transaction.
func (m accountMail) Changed(ctx context.Context, accountID string, what identity.Change) error {
	return m.a.Notify.Tell(ctx, notify.Telling{Kind: changes[what], To: notify.Recipient{AccountID: accountID}, Cause: db.NewID(m.a.Options.Now())})
}
