// Package calendar does the arithmetic of working time: local dates, official
// calendars with days off and make-up workdays, limits such as "5wd" or "2h",
// office hours, suspensions, and the due time that follows from them together
// with a trace that explains it day by day.
//
// The package is pure: no clock, no database, no files except the calendars
// that are built in. Instants that it returns are UTC; days are local days of
// the calendar's zone.
package calendar
