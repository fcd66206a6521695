package enterprise

import (
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// lawKey is a message in the words of the law that the type is of.
func lawKey(t *permittypes.Type, key string) string {
	if t.OfTaiwan() {
		return key + ".tw"
	}
	return key
}

// stands says why the time limit of an open application stands still; nothing while it
// runs.
func stands(o *permits.Own) web.Words {
	switch c := o.Case; {
	case c.Status.Ended():
	case c.SuspendedAt != nil:
		return web.Say("permit.stands")
	case c.AwaitsCorrection():
		return web.Say("permit.stands.correction")
	}
	return web.Words{}
}
