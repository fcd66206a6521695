package cases

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// itemColumns are what the row of a list shows. Lists are the pages that are
// opened most: reading whole cases by name of column cost more than the query.
const itemColumns = `c.id, c.case_no, c.kind, c.status, c.channel, c.confidentiality, c.matter_id, c.unit_id, c.district_id, c.handler_id,
 c.title, c.text_cipher, c.urgent, c.received_at, c.received_on, c.due_at, c.due_on, c.due_provisional, c.due_fixed, c.signed_in_at,
 c.concluded_at, c.concluded_on, c.outcome, c.returned_count, c.rework_count, c.appealed, c.version, c.suspended_at, c.suspended_until, c.extension_asked,
 c.rectify, c.rectify_due_at, c.objection, c.bound_unit_id, c.supervised_due, c.reopened_count, c.merged_count, c.joint_open, c.parts_open`

// targets are where the columns go, in their order.
func (c *Case) targets() []any {
	return []any{&c.ID, &c.CaseNo, &c.Kind, &c.Status, &c.Channel, &c.Confidentiality, &c.MatterID, &c.UnitID, &c.DistrictID, &c.HandlerID,
		&c.Title, &c.TextCipher, &c.Urgent, &c.ReceivedAt, &c.ReceivedOn, &c.DueAt, &c.DueOn, &c.DueProvisional, &c.DueFixed, &c.SignedInAt,
		&c.ConcludedAt, &c.ConcludedOn, &c.Outcome, &c.ReturnedCount, &c.ReworkCount, &c.Appealed, &c.Version, &c.SuspendedAt, &c.SuspendedUntil, &c.ExtensionAsked,
		&c.Rectify, &c.RectifyDueAt, &c.Objection, &c.BoundUnitID, &c.SupervisedDue, &c.ReopenedCount, &c.MergedCount, &c.JointOpen, &c.PartsOpen}
}

// readItems reads rows that begin with priority and time of a queue and one text; some
// says about how many.
func (s *Service) readItems(ctx context.Context, some int, place, from string, args []any) ([]Item, error) {
	items := make([]Item, 0, some)
	var it Item
	targets := append([]any{&it.priority, &it.queueAt, &it.also}, it.targets()...) // of every row: a list of them is a kilobyte
	err := s.DB.Together(ctx, db.Each(func(scan func(...any) error) error {
		it = Item{}
		if err := scan(targets...); err != nil {
			return err
		}
		items = append(items, it)
		return nil
	}, "SELECT "+place+", "+itemColumns+" FROM "+from, args...))
	return items, err
}

// unsealItems opens what confidential cases keep encrypted.
func (s *Service) unsealItems(ctx context.Context, items []Item) error {
	var sealed [][]byte
	for i := range items {
		if len(items[i].TextCipher) > 0 {
			sealed = append(sealed, items[i].TextCipher)
		}
	}
	if len(sealed) == 0 {
		return nil
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		return err
	}
	for i := range items {
		if err := s.unseal(ctx, &items[i].Case); err != nil {
			return err
		}
	}
	return nil
}

// items reads cases by id, in the order of the ids.
func (s *Service) items(ctx context.Context, ids []string) ([]Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.readItems(ctx, len(ids), "0, c.received_at, ''", "cases c WHERE c.id IN ?", []any{ids})
	if err != nil {
		return nil, fmt.Errorf("read the cases of a list: %w", db.Fault(err, "", ""))
	}
	byID := make(map[string]*Item, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	items := make([]Item, 0, len(ids))
	for _, id := range ids {
		if it := byID[id]; it != nil {
			items = append(items, *it)
		}
	}
	return items, s.unsealItems(ctx, items)
}
