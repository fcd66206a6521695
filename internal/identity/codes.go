package identity

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/vault"
)

// Codes that are sent by mail or text are derived from the step that they belong
// to, never stored: a step knows the ring key, the job and the check make the same
// code of it. A code works once, for ten minutes, in the browser that asked, and
// five may be tried. A code that was not sent opens nothing. So what can be guessed
// is bounded by the messages that a name gets in an hour, and tries are counted by
// name and network address together: whoever tries from elsewhere keeps no owner out.
const (
	codeDigits = 8
	codeTries  = 5
)

var errSentCode = fault.InvalidInput(fault.Field{Name: "code", Key: "identity.code.refused"})

// codeTrip is what a step that waits for a code keeps: the keyed hashes of where
// the code goes, known or not, the current one first, and a new number sealed under
// its account's key.
type codeTrip struct {
	Ring    string   `json:"ring"`
	Indexes [][]byte `json:"indexes"`
	Phone   []byte   `json:"phone,omitempty"`
	Unsent  bool     `json:"unsent,omitempty"` // too many were asked for
}

func (t codeTrip) index() []byte { return t.Indexes[0] }

// codeOf is the code of a step.
func (s *Service) codeOf(stepID, ring string) string {
	seed := s.Vault.DeriveWith(ring, purposeCode, stepID, 0, vault.LinkLength)
	if seed == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(seed))
	return fmt.Sprintf("%0*d", codeDigits, binary.BigEndian.Uint64(sum[:8])%1e8)
}

// phone reads a mobile number as typed.
func (s *Service) phone(typed string) (string, bool) {
	p, err := idcode.ParsePhone(typed, s.Constituents.Region)
	return p.E164, err == nil && p.Extension == "" && (p.Mobile || p.Region == "")
}

// CanCode says whether people can sign in by a code.
func (s *Service) CanCode() bool { return s.messages != nil || s.texts != nil }

// AskCode sends a code to a mail address or phone by which a citizen may sign in,
// if there is one, and gives the token that the browser keeps. The answer and the
// work are the same if there is none, and if too many were asked for.
func (s *Service) AskCode(ctx context.Context, who string) (token string, err error) {
	who = strings.TrimSpace(who)
	kind, indexes, by := stepMailCode, s.Vault.BlindIndexes(purposeLogin, normal(who)), s.messages
	if !strings.Contains(who, "@") {
		number, ok := s.phone(who)
		kind, indexes, by = stepPhoneCode, s.Vault.BlindIndexes(purposePhone, number), s.texts
		if who != "" && (!ok || by == nil) {
			return "", fault.InvalidInput(fault.Field{Name: "who", Key: "identity.code.who"})
		}
	} else if _, err := idcode.NormaliseEmail(who); err != nil || by == nil {
		return "", fault.InvalidInput(fault.Field{Name: "who", Key: "identity.code.who"})
	}
	if who == "" {
		return "", fault.InvalidInput(fault.Field{Name: "who", Key: "identity.code.who_required"})
	}
	if err := s.checkAddress(ctx, s.address(ctx)); err != nil {
		return "", err
	}
	may, err := s.asked(ctx, indexes[0])
	if err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		token, err = s.beginStep(ctx, kind, "", codeTrip{Ring: s.Vault.CurrentKey(), Indexes: indexes, Unsent: !may})
		if err != nil || !may {
			return err
		}
		return by.SendStep(ctx, s.stepID(ctx, token))
	})
	return token, err
}

// stepID finds a step by its token; empty when there is none.
func (s *Service) stepID(ctx context.Context, token string) (id string) {
	digest := sha256.Sum256([]byte(token))
	if s.DB.From(ctx).Raw("SELECT id FROM sign_in_steps WHERE token_hash = ?", digest[:]).Scan(&id).Error != nil {
		return ""
	}
	return id
}

// owner finds who may sign in by a code of a step: a citizen with a proven
// mailbox or phone, or nobody.
func (s *Service) owner(ctx context.Context, kind stepKind, trip codeTrip) (r row, err error) {
	which := "SELECT * FROM accounts WHERE login_index IN ? ORDER BY id LIMIT 1"
	if kind == stepPhoneCode {
		which = "SELECT a.* FROM account_phones p JOIN accounts a ON a.id = p.account_id WHERE p.phone_index IN ? ORDER BY a.id LIMIT 1"
	}
	var rows []row
	err = db.Fault(s.DB.From(ctx).Raw(which, trip.Indexes).Scan(&rows).Error, "", "")
	if len(rows) > 0 {
		r = rows[0]
	}
	if kind == stepMailCode {
		r.LoginIndex = trip.index() // that it will stand under once keys have changed
	}
	if err != nil || r.Kind != Citizen || r.Demo || !s.allowed(r.Status, r.Demo) {
		return row{}, err
	}
	return r, nil
}

// Secret is what a message about a step carries, in the clear, for the sender of
// messages only. It fails with NotFound when the step is over or has no account.
type Secret struct {
	AccountID  string
	Locale     string
	Email      string
	Phone      string
	Code       string
	New        bool // the number is still to be proven
	VaultKeyID string
}

var errNothingToSend = fault.New(fault.NotFound, "identity.step.over")

