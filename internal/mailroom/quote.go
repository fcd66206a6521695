package mailroom

import (
	"strings"

	"minqing/internal/text"
)

var (
	// wrote is the line before a quotation: "On Monday, X wrote:", "在…写道：".
	wrote = text.Form(`(?i)^\s*(on\b.{3,200}\bwrote\s*:|.{3,200}(寫道|写道|來信|来信|wrote)\s*[:：])\s*$`)
	// original is the line above a whole mail that is repeated.
	original = text.Form(`(?i)^\s*-{2,}\s*(original message|原始邮件|原始郵件|原始訊息|原邮件|轉寄的郵件|转发邮件)\s*-{2,}\s*$`)
)

// unquoted is what somebody wrote themselves, and whether anything was cut off:
// a quotation at the end, a repeated mail, a signature. What is not surely one
// of them stays, and so does everything when nothing else would.
func unquoted(body string) (said string, rest bool) {
	lines := strings.Split(body, "\n")
	end := len(lines)
	for i, line := range lines {
		if original().MatchString(line) {
			end = i
			break
		}
	}
	end = unsigned(lines, withoutBlank(lines, end))
	if end > 0 && quoted(lines[end-1]) {
		for end > 0 && (quoted(lines[end-1]) || strings.TrimSpace(lines[end-1]) == "") {
			end--
		}
		for back := 1; back <= 2 && back <= end; back++ { // mail programs break the line before
			if wrote().MatchString(strings.Join(lines[end-back:end], " ")) {
				end -= back
				break
			}
		}
		end = withoutBlank(lines, end)
	}
	end = unsigned(lines, end)
	said = strings.TrimSpace(strings.Join(lines[:end], "\n"))
	if said == "" {
		return body, false
	}
	return said, said != strings.TrimSpace(body)
}

func quoted(line string) bool { return strings.HasPrefix(line, ">") }

func withoutBlank(lines []string, end int) int {
	for end > 0 && strings.TrimSpace(lines[end-1]) == "" {
		end--
	}
	return end
}

// unsigned leaves out a signature of at most ten lines (RFC 3676, 4.3).
func unsigned(lines []string, end int) int {
	for i := max(0, end-10); i < end; i++ {
		if lines[i] == "-- " || lines[i] == "--" {
			return withoutBlank(lines, i)
		}
	}
	return end
}
