package cases

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// Label is what a list calls a case.
type Label struct {
	CaseNo string
	Title  string
}

// Labels gives what lists call cases, by id. It asks nobody's right: whoever calls
// it knows that the reader may see them.
func (s *Service) Labels(ctx context.Context, ids []string) (map[string]Label, error) {
	out := make(map[string]Label, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var list []Case
	if err := s.DB.Reader(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read what cases are called: %w", db.Fault(err, "", ""))
	}
	var sealed [][]byte
	for i := range list {
		if len(list[i].TextCipher) > 0 {
			sealed = append(sealed, list[i].TextCipher)
		}
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		return nil, err
	}
	for i := range list {
		if err := s.unseal(ctx, &list[i]); err != nil {
			return nil, err
		}
		out[list[i].ID] = Label{CaseNo: list[i].CaseNo, Title: list[i].Title}
	}
	return out, nil
}

// Numbers are the numbers of labelled cases, by the ids of these.
func Numbers(labels map[string]Label) map[string]string {
	out := make(map[string]string, len(labels))
	for id, l := range labels {
		out[id] = l.CaseNo
	}
	return out
}
