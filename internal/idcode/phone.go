package idcode

import "strings"

// Phone is a telephone number.
type Phone struct {
	E164      string // "+8613812345678"
	Region    string // "CN", "TW", "HK", "MO"; "" for the rest of the world
	National  string // as dialled inside the region: "13812345678", "01087654321", "0912345678"
	Extension string // digits behind #, ext, 轉, 分機
	Mobile    bool
}

// plan is the numbering plan of one region.
type plan struct{ region, country, trunk string }

var plans = []plan{{"CN", "86", "0"}, {"TW", "886", "0"}, {"HK", "852", ""}, {"MO", "853", ""}}

// ParsePhone reads a telephone number as typed. Without + or 00 it is read by
// the numbering plan of the region ("CN", "TW", "HK" or "MO"). Domestic service
// numbers (mainland 400 and 800, Taiwan 0800) have no E.164 form and are
// refused.
func ParsePhone(s, region string) (Phone, error) {
	number, extension, ok := splitExtension(s)
	if !ok {
		return Phone{}, ErrForm
	}
	number = upper(number)
	var digits strings.Builder
	for i := range len(number) {
		switch b := number[i]; {
		case digit(b):
			digits.WriteByte(b)
		case b == '+' && i == 0, b == '(', b == ')', b == '.', b == '/':
		default:
			return Phone{}, ErrForm
		}
	}
	d := digits.String()
	phone, ok := Phone{}, false
	switch {
	case strings.HasPrefix(number, "+"):
		phone, ok = international(d)
	case strings.HasPrefix(d, "00"):
		phone, ok = international(d[2:])
	default:
		for _, p := range plans {
			if p.region == region {
				phone, ok = p.national(d)
			}
		}
	}
	if !ok {
		return Phone{}, ErrForm
	}
	phone.Extension = extension
	return phone, nil
}

// splitExtension cuts "02-2345-6789 #123" and its like.
func splitExtension(s string) (number, extension string, ok bool) {
	if len(s) > 128 {
		return "", "", false
	}
	lower := strings.ToLower(strings.Map(narrow, s))
	for _, mark := range []string{"#", "ext.", "ext", "分機", "分机", "轉", "转", "x"} {
		if before, after, found := strings.Cut(lower, mark); found {
			after = upper(after)
			return before, after, allDigits(after) && len(after) <= 6
		}
	}
	return lower, "", true
}

// international reads the digits behind +.
func international(d string) (Phone, bool) {
	for _, p := range plans {
		if rest, ok := strings.CutPrefix(d, p.country); ok {
			rest = strings.TrimPrefix(rest, p.trunk) // "+86 (0)10" is a common slip
			return p.number(rest)
		}
	}
	if len(d) < 7 || len(d) > 15 || d[0] == '0' {
		return Phone{}, false
	}
	return Phone{E164: "+" + d, National: "+" + d}, true
}

// national reads a number as dialled inside the region.
func (p plan) national(d string) (Phone, bool) {
	if p.trunk == "" || p.region == "CN" && strings.HasPrefix(d, "1") && len(d) == 11 {
		return p.number(d)
	}
	if rest, ok := strings.CutPrefix(d, p.trunk); ok {
		return p.number(rest)
	}
	if strings.HasPrefix(d, p.country) && len(d) > 10 { // "8613812345678" without +
		return p.number(d[len(p.country):])
	}
	return Phone{}, false
}

// number checks a national significant number, without trunk prefix.
func (p plan) number(d string) (Phone, bool) {
	if len(d) < 7 || len(d) > 11 {
		return Phone{}, false
	}
	ok, mobile, dialled := false, false, p.trunk+d
	switch p.region {
	case "CN":
		mobile = len(d) == 11 && d[0] == '1'
		if mobile {
			ok, dialled = d[1] >= '3', d
			break
		}
		ok = mainlandFixed(d)
	case "TW":
		mobile = d[0] == '9'
		ok = mobile && len(d) == 9 ||
			d[0] >= '2' && d[0] <= '8' && (len(d) == 8 || len(d) == 9) && !strings.HasPrefix(d, "80")
	case "HK":
		mobile = d[0] >= '4'
		ok = len(d) == 8 && d[0] >= '2'
	case "MO":
		mobile = d[0] == '6'
		ok = len(d) == 8 && (mobile || d[0] == '2' || d[0] == '8')
	}
	return Phone{E164: "+" + p.country + d, Region: p.region, National: dialled, Mobile: mobile}, ok
}

// mainlandFixed accepts area code and subscriber number: 10 and 2x have two
// digits and eight behind, the others three and seven or eight.
func mainlandFixed(d string) bool {
	if d[0] == '2' || strings.HasPrefix(d, "10") {
		return len(d) == 10
	}
	return d[0] >= '3' && (len(d) == 10 || len(d) == 11) && !strings.HasPrefix(d, "400") && !strings.HasPrefix(d, "800")
}
