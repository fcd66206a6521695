package replies

import "minqing/internal/text"

// The words are written as text.Normalise leaves them: one script, lower case.
var (
	// politeForm are phrases that stand in any reply and answer none.
	politeForm = text.Form(`(?:尊敬的)?(?:网友|市民|先生|女士|朋友|同志|民众|陈情人)?[^，,。 ]{0,6}[:：,，]?您好|您好|你好|` +
		`(?:您|你)?(?:的)?(?:留言|来信|来电|反映|诉求|问题|意见|建议|陈情|案件|信件)(?:已|业已|均已)(?:收悉|收到|知悉|获悉|敬悉|转|交|受理)[^，,]{0,20}|` +
		`(?:衷心|非常|十分|再次)?(?:感谢|谢谢)[^，,]{0,30}|我们(?:对此)?(?:非常|十分|高度)?重视[^，,]{0,20}|高度重视[^，,]{0,20}|` +
		`(?:我们|本局|本处|本机关|我局|本市|将|会)*(?:尽快|积极|持续|认真|严肃|妥善|进一步)(?:地)?(?:处理|研究|办理|核实|调查|改进|改善|努力|跟进|督促|核处|检讨|落实|予以)[^，,]{0,12}|` +
		`(?:敬请|请您?|望)(?:予以)?(?:谅解|理解|见谅|支持|配合|包涵|察照|知悉|谅察)[^，,]{0,10}|造成(?:您的)?不便[^，,]{0,12}|深表歉意|(?:顺颂|敬祝|祝)[^，,]{0,14}|` +
		`(?:现将|现就)[^，,]{0,20}(?:答复|回复|说明)如下|(?:答复|回复|说明)如下|特此(?:答复|回复|函复)|` +
		`dear [a-z .]{1,30}|(?:thank you|thanks)[^,]{0,80}|we (?:have )?received your [^,]{0,30}|we (?:take|are taking) (?:this|it|your)[^,]{0,40}seriously|` +
		`(?:we |this )?(?:will|shall) be (?:dealt with|looked into|handled|processed)[^,]{0,30}|we (?:will|shall) (?:look into|handle|process|deal with|follow up)[^,]{0,30}|` +
		`we apologi[sz]e[^,]{0,40}|sorry for[^,]{0,40}|(?:yours sincerely|kind regards|best regards|yours faithfully)`)

	// groundsForm is a rule that is named, or a fact that somebody found out.
	groundsForm = text.Form(`《[^》]{2,}》|依据|根据|依照|按照|依法|依[^，。]{1,20}(?:规定|法|办法|条例|要点)|第 ?[0-9一二三四五六七八九十百]{1,5} ?[条款项]|法规|规定|政策|标准|` +
		`经[^，。]{0,14}(?:查|核|了解|调查|调阅|勘|检|测|会同|研究|协调|联系|联络|到场|询)|查明|查证|核实|核查|调查|现场|实地|会勘|勘查|属实|原因|因为|由于|系因|肇因|检测|测得|实测|监测|` +
		`派员|派人|执法人员|工作人员|巡查|稽查|已于|目前|现状|\bunder (?:the|section|article|rule)\b|\b(?:section|article|act|regulation|ordinance|law|rule|policy|standard|permit)s?\b|` +
		`\baccording to\b|\bbecause\b|\bcaused? by\b|\bdue to\b|\b(?:inspected|inspection|checked|found|measured|tested|surveyed|visited|investigated|examined|recorded|site)\b`)

	// nextForm is a step, a time or somebody to ask.
	nextForm = text.Form(`[0-9一二三四五六七八九十]{1,4} ?(?:月|日|号|个工作日|工作日|天|周|小时|年|季度)|电话|联系|联络|洽|拨打|热线|分机|来电|咨询|地址|窗口|信箱|邮箱|网站|网址|` +
		`将(?:于|在|会|按|对|由|继续|加|进|依|要|尽|组|安|把|根|督|及|协|纳|积)|拟于|预计|预定|计划|下一步|后续|接下来|届时|随时|可以?(?:向|于|到|至|在|通过|拨|上|凭|依)|请您?(?:向|于|到|至|在|携|备|检|按|与)|建议您?|` +
		`已(?:经|于)?(?:完成|修复|修好|改善|整改|清理|清除|更换|处理|办结|解决|责令|要求|督促|移送|函请|拆除|开|安排|纳入|列入)|诉愿|复议|诉讼|申诉|不服|要求[^，。]{0,20}(?:整改|限期|停止)|限期|责令|` +
		`\b(?:call|contact|telephone|phone|email|write to|apply|visit|appeal|review|hotline|counter|office hours)\b|\bwithin [0-9a-z]+ (?:working )?(?:days?|weeks?|months?|hours?)\b|` +
		`\b(?:by|on|until|from|before|in) (?:[0-9]{1,2}|monday|tuesday|wednesday|thursday|friday|january|february|march|april|may|june|july|august|september|october|november|december|next)\b|` +
		`\bnext (?:step|week|month)\b|\b(?:has|have) been (?:repaired|fixed|completed|replaced|removed|cleaned|ordered)\b|\bwe will (?:repair|replace|inspect|send|install|clean|remove|write|call)\b|\byou (?:can|may)\b`)
)

// Characters that differ between the scripts, the most frequent of each, and
// none that both use.
const (
	traditional = "這們個時為來對發說國問經過還樣現進動學開關車長東書見請辦處單員實應當會與業務機構電話訊號區縣鄉鎮鋪設備環衛類產權規則條紀錄線網絡運營費價錢資質選擇總統計劃導領歷應該讓該變從眾陳訴復檢查驗測試許證號碼負責調節約東麼點億萬歲樓層門戶園廣場圖書館醫療護養親屬婦兒師範專職場價貼購買賣圍牆樹葉燈橋隊軍陸續總結論語聽聲聞講識認"
	simplified  = "这们个时为来对发说国问经过还样现进动学开关车长东书见请办处单员实应当会与业务机构电话讯号区县乡镇铺设备环卫类产权规则条纪录线网络运营费价钱资质选择总统计划导领历该让变从众陈诉复检查验测试许证码负责调节约么点亿万岁楼层门户园广场图馆医疗护养亲属妇儿师范专职贴购买卖围墙树叶灯桥队军陆续结论语听声闻讲识认"
)
