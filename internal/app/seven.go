package app

import "minqing/internal/insight/seven"

func (a *App) wireSeven() {
	a.Seven = seven.New(seven.Deps{DB: a.DB, Access: a.Access, Audit: a.Audit, Zone: a.zone, Now: a.Options.Now})
	a.Seven.Register(a.Jobs)
}
