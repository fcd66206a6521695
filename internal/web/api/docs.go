package api

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// docsPage shows the OpenAPI document to people and gives it to programs.
type docsPage struct {
	Deps
	documents map[i18n.Lang]func() ([]byte, error)
	chapters  map[i18n.Lang]func() []chapter
}

func registerDocs(d Deps) {
	p := &docsPage{Deps: d, documents: map[i18n.Lang]func() ([]byte, error){}, chapters: map[i18n.Lang]func() []chapter{}}
	for _, l := range i18n.Langs {
		p.documents[l] = sync.OnceValues(func() ([]byte, error) { return Document(d.Words, l) })
		p.chapters[l] = sync.OnceValue(func() []chapter { return chapters(describe(Deps{Words: d.Words}, l, unmounted{})) })
	}
	e := d.Kit.Engine()
	d.Kit.GET(e, prefix+"/openapi.json", access.Public, p.document)
	d.Kit.GET(e, "/api/docs", access.Public, p.show)
}

func (p *docsPage) document(c *gin.Context) error {
	body, err := p.documents[web.Lang(c)]()
	if err != nil {
		return err
	}
	c.Data(200, "application/json; charset=utf-8", body)
	return nil
}

type docsView struct {
	web.Page
	Chapters []chapter
}

func (p *docsPage) show(c *gin.Context) error {
	v := &docsView{Page: p.Kit.Page(c, web.Say("api.title")), Chapters: p.chapters[web.Lang(c)]()}
	v.Wide = true
	return p.Kit.Show(c, "api/docs", v)
}

// chapter is one call as the page explains it.
type chapter struct {
	ID, Method, Path, Summary, About string
	Security                         []string
	Params                           []line
	Body                             []line
	Answers                          []answer
}

type line struct {
	Name, In, Type, About string
	Required              bool
}

type answer struct {
	Status, About string
	Fields        []line
}

func chapters(a *described) []chapter {
	schemas := a.OpenAPI().Components.Schemas
	var list []chapter
	for _, op := range a.order {
		c := chapter{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, About: op.Description}
		for _, s := range op.Security {
			for name := range s {
				c.Security = append(c.Security, a.OpenAPI().Components.SecuritySchemes[name].Description)
			}
		}
		for _, p := range op.Parameters {
			c.Params = append(c.Params, line{Name: p.Name, In: p.In, Type: typeOf(schemas, p.Schema), About: p.Description, Required: p.Required})
		}
		if op.RequestBody != nil {
			c.Body = flatten(schemas, op.RequestBody.Content["application/json"].Schema, "", 0)
		}
		for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
			r := op.Responses[code]
			one := answer{Status: code, About: r.Description}
			if m := r.Content["application/json"]; m != nil {
				one.Fields = flatten(schemas, m.Schema, "", 0)
			}
			c.Answers = append(c.Answers, one)
		}
		list = append(list, c)
	}
	return list
}

func resolve(r huma.Registry, s *huma.Schema) *huma.Schema {
	for s != nil && s.Ref != "" {
		s = r.SchemaFromRef(s.Ref)
	}
	return s
}

// deepest is where the list of fields stops: no shape of the API goes deeper.
const deepest = 3

// flatten lists the fields of a body as dotted paths.
func flatten(r huma.Registry, s *huma.Schema, path string, depth int) []line {
	s = resolve(r, s)
	if s == nil || depth > deepest {
		return nil
	}
	if s.Type == huma.TypeArray {
		return flatten(r, s.Items, path+"[]", depth+1)
	}
	var list []line
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		at := strings.TrimPrefix(path+"."+name, ".")
		list = append(list, line{Name: at, Type: typeOf(r, p), About: p.Description, Required: slices.Contains(s.Required, name)})
		list = append(list, flatten(r, p, at, depth+1)...)
	}
	return list
}

func typeOf(r huma.Registry, s *huma.Schema) string {
	s = resolve(r, s)
	switch {
	case s == nil:
		return ""
	case len(s.Enum) > 0:
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i], _ = v.(string)
		}
		return strings.Join(values, " | ")
	case len(s.AnyOf) > 0:
		parts := make([]string, len(s.AnyOf))
		for i, one := range s.AnyOf {
			parts[i] = typeOf(r, one)
		}
		return strings.Join(parts, " | ")
	case s.Type == huma.TypeArray:
		return typeOf(r, s.Items) + "[]"
	case s.Format != "" && s.Format != "int64" && s.Format != "double":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}
