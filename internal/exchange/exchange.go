// Package exchange brings cases in from files of other systems and writes
// cases, evaluations and constituents out. Both stream: neither holds a whole
// file or table in memory.
package exchange

import (
	"time"

	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// Deps are what the service works with.
type Deps struct {
	DB        *db.DB
	Cases     *cases.Service
	Catalogue *catalogue.Service
	Vault     *vault.Vault
	Audit     *audit.Service
	Calendar  string // code for a branch that has no government above it
	Now       func() time.Time
}

// Service imports and exports.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }
