"""Words that make no claim of their own, so that every other word can be told to be unknown.

A sentence passes only if each of its words is here or in the lexicon. Words of state or degree
(sick, fine, big, better) do not belong here: they would be claims that nothing compares.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH_PLAIN = _words("""
impression further step steps reviewed saw looked versus vs contain contains contained containing represent represents represented representing reflect reflects reflected rests rest link links linked indeed essential serves serve serving very stays stay clinically need-to
may-be whether or deems deem regards rather quite fairly somewhat presently currently thereof
highlighting ranks ranked registers registered crucial vital imperative useful helpful interpretation
significance relevant relevance meaningful a about above-mentioned academic accepted according accordingly account accounting accumulates
accuracy accurate across act acting action additionally advice advisable advise advised
advises aforementioned after again aged aid aid's aids algorithm's all almost alone alongside
already also am an and any applied apply approximately are around arrived as assign
assigned assigns associated associates association at attending attention attribute attributed
attributes automated automatic automatically available away based basis be bear bears
because been before being below between board-certified both by calculated calculates
calibrated calibration came can care careful carefully carried carries carry case cases category
caution cautious cautiously caveat caveats center centered centering centers centre centred
centres centring certified check checked chiefly choose chosen circa class classes classification
classifier's clinic clinical clinically clinician's coincides combination combined come comes
complete compute computed computes concentrate concentrated concentrates concentration concerning
configured confirm confirmation conjunction consequently consider consideration considered
considering content context contributed contributes contribution correlate correlated correlation
corresponds covers cxr decimal decimals decision define defined demonstration derived determined
did different directed directly disclaimer do does dominant done down drawn draws drew driven
drives driving during e.g each education educational eg either elsewhere emphasis emphasised
emphasises emphasizes encouraged ensure entire especially estimate estimated estimates etc even
every exam examination exists experienced expert experts explain explained explaining
explains explanation explanatory explicitly express expressed expresses fact facts
factual fall falls fell figure figures film film's films finally first fixed focus focused focuses
focusing focussed focusses following for form formally frontal full furthermore gathers gave
generate generated generates get gets give given gives global globally go goes going
grounds group groups guidance had has have having he help helping helps hence here hereby
herein hereunder holds hospital hospitals how however human i i.e id identifier ie if illustration
illustrative image images imaging important importantly in independently individually influence
influenced influential inside institution institutions integrate integrated integration interpret
interpretable interpretation interpretations interpreted interpreting into is it its itself
jointly just keep keeping kept kind label labeled labelled labels lands largely lastly lay
lead leads leave leaves leaving led let level levels lie lies light limit limitation limitations
limited line listed local localised located lone lying made main mainly make makes making manner
marked marking marks means measure measured measures medical merely mode model's
moreover most mostly must namely nearly network's next nor note notice number numbers numeric
numerical obtained of off on once one ones only onto operating or order other others our out
output outputs outputted outside over overall overlaps overlie overlies overlying own part
particularly parts passed patient patient's patients peak peaking peaks per percent performance
performed person persons picture pictures place placed places please pointing points population
populations positioned ppv predefined predominantly prescribed present's preset
primarily produce produced produces professional professionals projected projection projections
projects provided purpose purposes put puts qualified radiograph radiographs radiography
raw ray rays re-read read reading readings reads receive received receives recognised recommend
recommendation recommendations recommended recommends regarding regards related relates relating
relation reliability reliable rely relying remit report reported reporting reports reread research
respect respectively responsible result resulting results return returned returning returns review
 reviewing reviews role roughly run runs said same sat scan scope
