package demo

// Held is a permit that somebody of the demo city holds. Days count from the day of
// loading. Act is what was done to it since, Ago days before.
type Held struct {
	Type   string            `yaml:"type"`
	Unit   string            `yaml:"unit"`
	Holder string            `yaml:"holder"` // "company" or "citizen"
	Issued int               `yaml:"issued"` // days ago
	Ends   int               `yaml:"ends"`   // days ahead; negative: over
	Facts  map[string]string `yaml:"facts"`
	Act    string            `yaml:"act"`
	Ground string            `yaml:"ground"`
	Reason string            `yaml:"reason"`
	Ago    int               `yaml:"ago"`
	Waits  bool              `yaml:"waits"` // it is proposed, and nobody has decided
}

// HeldPermits lists them.
func HeldPermits() (list []Held, err error) {
	err = read("held.yaml", &list)
	return list, err
}
