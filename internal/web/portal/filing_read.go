package portal

import (
	"context"
	"mime/multipart"
	"slices"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/text"
	"minqing/internal/web"
)

type whatForm struct {
	Kind        string `form:"kind"`
	Title       string `form:"title"`
	Description string `form:"description"`
	Danger      string `form:"danger"`
	Subject     struct {
		Unit string `form:"unit_code"`
		Name string `form:"name"`
	} `form:"subject"`
}

type whereForm struct {
	Location struct {
		Address  string `form:"address"`
		District string `form:"district_code"`
		Lat      string `form:"lat"`
		Lng      string `form:"lng"`
	} `form:"location"`
}

type whoForm struct {
	For    string `form:"filing_for"`
	Behalf struct {
		Name     string `form:"name"`
		Relation string `form:"relation"`
	} `form:"on_behalf_of"`
	Privacy string `form:"confidentiality"`
	Channel string `form:"channel"`
	Contact struct {
		Name  string `form:"name"`
		Phone string `form:"phone"`
		Email string `form:"email"`
	} `form:"contact"`
}

type askedForm struct {
	Asked []string `form:"asked"`
}

var filingLabels = map[string]string{
	"title": "portal.file.title", "description": "portal.file.description", "subject.name": "portal.subject.name",
	"location.address": "portal.where.address", "on_behalf_of.name": "portal.behalf.name", "on_behalf_of.relation": "portal.behalf.relation",
	"contact.name": "portal.who.name", "contact.phone": "portal.who.phone", "contact.email": "portal.who.email",
}

// typedInFiling labels what people type in any step of filing.
func typedInFiling(name string) web.Words {
	if key := filingLabels[name]; key != "" {
		return web.Say(key)
	}
	return web.Words{}
}

// read takes the form of the step into the sheet, without the characters that
// nobody sees: the check shows what will be stored. stay says that the page is
// wanted again: a point was taken off the map, or the answers brought up
// questions that were not asked yet.
func (h *filingPages) read(w *work) (stay bool, err error) {
	switch w.step {
	case stepWhat:
		var f whatForm
		err = web.Decode(w.c, &f)
		w.sheet.Kind, w.sheet.Title, w.sheet.Description, w.sheet.Danger = f.Kind, text.Line(f.Title), text.Lines(f.Description), f.Danger == "yes"
		w.sheet.SubjectUnit, w.sheet.SubjectName = f.Subject.Unit, text.Line(f.Subject.Name)
	case stepWhere:
		var f whereForm
		err = web.Decode(w.c, &f)
		l := f.Location
		w.sheet.Address, w.sheet.District, w.sheet.Lat, w.sheet.Lng = text.Line(l.Address), l.District, l.Lat, l.Lng
		if w.c.Request.PostForm.Get("do") == "unpin" {
			w.sheet.Lat, w.sheet.Lng = "", ""
			return true, err
		}
	case stepWho:
		var f whoForm
		err = web.Decode(w.c, &f)
		w.sheet.For, w.sheet.Behalf, w.sheet.Relation = f.For, text.Line(f.Behalf.Name), text.Line(f.Behalf.Relation)
		w.sheet.Channel = f.Channel
		w.sheet.Privacy, w.sheet.Name, w.sheet.Phone, w.sheet.Email = f.Privacy, text.Line(f.Contact.Name), f.Contact.Phone, f.Contact.Email
	case stepQuestions:
		return w.readAnswers()
	}
	return false, err
}

func (w *work) readAnswers() (more bool, err error) {
	var f askedForm
	err = web.Decode(w.c, &f)
	if err != nil && len(fieldsOf(err)) == 0 {
		return false, err
	}
	if w.sheet.Answers == nil {
		w.sheet.Answers = map[string][]string{}
	}
	for _, q := range w.questions {
		if slices.Contains(f.Asked, q.Name) {
			w.sheet.Answers[q.Name] = web.Sent(w.c, q)
		}
	}
	for _, q := range visible(w.questions, w.sheet.answers(w.questions)) {
		if !slices.Contains(f.Asked, q.Name) {
			more = true
		}
	}
	return more, err
}

// attach removes the file whose button was pressed and keeps the files that
// came. stay says that the person wants to remain on this page.
func (h *filingPages) attach(w *work) (stay bool, problems []fault.Field, err error) {
	if w.step != stepWhat {
		return false, nil, nil
	}
	ctx := cases.Unnamed(w.c.Request.Context()) // whether to stay anonymous is asked later
	owner := files.Owner{Kind: files.Draft, ID: h.Drafts.ID(w.token)}
	if id := w.c.Request.PostForm.Get("remove"); id != "" {
		err := h.Files.Remove(ctx, owner, id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return true, nil, err
		}
		return true, nil, nil
	}
	stay = w.c.Request.PostForm.Get("do") == "attach"
	if w.c.Request.MultipartForm == nil {
		return stay, nil, nil
	}
	for _, header := range w.c.Request.MultipartForm.File["file"] {
		found, err := h.keep(ctx, owner, header)
		if err != nil {
			return stay, nil, err
		}
		problems = append(problems, found...)
	}
	return stay, problems, nil
}

func (h *filingPages) keep(ctx context.Context, owner files.Owner, header *multipart.FileHeader) ([]fault.Field, error) {
	if header.Filename == "" {
		return nil, nil
	}
	in, err := header.Open()
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	defer in.Close()
	_, err = h.Files.Add(ctx, files.Upload{Owner: owner, Name: header.Filename, Content: in, Size: header.Size})
	e, ours := fault.As(err)
	switch {
	case err == nil:
		return nil, nil
	case ours && e.Kind == fault.Invalid && len(e.Fields) > 0:
		return refused(header.Filename, e.Fields[0].Key, e.Fields[0].Args), nil
	case ours && e.Kind == fault.Unavailable: // no scanner, no space: the words say that nothing typed was lost
		return refused(header.Filename, e.Key, e.Args), nil
	}
	return nil, err
}

// refused names the file: several may have come at once.
func refused(name, key string, args map[string]any) []fault.Field {
	return []fault.Field{{Name: "file", Key: "portal.file.refused", Args: map[string]any{"Name": name, "Why": i18n.Phrase{Key: key, Args: args}}}}
}
