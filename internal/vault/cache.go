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

type cached struct {
	key   *Key
	until time.Time
}

func newCache(most int, now func() time.Time) *cache {
	return &cache{young: map[string]cached{}, old: map[string]cached{}, most: most / 2, now: now}
}

func (c *cache) get(id string) *Key {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.young[id]
	if !ok {
		if e, ok = c.old[id]; !ok {
			return nil
		}
		c.add(id, e)
	}
	if c.now().After(e.until) {
		delete(c.young, id)
		delete(c.old, id)
		return nil
	}
	return e.key
}

func (c *cache) put(k *Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(k.ID, cached{key: k, until: c.now().Add(cacheLife)})
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
