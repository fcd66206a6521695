package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/identity"
	"minqing/internal/web"
)

type registerPage struct{ AccountDeps }

type registerForm struct {
	Name     string `form:"name"`
	Email    string `form:"email"`
	Password string `form:"password"`
}

type registerView struct {
	web.Page
	Open     bool
	Sent     bool
	Name     web.Field
	Email    web.Field
	Password web.Field
	Send     web.Button
}

func (h *registerPage) show(c *gin.Context) error {
	return h.Kit.Show(c, "portal/register", h.view(c, registerForm{}))
}

func (h *registerPage) view(c *gin.Context, f registerForm) *registerView {
	return &registerView{Page: h.Kit.Page(c, web.Say("signin.register.title")), Open: h.Identity.CanRegister(),
		Name: web.Field{Name: "name", Label: web.Say("signin.register.name"), Hint: web.Say("signin.register.name.hint"), Value: f.Name,
			Complete: "name", Width: "20", Optional: true},
		Email: web.Field{Name: "email", Label: web.Say("signin.email"), Hint: web.Say("signin.register.email.hint"), Value: f.Email,
			Type: "email", Complete: "username", Width: "30"},
		Password: web.Field{Name: "password", Label: web.Say("signin.password"), Complete: "new-password",
			Hint: web.Say("signin.register.password.hint", "Min", identity.PasswordLeast)},
		Send: web.Button{Words: web.Say("signin.register.send")}}
}

// send answers alike whether the address has an account or not.
func (h *registerPage) send(c *gin.Context) error {
	var f registerForm
	err := web.Decode(c, &f)
	if err == nil {
		err = h.Identity.RegisterCitizen(c.Request.Context(), identity.NewAccount{Email: f.Email, Name: f.Name, Password: f.Password,
			Locale: string(web.Lang(c))})
	}
	if err != nil {
		v := h.view(c, f)
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Name, v.Email, v.Password = v.Bind(v.Name), v.Bind(v.Email), v.Bind(v.Password)
		return h.Kit.Show(c, "portal/register", v)
	}
	c.Redirect(http.StatusSeeOther, "/register/sent")
	return nil
}

func (h *registerPage) sent(c *gin.Context) error {
	return h.Kit.Show(c, "portal/register", &registerView{Page: h.Kit.Page(c, web.Say("signin.sent.title")), Sent: true})
}
