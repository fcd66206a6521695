// Package api is the REST API of programs, version 1: JSON in and out, problem
// documents for errors, and an OpenAPI document that is made from the same Go
// types that answer. Every call stands on the kit's router, under the same
// verbs, limits and error answers as the pages.
package api

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/place"
	"minqing/internal/register"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

// Version is the version of the API, in its addresses and its document.
const Version = "1.0.0"

const prefix = "/api/v1"

// People names accounts.
type People interface {
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
}

// Deps are what the calls work with.
type Deps struct {
	Kit          *web.Kit
	Words        *i18n.Bundle
	Cases        *cases.Service
	Once         *cases.Once
	Satisfaction *satisfaction.Service
	Catalogue    *catalogue.Service
	Places       *place.Service
	Clocks       *clocks.Service
	People       People
	Insight      *insight.Service
	Register     *register.Service
	Now          func() time.Time
}

// Register mounts every call, the OpenAPI document and the page that explains it.
func Register(d Deps) {
	describe(d, i18n.Langs[0], mount{d.Kit}) // it answers; what is read of it registerDocs describes in each language
	registerDocs(d)
}

// described is the API in one language: what answers, or only its description.
type described struct {
	Deps
	huma.API
	lang  i18n.Lang
	order []*huma.Operation
}

// describe makes the API from the types of its calls.
func describe(d Deps, lang i18n.Lang, adapter huma.Adapter) *described {
	say := func(key string) string { return d.Words.T(lang, key, nil) }
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: say("api.title"), Description: say("api.about"), Version: Version, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Servers: []*huma.Server{{URL: "/"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearer:    {Type: "http", Scheme: "bearer", Description: say("api.security.bearer")},
					queryCode: {Type: "apiKey", In: "header", Name: "Query-Code", Description: say("api.security.query_code")},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{note},
	}
	a := &described{Deps: d, API: huma.NewAPI(config, adapter), lang: lang}
	a.citizens()
	a.offers()
	a.desk()
	a.permits()
	a.reports()
	a.explain()
	return a
}

const (
	bearer    = "bearer"
	queryCode = "query_code"
)

// call is one operation before its types are known.
type call struct {
	id, method, path string
	verb             web.Verb
	status           int
	options          []web.RouteOption
	security         []string // any one of them; none: anybody
}

// add registers a call. Its words are the messages api.op.ID and api.help.ID.
func add[I, O any](a *described, c call, h func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: c.id, Method: c.method, Path: prefix + c.path, DefaultStatus: c.status, MaxBodyBytes: -1,
		Summary: a.Words.T(a.lang, "api.op."+c.id, nil), Tags: []string{c.tag()}, Responses: a.problems(c),
		Metadata: map[string]any{metaVerb: c.verb, metaOptions: c.options},
	}
	if help := "api.help." + c.id; a.Words.Has(help) {
		op.Description = a.Words.T(a.lang, help, nil)
	}
	for _, s := range c.security {
		op.Security = append(op.Security, map[string][]string{s: {}})
	}
	huma.Register(a.API, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			requestOf(ctx).failed = err
		}
		return out, err
	})
	a.order = append(a.order, at(a.OpenAPI(), c.method, op.Path))
}

func (c call) tag() string {
	if c.verb == access.Public {
		return "public"
	}
	return "desk"
}

func at(o *huma.OpenAPI, method, path string) *huma.Operation {
	if method == http.MethodPost {
		return o.Paths[path].Post
	}
	return o.Paths[path].Get
}

// problems are the errors that a call may answer with, all of one shape.
func (a *described) problems(c call) map[string]*huma.Response {
	schema := a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[web.Problem](), true, "Problem")
	codes := []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if c.verb != access.Public || len(c.security) > 0 {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden)
	}
	if c.verb != access.Public || c.path != "/matters" {
		codes = append(codes, http.StatusNotFound)
	}
	if c.method == http.MethodPost {
		codes = append(codes, http.StatusConflict, http.StatusRequestEntityTooLarge)
	}
	all := map[string]*huma.Response{}
	for _, code := range codes {
		all[strconv.Itoa(code)] = &huma.Response{Description: a.Words.T(a.lang, "api.status."+strconv.Itoa(code), nil),
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
	}
	return all
}

// explain puts the words for fields and parameters where the bundle has some:
// api.word.NAME for each name, wherever it stands.
func (a *described) explain() {
	word := func(name string) string {
		if key := "api.word." + name; a.Words.Has(key) {
			return a.Words.T(a.lang, key, nil)
		}
		return ""
	}
	schemas := a.OpenAPI().Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		for field, s := range schemas[name].Properties {
			if s.Ref == "" {
				s.Description = word(field)
			}
		}
	}
	for _, op := range a.order {
		for _, p := range op.Parameters {
			p.Description = word(wordName(p.Name))
		}
		for code, r := range op.Responses {
			if r.Description == "" || code[0] == '2' {
				r.Description = a.Words.T(a.lang, "api.status."+code, nil)
			}
		}
	}
}

// Document is the OpenAPI 3.1 document in a language.
func Document(words *i18n.Bundle, lang i18n.Lang) ([]byte, error) {
	a := describe(Deps{Words: words}, lang, unmounted{})
	return json.MarshalIndent(a.OpenAPI(), "", "  ")
}
