package identity

import (
	"context"
	"net/netip"
	"strings"

	"minqing/internal/actor"
)

// Browser is a kind of browser on a kind of machine; either may be empty when
// nobody knows. Names are the makers' own, so they need no translation.
type Browser struct{ Name, System string }

// Looked for in this order: most browsers also name those that they resemble.
var (
	browserMarks = [][2]string{{"MicroMessenger/", "WeChat"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systemMarks = [][2]string{{"HarmonyOS", "HarmonyOS"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// browserOf reads the kind from a User-Agent header. Only names listed here come
// out of it: what a stranger wrote is never kept or shown.
func browserOf(header string) Browser {
	return Browser{Name: firstMark(header, browserMarks), System: firstMark(header, systemMarks)}
}

func firstMark(header string, marks [][2]string) string {
	for _, m := range marks {
		if strings.Contains(header, m[0]) {
			return m[1]
		}
	}
	return ""
}

// label is how the table keeps a kind of browser.
func (b Browser) label() string { return b.Name + "/" + b.System }

func browserLabelled(label string) Browser {
	name, system, _ := strings.Cut(label, "/")
	return Browser{Name: name, System: system}
}

type browserKey struct{}

func withBrowser(ctx context.Context, b Browser) context.Context {
	return context.WithValue(ctx, browserKey{}, b)
}

func browserFrom(ctx context.Context) Browser {
	b, _ := ctx.Value(browserKey{}).(Browser)
	return b
}

// maskedAddress is where the request comes from without its last part: enough
// to tell home from elsewhere. It is empty when nobody knows.
func maskedAddress(ctx context.Context) string {
	ip, err := netip.ParseAddr(actor.From(ctx).IP)
	if err != nil {
		return ""
	}
	if ip = ip.Unmap(); ip.Is4() {
		whole := ip.String()
		return whole[:strings.LastIndexByte(whole, '.')] + ".*"
	}
	network, err := ip.WithZone("").Prefix(48)
	if err != nil {
		return ""
	}
	return network.Addr().String() + "*"
}
