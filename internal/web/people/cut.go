package people

import "minqing/internal/web"

// cut leaves of a list that has one more than a page shows what it shows, and says what
// it leaves out; key is the message, whose Count is how many are shown.
func cut[T any](list []T, most int, key string) ([]T, web.Words) {
	if len(list) <= most {
		return list, web.Words{}
	}
	return list[:most], web.Say(key, "Count", most)
}
