package web

type Verb string

const Public Verb = "public"