scores second section select selected sense sentence separately set sets setting shall
sheet should sign-off signed simply since single sit site sites sits situated so sole some source
sources specifically specified stand standing stands state stated states stating statistical still
stood stored strictly studies study subject submitted such suggests summary supplemented
supplied system's take taken takes teaching technical technically technique text texts than that
the their them themselves then there thereby therefore these they third this those through thus to
together too tool total toward towards trained treating trust trusted type unavailable
uncalibrated uncertain uncertainty understand understood undertaken unit units unreliable until up
uploaded upon upright use used uses using value values verification verified verify version via
view views visual visualisation visualization viz warn warning warnings warns was way we weigh
weighed weighing weighted weights well-defined went were what when whether which while who whole
whom whose why will with within work worked works would x x-ray x-rays xray yes yet yield yielded
yields you your radiological radiologic entirely band bands original originals relative relatively specific individual individuals accompanying respect corresponding class classed
contributor contributors designed design include includes including allow allows permit permits
permitted enable enables designated denote denotes denoting deliver delivers delivered supply
submit processing processed pipeline input inputs allotted graded grading awarded awards
grants principally guided assist assists assistive assistance adjunct adjunctive complementary
complement supplementary prudent conservative contextual separate discuss discussion summarise
summarised summarizes summarized overview brief concise briefly generally typically usually
commonly standard conventional default predetermined pre-specified prespecified
preselected adopted applying employ employed employs utilise utilised utilizes underlying basing
attached likewise similarly equally whereby wherein pertaining pertains reference references
referring refers refer cite cited quoting quote quoted displays display displayed displaying
illustrate illustrates illustrated plotted mapped maps mapping overlay overlaid intensity
approximate amounting totalling rules tag tags categorised categorized tier status interpretive
viewer service services user users operator operators researcher investigational experimental
prototype intention implication implications restricted domain breadth width clarity clarify
clarified clarification pending awaiting await ultimately eventually initially key core purely
anatomy anatomical anatomically database archive entry entries item items element elements
component components achieve achieved achieves acquire acquired termed named proposed requested
requests request asks asked ought straddles encloses overlap overlapping
""")
"""Exact forms; the reader also takes their plain inflections."""

CHINESE_PLAIN = _words("""
医学
鉴于 列入 来看 综合来看 总体来看 从结果看 包含 包括 囊括 涵括 标明 注明 标示 载明
给定 设为 定为 设于 设在 取值 所列 可知 得知 进而 借此 而言 来说 尚待 有待 待
须待 随后 截至 迄今 偏向 集中度 重合 图中 图上 视觉上 清单 事实清单 数据表 记录
录入 登记 载入 文中 叙述 概述 简述 归纳 总体而言 总的来看 简言之 换言之 也就是说
诸如 譬如 尤其 特别 特别是 较为 相当 十分 非常 颇 相等 相当于 约合 折合 换算
百分率 比率 小数点 精度 保留 四舍五入 取 落入 归入 归于 归属 划归 划为 列为 分为
分到 被判 被归 被列 被评 评为 评得 打出 赋分 测算 预测 预估 推测 推算 预计 估测
校正 参数 参数值 指标 基准 规则 要求 用户 操作者 科室 院内 院方 核查 查阅
参阅 审慎 慎用 切记 务请 敬请 参考价值 提供参考 初步 初步结果 初步判断 暂 暂时 暂定
本身 病情 自身 比 具有 具 为主 主 原图 原始图像 原始影像 原片图像
以上结果 以上内容 以上发现 以上数值 全部 所有 据此
侧别 侧 用 用模型 完全 彻底
属 准 为准 面向 是否 既 尚 认为 首要 首先 部 具体肺野 已 即可 仅作 凡 但凡 作参考 供参考 参见 详见 显影 可疑处 疑有 见有
意见 最终 最后意见 需经 经由 均需 后续 予以重视 重视 相结合 结合起来 一同 加上 同 如有 如需 其为 之一 亦需 亦应 亦为
的 地 得 了 着 过 是 为 在 于 与 和 及 以及 或者 并 并且 且 而且 也 亦 都 均 皆
就 才 又 再 还 把 被 将 对 对于 关于 由 从 自 向 往 以 因 因此 因而 所以 故 若 如
如果 则 即 其 该 此 本 这 那 这些 那些 它 他 她 其中 之 者 所 等 等等 个 一个 一张
张 份 一份 例 项 一项 种 类 次 单 单一 单张 单个 根据 依据 按照 按 据 依 基于 结合
通过 经 经过 针对 有关 相关 相应 相对 整体 总体 整张 综上 综上所述 总之 总的来说 具体
具体而言 分别 主要 主要位于 主要集中 约 大约 约为 大致 大概 近似 左右浮动 为止 当前 目前
现 本次 本例 本片 本图 本报告 本文 本研究 本系统 该片 该图 该例 此片 此图 胸片 x线 X线
x光 X光 x 胸部x线 正位 正位片 正位胸片 胸部正位片 影像 影像学 图像 图片 片子 片 照片
平片 胸部平片 检查 本检查 摄片 拍摄 上传 提交 投照 患者 受检者 病人 被检者 报告 报告单
文本 文字 内容 部分 章节 摘要 总结 印象 结论为 说明 给出 给予的 输出 得到 得出 计算
计算出 测得 赋予 判为 算得 评估为 估计为 估计 估算 返回 产生 生成 计 计为 显示为 示 表明
指出 反映出 对应 对应于 对应的 涉及 关联 认定 予以 列出 报出 报告的 位于 位 集中 集中于
集中在 聚焦 聚焦于 中心 中心位于 为中心 峰值 落在 落于 落 处于
处在 处 在于 指向的 所指 所在 分布 分布于 集中区 投影 投影于 重叠 内 里 中 方面
范围 以内 之内 见于 最 大部分 多数 绝大部分 多 贡献 关注 重点 校准 校准后
校准后的 经校准 经校准的 原始 统计 统计学 数 数字 百分之 预设 设定 设定的 设置 选定 选用
选择 所选 所用 采用 所采用 存储 固定 规定 规定的 既定 既定的
模式 判定 分级 分类 标签 类别 级别 水平 标准 参考 参考值 仅供 供 研究 科研 教学 教育
教学使用 研究和教学 科研与教学 之用 使用 用途 目的 学术 演示 仅用于 局限 局限性 限制 注意
请注意 需注意 须注意 谨慎 慎重 小心 提醒 提示性 警告 声明 免责 免责声明 重要 备注 解释
解读 解释性 说明性 辅助 辅助解释 帮助 辅助手段 手段 可视化 直观 理解 工具性 展示 示意 用来
用以 有助于 助于 便于 建议 推荐 请 应该 应由 需由 须由 宜 进行 作 作出 做 做出 加以
综合 综合判断 综合考虑 综合分析 进一步 共同 一并 联合 配合 参照 核实 核对 审核 复核 审阅
阅片 阅读 判读 判断 确认后 签字 签发 把关 有资质 有资质的 资深 专业 执业 负责 具有资质
人工 医院 一家医院 单一医院 一家 单中心 机构 单位 家 来源 群体 人群以外 其他人群 不同人群
人群 外部 年 一 可 可以 能 能够 会 应 要 需 必 须 只能 方可 方能 前 后 前须 之后
以后 使用前 任何使用 时 时候 情况 情况下 条件 当 期间 区别 不同 不一致 一致性 仅此 如此
同样 同时 此处 这里 上述 以上所述 下述 以下内容 如下 所述 该项 此项 该数值 此数值 该概率
该值 该结果 该发现 该征象 该评分 本结果 此结果 上述结果 结果 技术
接受 通过准入 版本 编号 名称 标识 优先 首先 其次 最后 另请 事实 事实表 数据
依据的 整个 全 全片 整体评分 间 二者 两者 三位 小数 像素 标记 至少 至多 最多 最少
亮 暗 颜色 作用 功能 方式 方法 角度 意义 性质 目的在于 目标 单独 单独地 独立地 分开
""")
"""Taken by the longest match, after the lexicon's phrases of the same length."""
