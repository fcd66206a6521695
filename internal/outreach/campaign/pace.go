package campaign

import "time"

// Nobody is written to by campaigns at night, in the zone of the city.
const (
	dayBegins = 8  // hour
	dayEnds   = 21 // hour
)

// CapMost is how many messages of campaigns somebody gets within CapDays, of all
// campaigns together and by all channels.
const (
	CapMost = 2
	CapDays = 30
)

// wake is when messages may leave that are not to be sent at a time; zero when
// they may now.
func wake(at time.Time) time.Time {
	switch h := at.Hour(); {
	case h < dayBegins:
		return time.Date(at.Year(), at.Month(), at.Day(), dayBegins, 0, 0, 0, at.Location())
	case h >= dayEnds:
		return time.Date(at.Year(), at.Month(), at.Day()+1, dayBegins, 0, 0, 0, at.Location())
	}
	return time.Time{}
}

// capped is until when somebody is left in peace who got messages at these times,
// in any order; zero when another may come now.
func capped(got []time.Time, now time.Time) time.Time {
	var within []time.Time
	for _, at := range got {
		if at.AddDate(0, 0, CapDays).After(now) {
			within = append(within, at)
		}
	}
	if len(within) < CapMost {
		return time.Time{}
	}
	// As many must have aged out as leave room for one.
	for len(within) > CapMost {
		within = remove(within, earliest(within))
	}
	return within[earliest(within)].AddDate(0, 0, CapDays)
}

func earliest(list []time.Time) (at int) {
	for i, one := range list {
		if one.Before(list[at]) {
			at = i
		}
	}
	return at
}

func remove(list []time.Time, at int) []time.Time { return append(list[:at:at], list[at+1:]...) }

// quota is how many more may leave this minute: evenly over the hour, and none
// while more than half an hour's worth waits for the mail server.
func quota(perHour, lastHour, lastMinute, outstanding int) int {
	if outstanding > perHour/2+10 {
		return 0
	}
	return max(0, min((perHour+59)/60-lastMinute, perHour-lastHour))
}
