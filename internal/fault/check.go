package fault

// Check gathers fields to mend while a command validates itself, so that a
// person sees everything at once. The zero Check is ready.
type Check struct {
	fields []Field
}

// That notes the field when ok is false. The pairs after the key are names and
// values for the message.
func (c *Check) That(ok bool, field, key string, pairs ...any) {
	if ok {
		return
	}
	f := Field{Name: field, Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if f.Args == nil {
			f.Args = make(map[string]any, len(pairs)/2)
		}
		name, isText := pairs[i].(string)
		if isText {
			f.Args[name] = pairs[i+1]
		}
	}
	c.fields = append(c.fields, f)
}

// Add takes over the fields of an Invalid error; any other error is returned,
// and an Invalid one that names no field too, lest it be lost.
func (c *Check) Add(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := As(err); ok && e.Kind == Invalid && len(e.Fields) > 0 {
		c.fields = append(c.fields, e.Fields...)
		return nil
	}
	return err
}

// Err is nil when everything held.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return InvalidInput(c.fields...)
}
