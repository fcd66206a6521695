package i18n_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// foreign are the words that one side of the strait has and the other has not,
// with what they are called here. Converting characters does not find them.
var foreign = map[string]map[string]string{
	"zh-Hant": {"答覆": "答復", "辦件": "案件", "超期": "逾期", "派單": "分案、派案", "退單": "退件", "改派": "改分", "工作天": "工作日", "並單": "併案",
		"協辦": "會辦", "審計": "稽核", "脫敏": "遮罩", "回避": "迴避", "滿意率": "滿意度", "短信": "簡訊", "默認": "預設", "登錄名": "帳號", "賬號": "帳號", "賬戶": "帳號",
		"軟件": "軟體", "打印": "列印", "視頻": "影片", "屏幕": "螢幕", "服務器": "伺服器", "鼠標": "滑鼠", "鏈接": "連結", "令牌": "權杖", "出租車": "計程車", "公交": "公車"},
	"zh-Hans": {"案件": "办件", "逾期": "超期", "派案": "派单", "分案": "派单", "退件": "退单", "改分": "改派", "工作天": "工作日", "并案": "并单", "撤案": "撤回",
		"展期": "延期", "稽核": "审计", "遮罩": "脱敏", "陈情": "信访", "民众": "群众", "答覆": "答复", "简讯": "短信", "预设值": "默认值", "登入": "登录", "帐号": "账号",
		"软体": "软件", "列印": "打印", "影片": "视频", "萤幕": "屏幕", "伺服器": "服务器", "滑鼠": "鼠标", "连结": "链接", "权杖": "令牌", "计程车": "出租车", "公车": "公交",
		"资讯": "信息", "网路": "网络", "讯息": "消息", "搜寻": "搜索", "储存": "保存", "透过": "通过"},
}

func TestEachSideOfTheStraitReadsItsOwnWords(t *testing.T) {
	line := regexp.MustCompile(`^"?([a-z0-9_.]+)"? = "(.*)"$`)
	for lang, words := range foreign {
		files, err := filepath.Glob(root + "/locales/*." + lang + ".toml")
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, l := range strings.Split(string(body), "\n") {
				hit := line.FindStringSubmatch(l)
				if hit == nil {
					continue
				}
				for word, ours := range words {
					if strings.Contains(hit[2], word) {
						t.Errorf("%s %s: %s is called %s here", filepath.Base(file), hit[1], word, ours)
					}
				}
			}
		}
	}
}
