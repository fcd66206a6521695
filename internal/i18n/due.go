package i18n

// DaysLeft gives the phrase for the working days that remain until something is
// due: some left, due today, or overdue by some. The message takes Count.
func DaysLeft(workingDays int) (key string, args Args) {
	switch {
	case workingDays > 0:
		return "common.due.left", Count(workingDays)
	case workingDays == 0:
		return "common.due.today", nil
	default:
		return "common.due.over", Count(-workingDays)
	}
}
