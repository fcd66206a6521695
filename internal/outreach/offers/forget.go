package offers

import "context"

// Forget ends in the open transaction what people were told of and have not got, when
// they are erased: nobody is told, no link of theirs opens anything any more, and their
// words go. That there was an offer stays, without them. It gives the number that ended.
func (s *Service) Forget(ctx context.Context, constituentIDs []string) (int64, error) {
	ended, err := s.exec(ctx, "end the offers of somebody erased", `UPDATE offers SET state = 'refused', reason = 'gone', settled_at = ?, version = version + 1, updated_at = ?
 WHERE constituent_id IN ? AND state IN ('offered', 'agreed', 'objected')`, s.now(), s.now(), constituentIDs)
	if err != nil {
		return 0, err
	}
	_, err = s.exec(ctx, "forget what somebody said of offers", "UPDATE offers SET note_cipher = NULL, code_generation = code_generation + 1 WHERE constituent_id IN ?", constituentIDs)
	return ended, err
}
