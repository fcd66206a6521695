package enterprises

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// Registry is the public register of enterprises.
type Registry interface {
	// Find gives what the register holds; nil when it does not know the code. An
	// error says that it does not answer now.
	Find(ctx context.Context, kind constituents.IDKind, code string) (*Registered, error)
}

// ReadCode reads what was typed as the number of an enterprise, mainland or Taiwan,
// and checks its check characters.
func (s *Service) ReadCode(typed string) (constituents.IDKind, string, error) {
	plain := strings.NewReplacer(" ", "", "-", "", "　", "").Replace(strings.TrimSpace(typed))
	key := "enterprises.code.length"
	switch len([]rune(plain)) {
	case 0:
		key = "enterprises.code.empty"
	case 18:
		if code, err := constituents.USCC.Normal(plain, s.Now()); err == nil {
			return constituents.USCC, code, nil
		}
		key = "enterprises.code.uscc"
	case 8:
		if code, err := constituents.TaiwanUBN.Normal(plain, s.Now()); err == nil {
			return constituents.TaiwanUBN, code, nil
		}
		key = "enterprises.code.tw_ubn"
	}
	return "", "", fault.InvalidInput(fault.Field{Name: "code", Key: key})
}

// FileRegister is a register kept in a file, read anew for each question, so that
// a file that is replaced every night is in force at once.
type FileRegister struct {
	Open func() (io.ReadCloser, error)
}

// registerColumns are the heading of the file.
var registerColumns = []string{"code", "name", "state", "mail"}

// Find looks a code up.
func (f FileRegister) Find(_ context.Context, kind constituents.IDKind, code string) (*Registered, error) {
	file, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open the register of enterprises: %w", err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord = len(registerColumns)
	r.ReuseRecord = true
	for line := 1; ; line++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) && line > 1 {
			return nil, nil //nolint:nilnil // not in the register
		}
		if err != nil {
			return nil, fmt.Errorf("read the register of enterprises: %w", err)
		}
		if line == 1 {
			if strings.TrimPrefix(strings.Join(row, ","), "\ufeff") != strings.Join(registerColumns, ",") {
				return nil, fmt.Errorf("read the register of enterprises: the first line must be %s", strings.Join(registerColumns, ","))
			}
			continue
		}
		if row[0] != code {
			continue
		}
		return registered(kind, row, line)
	}
}

func registered(kind constituents.IDKind, row []string, line int) (*Registered, error) {
	one := Registered{Kind: kind, Code: row[0], Name: strings.TrimSpace(row[1]), State: State(row[2]), Mail: strings.TrimSpace(row[3])}
	switch one.State {
	case Active, Suspended, Revoked, Closed:
	default:
		return nil, fmt.Errorf("read the register of enterprises: line %d: %q is no state", line, row[2])
	}
	if one.Name == "" {
		return nil, fmt.Errorf("read the register of enterprises: line %d has no name", line)
	}
	if one.Mail != "" {
		mail, err := idcode.NormaliseEmail(one.Mail)
		if err != nil {
			return nil, fmt.Errorf("read the register of enterprises: line %d: %w", line, err)
		}
		one.Mail = mail
	}
	return &one, nil
}
