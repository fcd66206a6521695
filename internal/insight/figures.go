package insight

import "minqing/internal/stats"

// DefinitionVersion is printed on every report and in every export. Raise it
// when the formula or the exclusions of any figure change: the next refresh
// then counts everything anew.
const DefinitionVersion = 3

// Counts are what is counted in a cell of the roll-ups. Each stands under its
// own local day: of filing, response limit, due, conclusion or evaluation.
type Counts struct {
	Filed          int64
	ResponseDue    int64 // response limits that have passed
	Responded      int64 // of these, people who were contacted in time
	Due            int64 // due times that have passed
	OnTime         int64 // of these, cases concluded by then
	Concluded      int64
	Judged         int64 // of these, conclusions that were evaluated
	Evaluated      int64 // evaluations
	ResolvedYes    int64
	ResolvedPartly int64
	Satisfied      int64 // grades 5, 4 and 3
	Bad            int64 // grades 2 and 1

	CallbacksDue     int64 // people who were to be rung about a result by now
	CallbacksReached int64 // of these, people who were reached, willing to judge or not
	ReviewsDue       int64 // bad reviews whose limit has passed
	ReviewsMended    int64 // of these, mended and told so
	ReviewsInTime    int64 // by the limit
}

// columns of the roll-ups, in the order of Counts.
var columns = []string{"filed", "response_due", "responded", "due", "on_time", "concluded", "judged",
	"evaluated", "resolved_yes", "resolved_partly", "satisfied", "bad",
	"callbacks_due", "callbacks_reached", "reviews_due", "reviews_mended", "reviews_in_time"}

func (c *Counts) add(o Counts) {
	c.Filed += o.Filed
	c.ResponseDue += o.ResponseDue
	c.Responded += o.Responded
	c.Due += o.Due
	c.OnTime += o.OnTime
	c.Concluded += o.Concluded
	c.Judged += o.Judged
	c.Evaluated += o.Evaluated
	c.ResolvedYes += o.ResolvedYes
	c.ResolvedPartly += o.ResolvedPartly
	c.Satisfied += o.Satisfied
	c.Bad += o.Bad
	c.CallbacksDue += o.CallbacksDue
	c.CallbacksReached += o.CallbacksReached
	c.ReviewsDue += o.ReviewsDue
	c.ReviewsMended += o.ReviewsMended
	c.ReviewsInTime += o.ReviewsInTime
}

// Figure is one rate with its definition. Higher is better for all of them. The
// texts are message ids; docs/figures.md has the same words for everybody.
type Figure struct {
	ID         string
	Version    int // of this definition
	Name       string
	Formula    string
	Exclusions string
	Sentence   string

	of func(Counts) stats.Rate
}

// Figures is the registry: the only place that says what a figure counts
// (formulas: 接诉即办 practice and 国办发〔2019〕51号; on time by due-date cohort, so
// that an overdue open case counts as late).
var Figures = []Figure{
	{ID: "response", Version: 2, Name: "insight.figure.response", Formula: "insight.figure.response.formula",
		Exclusions: "insight.figure.response.exclusions", Sentence: "insight.figure.response.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.Responded, Denominator: c.ResponseDue} }},
	{ID: "on_time", Version: 1, Name: "insight.figure.on_time", Formula: "insight.figure.on_time.formula",
		Exclusions: "insight.figure.on_time.exclusions", Sentence: "insight.figure.on_time.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.OnTime, Denominator: c.Due} }},
	{ID: "resolution", Version: 2, Name: "insight.figure.resolution", Formula: "insight.figure.resolution.formula",
		Exclusions: "insight.figure.resolution.exclusions", Sentence: "insight.figure.resolution.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.ResolvedYes, Denominator: c.Evaluated} }},
	{ID: "satisfaction", Version: 2, Name: "insight.figure.satisfaction", Formula: "insight.figure.satisfaction.formula",
		Exclusions: "insight.figure.satisfaction.exclusions", Sentence: "insight.figure.satisfaction.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.Satisfied, Denominator: c.Evaluated} }},
	{ID: "participation", Version: 2, Name: "insight.figure.participation", Formula: "insight.figure.participation.formula",
		Exclusions: "insight.figure.participation.exclusions", Sentence: "insight.figure.participation.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.Judged, Denominator: c.Concluded} }},
	{ID: "callback_reach", Version: 1, Name: "insight.figure.callback_reach", Formula: "insight.figure.callback_reach.formula",
		Exclusions: "insight.figure.callback_reach.exclusions", Sentence: "insight.figure.callback_reach.sentence",
		of: func(c Counts) stats.Rate {
			return stats.Rate{Numerator: c.CallbacksReached, Denominator: c.CallbacksDue}
		}},
	{ID: "rectification", Version: 1, Name: "insight.figure.rectification", Formula: "insight.figure.rectification.formula",
		Exclusions: "insight.figure.rectification.exclusions", Sentence: "insight.figure.rectification.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.ReviewsMended, Denominator: c.ReviewsDue} }},
	{ID: "rectified_in_time", Version: 1, Name: "insight.figure.rectified_in_time", Formula: "insight.figure.rectified_in_time.formula",
		Exclusions: "insight.figure.rectified_in_time.exclusions", Sentence: "insight.figure.rectified_in_time.sentence",
		of: func(c Counts) stats.Rate { return stats.Rate{Numerator: c.ReviewsInTime, Denominator: c.ReviewsDue} }},
}

// PublicFigures is how many of the registry, from the first on, everybody reads
// by month: the others are of too few cases.
const PublicFigures = 5
