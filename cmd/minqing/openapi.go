package main

import (
	"minqing"
	"minqing/internal/i18n"
	"minqing/internal/web/api"
)

// OpenAPICmd prints the description of the REST API.
type OpenAPICmd struct {
	Lang string `help:"Language of the descriptions." enum:"en,zh-Hant,zh-Hans" default:"en"`
}

// Help shows an example.
func (OpenAPICmd) Help() string { return "Example: minqing openapi > openapi.json" }

// Run prints the OpenAPI 3.1 document.
func (c *OpenAPICmd) Run(e *env) error {
	words, err := i18n.Load(minqing.Files)
	if err != nil {
		return err
	}
	body, err := api.Document(words, i18n.Lang(c.Lang))
	if err != nil {
		return err
	}
	_, err = e.Out.Write(append(body, '\n'))
	return err
}
