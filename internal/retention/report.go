package retention

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// signing separates these signatures from any other use of the ring's keys.
const signing = "retention.report"

// Report says what one run let go, by which rules.
type Report struct {
	Format     string     `json:"format"`
	Run        string     `json:"run"`
	Program    string     `json:"program"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"` // null for a run that was broken off
	Rules      []Gone     `json:"rules"`
}

// Gone is what went by one version of a rule. Records are case numbers where
// there are some, else ids; none of them says who somebody was.
type Gone struct {
	Rule    string    `json:"rule"`
	Version int64     `json:"version"`
	Class   string    `json:"class"`
	Basis   string    `json:"basis"`
	Period  string    `json:"period"`
	Start   string    `json:"start"`
	Action  string    `json:"action"`
	Count   int       `json:"count"`
	Records []string  `json:"records"`
	Last    time.Time `json:"last_at"`
}

const reportFormat = "minqing-deletion-report-1"

// sealed is a report with its signature, as it stands in a file.
type sealed struct {
	Report    json.RawMessage `json:"report"`
	Signature struct {
		Algorithm string `json:"algorithm"`
		KeyID     string `json:"key_id"`
		Value     []byte `json:"value"`
	} `json:"signature"`
}

// Report makes the signed report of a run from the journal.
func (s *Service) Report(ctx context.Context, run string) ([]byte, error) {
	r := Report{Format: reportFormat, Run: run, Program: s.Program, Rules: []Gone{}}
	var runs []struct {
		StartedAt  time.Time
		FinishedAt *time.Time
	}
	if err := s.DB.From(ctx).Raw("SELECT started_at, finished_at FROM retention_runs WHERE id = ?", run).Scan(&runs).Error; err != nil {
		return nil, db.Fault(err, "", "")
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("there was no run %q", run)
	}
	r.StartedAt, r.FinishedAt = runs[0].StartedAt.UTC(), runs[0].FinishedAt
	var lines []struct {
		Rule, Record string
		Version      int64
		At           time.Time
	}
	if err := s.DB.From(ctx).Raw("SELECT rule, version, record, at FROM retention_journal WHERE run_id = ? ORDER BY rule, version, id", run).Scan(&lines).Error; err != nil {
		return nil, fmt.Errorf("read the journal of what went: %w", db.Fault(err, "", ""))
	}
	for _, l := range lines {
		n := len(r.Rules) - 1
		if n < 0 || r.Rules[n].Rule != l.Rule || r.Rules[n].Version != l.Version {
			var rules []Rule
			if err := s.DB.From(ctx).Raw("SELECT * FROM retention_rules WHERE code = ? AND version = ?", l.Rule, l.Version).Scan(&rules).Error; err != nil {
				return nil, fmt.Errorf("read a retention rule: %w", db.Fault(err, "", ""))
			}
			g := Gone{Rule: l.Rule, Version: l.Version}
			if len(rules) > 0 {
				g.Class, g.Basis, g.Period, g.Start, g.Action = rules[0].RecordClass, rules[0].Basis.In("en"), rules[0].Period, rules[0].StartEvent, rules[0].Action
			}
			r.Rules, n = append(r.Rules, g), n+1
		}
		g := &r.Rules[n]
		g.Count, g.Records, g.Last = g.Count+1, append(g.Records, l.Record), l.At.UTC()
	}
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var out sealed
	out.Report, out.Signature.Algorithm = body, vault.SignatureAlgorithm
	out.Signature.KeyID, out.Signature.Value = s.Vault.Ring().Sign(signing, body)
	return json.MarshalIndent(out, "", "  ")
}

// Verify checks a report's signature by the keys of a ring, retired ones too.
func Verify(ring *vault.Ring, file []byte) (Report, string, error) {
	var in sealed
	if err := json.Unmarshal(file, &in); err != nil {
		return Report{}, "", errors.New("this is no deletion report")
	}
	if in.Signature.Algorithm != vault.SignatureAlgorithm {
		return Report{}, "", fmt.Errorf("the report is signed by the unknown algorithm %q", in.Signature.Algorithm)
	}
	var body bytes.Buffer // the file is indented, what was signed is not
	if err := json.Compact(&body, in.Report); err != nil {
		return Report{}, "", errors.New("this is no deletion report")
	}
	good, known := ring.Verify(in.Signature.KeyID, signing, body.Bytes(), in.Signature.Value)
	if !known {
		return Report{}, "", fmt.Errorf("the report is signed under the key %q, which the key ring does not hold", in.Signature.KeyID)
	}
	var r Report
	if err := json.Unmarshal(in.Report, &r); err != nil || !good || r.Format != reportFormat {
		return Report{}, "", errors.New("the report was changed after it was signed")
	}
	return r, in.Signature.KeyID, nil
}
