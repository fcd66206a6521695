package enterprise

import (
	"context"
	"mime/multipart"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
)

// keepPapers keeps the files of one input and says which were refused. A form that
// fails has lost its files: no browser lets us give them back, so that they are
// dropped, and asked for again.
func (d HouseDeps) keepPapers(c *gin.Context, name, owner string) (came int, problems []fault.Field, err error) {
	if c.Request.MultipartForm == nil {
		return 0, nil, nil
	}
	for _, header := range c.Request.MultipartForm.File[name] {
		if header.Filename == "" {
			continue
		}
		came++
		found, err := d.keepPaper(c.Request.Context(), name, owner, header)
		if err != nil {
			return came, nil, err
		}
		problems = append(problems, found...)
	}
	return came, problems, nil
}

func (d HouseDeps) keepPaper(ctx context.Context, name, owner string, header *multipart.FileHeader) ([]fault.Field, error) {
	in, err := header.Open()
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	defer in.Close()
	_, err = d.Files.Add(ctx, files.Upload{Owner: files.Owner{Kind: files.Draft, ID: owner}, Name: header.Filename, Content: in, Size: header.Size})
	e, ours := fault.As(err)
	switch {
	case err == nil:
		return nil, nil
	case ours && e.Kind == fault.Invalid && len(e.Fields) > 0:
		return refusedPaper(name, header.Filename, e.Fields[0].Key, e.Fields[0].Args), nil
	case ours && e.Kind == fault.Unavailable:
		return refusedPaper(name, header.Filename, e.Key, e.Args), nil
	}
	return nil, err
}

func refusedPaper(field, name, key string, args map[string]any) []fault.Field {
	return []fault.Field{{Name: field, Key: "portal.file.refused", Args: map[string]any{"Name": name, "Why": i18n.Phrase{Key: key, Args: args}}}}
}

// again drops the documents of an act that failed, and asks for them once more
// beside what is to be mended.
func (d HouseDeps) again(ctx context.Context, name, owner string, failed error) error {
	if err := d.Enterprises.DropPapers(ctx, owner); err != nil {
		return err
	}
	e, ok := fault.As(failed)
	if !ok || e.Kind != fault.Invalid {
		return failed
	}
	return fault.InvalidInput(append(append([]fault.Field(nil), e.Fields...), fault.Field{Name: name, Key: "house.papers.again"})...)
}
