package demo

import (
	"maps"
	"slices"
	"strconv"
)

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

// FoodIndustries are the names, in each language, of the industries that need a food
// business permit.
func FoodIndustries() (names []string) {
	for _, one := range industries[:2] { // catering and retail
		names = append(names, slices.Collect(maps.Values(one))...)
	}
	return names
}

// shops are what restaurants and shops of the city are called.
var shops = []string{"巷口小館", "春和糧行", "江畔麵館", "滿倉超市", "石橋茶飲", "南門早點", "新滙百貨", "老灶火鍋"}

// FoodPermit is the permit of the i-th of those who cook or sell food. One ends every
// twelve days, so that some end soon and the others later.
func FoodPermit(i int) Held {
	ends := 6 + 12*i
	return Held{Type: "food-business", Unit: "SC02", Issued: 5*365 + 1 - ends, Ends: ends,
		Facts: map[string]string{"address": "長堤街 " + strconv.Itoa(11+2*i) + " 號", "shop_name": shops[i%len(shops)], "area": strconv.Itoa(40 + 7*(i%9))}}
}
