package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/access"
	"minqing/internal/register"
	"minqing/internal/web"
)

type (
	permitState  string
	permitFilter string
	permitAct    string
)

// Schema is where a permit may stand; one whose first day has not come is future.
func (permitState) Schema(huma.Registry) *huma.Schema {
	return choice(append([]register.State{register.Future}, register.States...))
}

// Schema are the states by which the register is narrowed.
func (permitFilter) Schema(huma.Registry) *huma.Schema { return choice(register.States) }

// Schema are the acts of staff on a permit.
func (permitAct) Schema(huma.Registry) *huma.Schema { return choice(register.Acts) }

// Permit is a row of the register as staff see it. Days are local; the last day
// counts whole.
type Permit struct {
	PermitNo   string      `json:"permit_no"`
	Version    int64       `json:"version"`
	Type       Named       `json:"type"`
	State      permitState `json:"state"`
	Since      string      `json:"since" format:"date"` // in its state since that day
	HolderKind string      `json:"holder_kind" enum:"person,enterprise"`
	Holder     string      `json:"holder"` // the name of an enterprise, the masked name of a person
	Unit       Maybe       `json:"unit"`
	CaseNo     string      `json:"case_no"`
	ValidFrom  string      `json:"valid_from" format:"date"`
	ValidUntil *string     `json:"valid_until"`
	IssuedOn   string      `json:"issued_on" format:"date"`
}

// PermitDetail adds what stands on the permit and what may be done with it.
type PermitDetail struct {
	Permit
	Ground      string            `json:"ground"` // of the last act that changed its state
	Particulars map[string]string `json:"particulars" nullable:"false"`
	Successor   *string           `json:"successor"`
	Allowed     []permitAct       `json:"allowed_actions" nullable:"false"`
	VerifyURL   string            `json:"verify_url"`
}

// PermitVerdict is the minimum that everybody may see of a permit.
type PermitVerdict struct {
	PermitNo    string            `json:"permit_no"`
	State       permitState       `json:"state"`
	Since       *string           `json:"since"` // null while it is valid
	Type        Named             `json:"type"`
	HolderKind  string            `json:"holder_kind" enum:"person,enterprise"`
	Holder      string            `json:"holder"`
	Unit        Named             `json:"unit"`
	ValidFrom   string            `json:"valid_from" format:"date"`
	ValidUntil  *string           `json:"valid_until"`
	IssuedOn    string            `json:"issued_on" format:"date"`
	Particulars map[string]string `json:"particulars" nullable:"false"`
	Successor   *string           `json:"successor"`
	CheckedAt   time.Time         `json:"checked_at"`
}

func (a *described) permits() {
	staff := func(id, path string) call {
		return call{id: id, method: http.MethodGet, path: "/desk/permits" + path, verb: access.PermitRead, status: http.StatusOK, security: []string{bearer}}
	}
	add(a, staff("list_permits", ""), a.permitList)
	add(a, staff("read_permit", "/{permit_no}"), a.permit)
	add(a, call{id: "verify_permit", method: http.MethodGet, path: "/permits/{permit_no}", verb: access.Public, status: http.StatusOK,
		options: []web.RouteOption{web.ThrottleHere(120, time.Minute, web.ByIP)}}, a.verdict)
}

type permitsInput struct {
	Spoken
	Type   string       `query:"type" maxLength:"64"`
	State  permitFilter `query:"state"`
	Unit   string       `query:"unit" maxLength:"64"`
	Within int          `query:"within" minimum:"1" maximum:"3650"`
	Limit  int          `query:"limit" minimum:"1" maximum:"50" default:"25"`
	Cursor string       `query:"cursor" maxLength:"1000"`
}

type permitsOutput struct {
	Body struct {
		Items []Permit `json:"items" nullable:"false"`
		Next  *string  `json:"next_cursor"`
	} `nameHint:"PermitList"`
}

// permitList are the permits of the units that the token's account may read: those
// that end within some days by their end, all others newest first.
func (d Deps) permitList(ctx context.Context, in *permitsInput) (*permitsOutput, error) {
	page, err := d.Register.List(ctx, register.Filter{Unit: in.Unit, Type: in.Type, State: register.State(in.State), Within: in.Within, Cursor: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	out := &permitsOutput{}
	out.Body.Items = []Permit{}
	for i := range page.Permits {
		out.Body.Items = append(out.Body.Items, city.permit(&page.Permits[i], d.Register))
	}
	if page.Next != "" {
		out.Body.Next = &page.Next
	}
	return out, nil
}

func (c city) permit(p *register.Permit, r *register.Service) Permit {
	state := p.On(r.Today())
	return Permit{PermitNo: p.PermitNo, Version: p.Version, Type: Named{p.TypeCode, p.TypeName.In(c.lang)}, State: permitState(state), Since: p.SinceDay(state).String(),
		HolderKind: string(p.HolderKind), Holder: p.HolderShown, Unit: c.unit(p.UnitID), CaseNo: p.CaseNo, ValidFrom: p.ValidFrom.String(), ValidUntil: dayOf(p.ValidUntil),
		IssuedOn: p.IssuedOn.String()}
}

type permitInput struct {
	Spoken
	PermitNo string `path:"permit_no" maxLength:"64"`
}

type permitOutput struct{ Body PermitDetail }

// permit is one permit, within the scope of the token's account.
func (d Deps) permit(ctx context.Context, in *permitInput) (*permitOutput, error) {
	p, err := d.Register.Read(ctx, in.PermitNo)
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	out := &permitOutput{PermitDetail{Permit: city.permit(p, d.Register), Ground: p.Ground, Particulars: p.Particulars, Allowed: []permitAct{}, VerifyURL: d.Register.VerifyURL(p.PermitNo)}}
	if out.Body.Particulars == nil {
		out.Body.Particulars = map[string]string{}
	}
	for _, act := range d.Register.Possible(ctx, p) {
		out.Body.Allowed = append(out.Body.Allowed, permitAct(act))
	}
	out.Body.Successor, err = d.successor(ctx, p)
	return out, err
}

func (d Deps) successor(ctx context.Context, p *register.Permit) (*string, error) {
	no, err := d.Register.Successor(ctx, p)
	if err != nil || no == "" {
		return nil, err
	}
	return &no, nil
}

type verdictOutput struct{ Body PermitVerdict }

// verdict says to everybody how a permit stands now.
func (d Deps) verdict(ctx context.Context, in *permitInput) (*verdictOutput, error) {
	p, err := d.Register.ByNo(ctx, in.PermitNo)
	if err != nil {
		return nil, err
	}
	shown, err := d.Register.Show(ctx, p)
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	state := p.On(d.Register.Today())
	out := &verdictOutput{PermitVerdict{PermitNo: p.PermitNo, State: permitState(state), Type: Named{p.TypeCode, p.TypeName.In(city.lang)}, HolderKind: string(shown.Holder.Kind),
		Holder: shown.Holder.Name, Unit: Named{shown.Unit.Code, shown.Unit.Name.In(city.lang)}, ValidFrom: shown.ValidFrom.String(), ValidUntil: dayOf(shown.ValidUntil),
		IssuedOn: shown.IssuedOn.String(), Particulars: shown.Particulars, CheckedAt: city.local(d.Now())}}
	if state != register.Valid {
		since := p.SinceDay(state).String()
		out.Body.Since = &since
	}
	out.Body.Successor, err = d.successor(ctx, p)
	return out, err
}
