package jobs

// Ring wakes the workers of a queue after a commit that the caller made itself,
// with the statement of an Insertion in it.
func (q *Queue) Ring(queue string) { q.bell.strike(queue) }
