package insight

// PermitVersion is that of the definitions of figures about permits. Raise it when
// a formula or an exclusion changes; every report and export prints it.
const PermitVersion = 2

// PermitFigure is a figure about permits with its definition. The texts are message
// ids; docs/figures.md has the same words for everybody.
type PermitFigure struct {
	ID         string
	Version    int
	Name       string
	Formula    string
	Exclusions string
}

// PermitFigures is the registry of figures about permits: the only place that says
// which there are.
var PermitFigures = []PermitFigure{
	permitFigure("gross", 1), permitFigure("suspended", 1), permitFigure("net", 1), permitFigure("first_right", 1), permitFigure("compression", 1), permitFigure("corrections", 2),
}

func permitFigure(id string, version int) PermitFigure {
	key := "insight.permit." + id
	return PermitFigure{ID: id, Version: version, Name: key, Formula: key + ".formula", Exclusions: key + ".exclusions"}
}