// SecretOf says what to send for a step.
func (s *Service) SecretOf(ctx context.Context, stepID string) (Secret, error) {
	var rows []stepRow
	err := s.DB.From(ctx).Raw("SELECT id, kind, account_id, body, tries FROM sign_in_steps WHERE id = ? AND expires_at > ?", stepID, s.Now().UTC()).Scan(&rows).Error
	if err != nil {
		return Secret{}, fmt.Errorf("read a step: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return Secret{}, errNothingToSend
	}
	var trip codeTrip
	if err := json.Unmarshal([]byte(rows[0].Body), &trip); err != nil {
		return Secret{}, fmt.Errorf("read a step: %w", err)
	}
	step := rows[0]
	var r row
	if step.Kind == stepNewPhone {
		err = db.Fault(s.DB.From(ctx).Where("id = ?", deref(step.AccountID)).Take(&r).Error, "identity.account.missing", "")
	} else {
		r, err = s.owner(ctx, step.Kind, trip)
	}
	if err != nil {
		return Secret{}, err
	}
	if r.ID == "" {
		return Secret{}, errNothingToSend
	}
	out := Secret{AccountID: r.ID, Locale: r.Locale, Code: s.codeOf(step.ID, trip.Ring), VaultKeyID: r.VaultKeyID}
	sealed, purpose, to := r.EmailCipher, purposeEmail, &out.Email
	switch step.Kind {
	case stepNewPhone:
		sealed, purpose, to, out.New = trip.Phone, purposePhone, &out.Phone, true
	case stepPhoneCode:
		purpose, to = purposePhone, &out.Phone
		if sealed, err = s.phoneCipher(ctx, r.ID); err != nil {
			return Secret{}, err
		}
	}
	plain, err := s.Vault.Open(ctx, purpose, sealed)
	*to = string(plain)
	if err == nil && len(plain) == 0 {
		err = errNothingToSend
	}
	return out, err
}

// CodeAsked says whether a step still waits for its code.
func (s *Service) CodeAsked(ctx context.Context, token string) error {
	_, _, err := s.codeStep(ctx, token, stepMailCode, stepPhoneCode)
	return err
}

func (s *Service) codeStep(ctx context.Context, token string, kinds ...stepKind) (stepRow, codeTrip, error) {
	digest := sha256.Sum256([]byte(token))
	var rows []stepRow
	err := s.DB.From(ctx).Raw("SELECT id, kind, account_id, body, tries FROM sign_in_steps WHERE token_hash = ? AND kind IN ? AND expires_at > ? AND tries < ?",
		digest[:], kinds, s.Now().UTC(), codeTries).Scan(&rows).Error
	if err != nil {
		return stepRow{}, codeTrip{}, fmt.Errorf("read a step: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return stepRow{}, codeTrip{}, errStepOver
	}
	var trip codeTrip
	if err := json.Unmarshal([]byte(rows[0].Body), &trip); err != nil {
		return stepRow{}, codeTrip{}, fmt.Errorf("read a step: %w", err)
	}
	return rows[0], trip, nil
}

// tryCode notes a try before its outcome is known, so that many at once gain
// nothing, and says whether the code is the step's.
func (s *Service) tryCode(ctx context.Context, step stepRow, trip codeTrip, code string) (bool, error) {
	res := s.DB.From(ctx).Exec("UPDATE sign_in_steps SET tries = tries + 1 WHERE id = ? AND tries < ?", step.ID, codeTries)
	if res.Error != nil {
		return false, fmt.Errorf("count a try: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return false, errStepOver
	}
	return vault.Matches(bare(code), s.codeOf(step.ID, trip.Ring)), nil
}

// dropStep takes a step away; only one of two at once can.
func (s *Service) dropStep(ctx context.Context, id string) error {
	res := s.DB.From(ctx).Exec("DELETE FROM sign_in_steps WHERE id = ?", id)
	if res.Error != nil {
		return fmt.Errorf("end a step: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errStepOver
	}
	return nil
}

// countedCode is what a try of a code is counted under: the browser where the
// owner has signed in before, else the name together with the network address.
func (s *Service) countedCode(ctx context.Context, index []byte) ([]byte, error) {
	if device := s.device(ctx, index); device != nil {
		return device, nil
	}
	from := s.address(ctx)
	return s.Vault.BlindIndex(purposeAsking, "code"+string(from)+string(index)), s.checkAddress(ctx, from)
}

// SignInCode opens a citizen's session by the code that was sent. Every refusal is
// the same answer after the same work.
func (s *Service) SignInCode(ctx context.Context, token, code string) (session string, _ *Account, err error) {
	step, trip, err := s.codeStep(ctx, token, stepMailCode, stepPhoneCode)
	if err != nil {
		return "", nil, err
	}
	if strings.TrimSpace(code) == "" {
		return "", nil, fault.InvalidInput(fault.Field{Name: "code", Key: "identity.second.code_required"})
	}
	counted, err := s.countedCode(ctx, trip.index())
	if err != nil {
		return "", nil, err
	}
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return "", nil, err
	}
	right, err := s.tryCode(ctx, step, trip, code)
	if err != nil {
		return "", nil, err
	}
	r, err := s.owner(ctx, step.Kind, trip)
	if err != nil {
		return "", nil, err
	}
	if !right || locked || trip.Unsent || r.ID == "" {
		if err := s.refuse(ctx, r, trip.index(), s.address(ctx)); err != nil {
			return "", nil, err
		}
		return "", nil, errSentCode
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.dropStep(ctx, step.ID); err != nil {
			return err
		}
		if err := errors.Join(s.forgive(ctx, counted), s.forgive(ctx, s.Vault.BlindIndex(purposeAsking, s.asker(ctx, trip.index())))); err != nil {
			return err
		}
		if step.Kind == stepMailCode {
			if err := s.getsMail(ctx, r.ID); err != nil {
				return err
			}
		}
		session, err = s.open(withVia(ctx, via{code: string(step.Kind)}), r)
		return err
	})
	return session, r.account(), err
}
