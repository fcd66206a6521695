// Package demo brings 臨江市, a city that does not exist, with its districts,
// units, matters, rules and the texts of its cases. Everything in city/ was
// written for this project; names of people, streets and firms are invented.
package demo

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/permittypes"
	"minqing/internal/place"
)

// Service loads the demo city.
type Service struct {
	catalogue *catalogue.Service
	places    *place.Service

	Permits *permittypes.Service // nil: the city without its permit types
}

// New makes the service.
func New(c *catalogue.Service, p *place.Service) *Service {
	return &Service{catalogue: c, places: p}
}

// Source marks what belongs to the demo city.
const Source = "demo"

// founded is the day from which everything in the city holds.
var founded = calendar.NewDate(2024, 1, 1)

// LoadCity loads the districts and the catalogue of the demo city. Loading
// again changes nothing.
func (s *Service) LoadCity(ctx context.Context) error {
	districts, err := Districts()
	if err != nil {
		return err
	}
	content, err := Content()
	if err != nil {
		return err
	}
	if _, err := s.places.Load(ctx, Source, founded, districts); err != nil {
		return fmt.Errorf("load the districts of the demo city: %w", err)
	}
	if _, err := s.catalogue.Load(ctx, content); err != nil {
		return fmt.Errorf("load the catalogue of the demo city: %w", err)
	}
	if s.Permits == nil {
		return nil
	}
	types, err := PermitTypes()
	if err != nil {
		return err
	}
	if err := s.Permits.Ensure(ctx, founded, types); err != nil {
		return fmt.Errorf("load the permit types of the demo city: %w", err)
	}
	events, err := Events()
	if err != nil {
		return err
	}
	if err := s.Permits.EnsureEvents(ctx, founded, events); err != nil {
		return fmt.Errorf("load the events of the demo city: %w", err)
	}
	return nil
}
