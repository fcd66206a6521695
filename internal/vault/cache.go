package vault

import (
	"sync"
	"time"
)

// cacheLife bounds how long another process may still open what was erased.
const cacheLife = time.Minute

// cache keeps unwrapped keys in two generations: when the young one is full it
// becomes the old one, so the least used fall out without a list to maintain.
type cache struct {
	mu         sync.Mutex
	young, old map[string]cached
	most       int
	now        func() time.Time
}

// cached is a key, or without one the knowledge that it was destroyed. Nothing
// brings a destroyed key back, so that knowledge wins over a row read earlier.
type cached struct {
	key   *Key
	until time.Time
}

func newCache(most int, now func() time.Time) *cache {
	return &cache{young: map[string]cached{}, old: map[string]cached{}, most: most / 2, now: now}
}

// get says whether the key is known; a known key that is nil was destroyed.
func (c *cache) get(id string) (key *Key, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.young[id]
	if !ok {
		if e, ok = c.old[id]; !ok {
			return nil, false
		}
		c.add(id, e)
	}
	if e.key != nil && c.now().After(e.until) {
		delete(c.young, id)
		delete(c.old, id)
		return nil, false
	}
	return e.key, true
}

func (c *cache) put(k *Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, generation := range []map[string]cached{c.young, c.old} {
		if e, ok := generation[k.ID]; ok && e.key == nil {
			return
		}
	}
	c.add(k.ID, cached{key: k, until: c.now().Add(cacheLife)})
}

// bury notes that a key is destroyed, once that is committed.
func (c *cache) bury(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.old, id)
	c.add(id, cached{})
}

func (c *cache) add(id string, e cached) {
	if len(c.young) >= c.most {
		c.old, c.young = c.young, make(map[string]cached, c.most)
	}
	c.young[id] = e
}

func (c *cache) drop(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, id)
	delete(c.old, id)
}
