package demo

import "minqing/internal/i18n"

// Benefit is a ready-made offer as the file has it, its conditions in JSON. Told
// ones have a list that was confirmed; of those Grant people have it already and
// Object did not want it.
type Benefit struct {
	Code       string    `yaml:"code"`
	Unit       string    `yaml:"unit"`
	Matter     string    `yaml:"matter"`
	Name       i18n.Text `yaml:"name"`
	Gives      i18n.Text `yaml:"gives"`
	About      i18n.Text `yaml:"about"`
	Law        i18n.Text `yaml:"law"`
	Amount     int64     `yaml:"amount"`
	MovesMoney bool      `yaml:"moves_money"`
	WindowDays int       `yaml:"window_days"`
	Per        string    `yaml:"per"`
	Definition string    `yaml:"definition"`
	Told       bool      `yaml:"told"`
	Grant      int       `yaml:"grant"`
	Object     int       `yaml:"object"`
}

// Benefits are the ready-made offers.
func Benefits() (list []Benefit, err error) {
	err = read("benefits.yaml", &list)
	return list, err
}
