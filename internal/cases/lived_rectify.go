package cases

import (
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
)

// rectifying says that an event of a life is a step of the answer to a bad review.
func rectifying(e LifeEvent) bool {
	switch e.Action {
	case ActEvaluate, ActVerifyGrade, ActRectify, ActContestGrade, ActDecideContest:
		return true
	}
	return false
}

// rectify starts and stops the clocks of a bad review.
func (v *lived) rectify(e LifeEvent) error {
	switch e.Action {
	case ActEvaluate:
		if grade, _ := e.Data["grade"].(int); grade > BadMost || e.Data["round"] != nil {
			return nil
		}
		return v.begin(e, clocks.Callback, catalogue.StdCallback)
	case ActVerifyGrade:
		v.stop(clocks.Callback, e.At)
		limit := catalogue.StdRectification
		if e.Data["reason"] == "complex" {
			limit = catalogue.StdComplex
		}
		return v.begin(e, clocks.Rectification, limit)
	case ActRectify:
		v.stop(clocks.Rectification, e.At)
	}
	return nil
}

// begin starts a clock by the calendar of the unit that an event is about.
func (v *lived) begin(e LifeEvent, kind clocks.Kind, standard string) error {
	unit, err := v.snap.Unit(e.UnitID)
	if err != nil {
		return err
	}
	cal, err := v.s.Clocks.Of(v.snap, unit)
	if err != nil {
		return err
	}
	k := clocks.Begun(cal, v.st.Rules, kind, clocks.Standard(v.snap, standard, cal.ReceivedOn(e.At)), e.At)
	k.CaseID = v.c.ID
	v.list = append(v.list, clocks.Armed(cal, v.st.Rules, k, v.now))
	return nil
}
