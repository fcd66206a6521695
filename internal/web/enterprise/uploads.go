package enterprise

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/web"
)

// registerUploads mounts how a large file comes in parts, after the core of tus
// (tus.io 1.0.0): POST begins, HEAD says how many bytes have come, PATCH brings more.
// Upload-Complete is "?1" once the file is attached.
func (p *applicationPage) registerUploads(g gin.IRouter, verb web.Verb) {
	const all = "/:id/uploads"
	p.Kit.POST(g, all, verb, p.beginUpload, web.Throttle(60, time.Minute, web.ByActor))
	p.Kit.GET(g, all+"/:upload", verb, p.uploadState)
	p.Kit.PATCH(g, all+"/:upload", verb, p.appendUpload, web.Body(files.PartSize), web.Timeout(finishTime), web.Throttle(600, time.Minute, web.ByActor))
}

// finishTime is enough to look through the largest file and to keep it.
const finishTime = 5 * time.Minute

type uploadForm struct {
	Code   string `form:"code"`
	Name   string `form:"name"`
	Size   int64  `form:"size"`
	Digest string `form:"digest"`
}

func (p *applicationPage) beginUpload(c *gin.Context) error {
	var f uploadForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	up, err := p.Permits.BeginUpload(c.Request.Context(), c.Param("id"), f.Code, files.Beginning{Name: f.Name, Size: f.Size, Digest: f.Digest})
	if err != nil {
		return err
	}
	c.Header("Location", p.root+"/"+c.Param("id")+"/uploads/"+up.ID)
	answerUpload(c, up, http.StatusCreated)
	return nil
}

func (p *applicationPage) uploadState(c *gin.Context) error {
	up, err := p.Permits.Upload(c.Request.Context(), c.Param("id"), c.Param("upload"))
	if err != nil {
		return err
	}
	answerUpload(c, up, http.StatusNoContent)
	return nil
}

// appendUpload keeps what has arrived even where the connection was cut within it,
// and goes on when whoever sends is gone.
func (p *applicationPage) appendUpload(c *gin.Context) error {
	if _, err := p.Permits.Upload(c.Request.Context(), c.Param("id"), c.Param("upload")); err != nil {
		return err
	}
	offset, err := strconv.ParseInt(c.GetHeader("Upload-Offset"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	body, err := io.ReadAll(c.Request.Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), finishTime)
	defer cancel()
	up, err := p.Permits.Append(ctx, c.Param("id"), c.Param("upload"), offset, body)
	if err != nil {
		if e, ok := fault.As(err); ok && e.Key == "files.upload.offset" { // sent meanwhile is a Conflict too
			uploadHeaders(c, up)
		}
		return err
	}
	answerUpload(c, up, http.StatusNoContent)
	return nil
}

func uploadHeaders(c *gin.Context, up *files.Partial) {
	c.Header("Upload-Offset", strconv.FormatInt(up.Received, 10))
	c.Header("Upload-Length", strconv.FormatInt(up.Size, 10))
	if up.Done() {
		c.Header("Upload-Complete", "?1")
	}
}

func answerUpload(c *gin.Context, up *files.Partial, status int) {
	uploadHeaders(c, up)
	c.Status(status)
	c.Writer.WriteHeaderNow()
}
