package outreach

import (
	"fmt"

	"minqing/internal/i18n"
)

// Pattern is a segment that any authority has use for. Nobody is in it: somebody opens it in the
// builder, says which unit it is for, changes what is different there, and saves it as their own.
type Pattern struct {
	Code       string
	Name       i18n.Text
	Purpose    Purpose
	Basis      Basis
	BasisText  i18n.Text // of the mainland's law, where the segment answers a duty of it
	Definition string    // JSON; a condition without values is to be filled in
}

// Patterns are offered in this order.
var Patterns = []Pattern{
	{
		"new-enterprises", i18n.Text{i18n.ZhHant: "新設 90 日內企業", i18n.ZhHans: "新设90日内企业", i18n.En: "Enterprises established within 90 days"},
		Offer, LegalDuty, i18n.Text{i18n.ZhHant: "《優化營商環境條例》第 19 條：為新設企業提供辦事指引。", i18n.ZhHans: "《优化营商环境条例》第 19 条：为新设企业提供办事指引。", i18n.En: "Regulations on Optimizing the Business Environment art. 19: guidance for those who set up an enterprise."},
		`{"op":"all","of":[{"op":"cond","leaf":"kind","with":{"is":"enterprise"}},{"op":"cond","leaf":"established","with":{"within":90}}]}`,
	},
	{
		"permits-ending", i18n.Text{i18n.ZhHant: "許可證 60 日內到期", i18n.ZhHans: "许可证60日内到期", i18n.En: "Permits that end within 60 days"},
		Notice, LegalDuty, i18n.Text{i18n.ZhHant: "《行政許可法》第 50 條：延續許可應於屆滿 30 日前申請。", i18n.ZhHans: "《行政许可法》第 50 条：延续许可应在届满三十日前申请。", i18n.En: "Administrative Licensing Law art. 50: a renewal is applied for 30 days before the end."},
		`{"op":"all","of":[{"op":"cond","leaf":"permits","with":{"ends":60}}]}`,
	},
	{
		"repeated-contact", i18n.Text{i18n.ZhHant: "同一事項重複反映", i18n.ZhHans: "同一事项重复反映", i18n.En: "Came back about the same matter"},
		FollowUp, LegalDuty, i18n.Text{i18n.ZhHant: "國辦函〔2025〕66 號：合併重複訴求，改善辦理。", i18n.ZhHans: "国办函〔2025〕66 号：合并重复诉求，改进办理。", i18n.En: "Guobanhan [2025] 66: repeated requests are joined, and handling is mended."},
		`{"op":"all","of":[{"op":"cond","leaf":"repeated","with":{"at_least":2,"within":90}}]}`,
	},
	{
		"bad-grade-no-contact", i18n.Text{i18n.ZhHant: "差評後無人再聯絡", i18n.ZhHans: "差评后无人再联系", i18n.En: "Judged badly and not contacted since"},
		FollowUp, LegalDuty, i18n.Text{i18n.ZhHant: "國辦發〔2019〕51 號：差評應回訪核實並整改。", i18n.ZhHans: "国办发〔2019〕51 号：差评应回访核实并整改。", i18n.En: "Guobanfa [2019] 51: who judged badly is called back, and the matter is mended."},
		`{"op":"all","of":[{"op":"cond","leaf":"graded","with":{"max":2,"within":90,"contact":"none"}}]}`,
	},
	{
		"elders-by-phone", i18n.Text{i18n.ZhHant: "只用電話的長者", i18n.ZhHans: "只用电话的老年人", i18n.En: "Elders who rely on the telephone"},
		Notice, Benefit, i18n.Text{i18n.ZhHant: "《無障礙環境建設法》第 35 條：為老年人保留電話服務。", i18n.ZhHans: "《无障碍环境建设法》第 35 条：为老年人保留电话服务。", i18n.En: "Barrier-Free Environment Law art. 35: service by telephone is kept for the elderly."},
		`{"op":"all","of":[{"op":"cond","leaf":"age","with":{"min":65}},{"op":"cond","leaf":"need","with":{"in":"phone_only"}}]}`,
	},
	{
		"people-near-works", i18n.Text{i18n.ZhHant: "施工影響地區的住戶與企業", i18n.ZhHans: "施工影响地区的住户与企业", i18n.En: "People and enterprises in an area with works"},
		Notice, LegalDuty, i18n.Text{i18n.ZhHant: "《城市道路管理條例》第 35 條：挖掘道路應公告並減少影響。", i18n.ZhHans: "《城市道路管理条例》第 35 条：挖掘道路应公告并减少影响。", i18n.En: "Regulations on Urban Roads art. 35: digging is announced and its effects kept small."},
		`{"op":"any","of":[{"op":"cond","leaf":"works","with":{"soon":14}},{"op":"cond","leaf":"cases","with":{"within":90,"works":"yes"}}]}`,
	},
}

// PatternOf finds a pattern by its code.
func PatternOf(code string) (Pattern, bool) {
	for _, p := range Patterns {
		if p.Code == code {
			return p, true
		}
	}
	return Pattern{}, false
}

// Draft is what the builder begins with; it has no unit yet.
func (p Pattern) Draft() (Draft, error) {
	root, err := Parse([]byte(p.Definition))
	if err != nil {
		return Draft{}, fmt.Errorf("read the pattern %s: %w", p.Code, err)
	}
	return Draft{Name: p.Name, Purpose: p.Purpose, Basis: p.Basis, BasisText: p.BasisText, Root: root}, nil
}

// Filled says that every condition has a value.
func (n *Node) Filled() bool {
	_, leaves := n.Leaves()
	for _, l := range leaves {
		if len(l.With) == 0 {
			return false
		}
	}
	return true
}
