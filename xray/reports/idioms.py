"""Set phrases that mean something else than their words, and everyday words for known concepts.

They are read before the lexicon's own entries of the same length.
"""

from __future__ import annotations

from xray.reports.lexicon import Tag


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.replace("\n", " ").split(",") if phrase.strip())


ENGLISH_IDIOMS: dict[Tag, dict[str, tuple[str, ...]]] = {
    Tag.WORD: {
        "": _phrases("""
        dear colleague, dear colleagues, dear doctor, dear dr, dear parent, dear parents, dear patient, double check,
        double checked, double checking, precedence over, priority over, enough to raise, enough to trigger,
        enough to flag, enough for a flag, whether or not,
        like this, more or less, rather than relying, in the first place, first of all, in other words,
        at the chosen, at its chosen, of interest, at most a, by no means least, in its own right, as a whole,
        on its own, on their own, by itself, as such, at hand, short answer, in short, to sum up, to be clear,
        to put it simply, put simply, simply put, generally speaking, strictly speaking, roughly speaking, needless to say,
        last but not least, at the very least, out of, as well, as well as, at all, in all, to the point,
        point of view, more precise, more exact, more specific, more detailed, second look, second opinion, second read, second reader, second pair of eyes, in point of fact, up to now, so far, as far as, in so far as, insofar as""")
    },
    Tag.NEAR: {
        "": _phrases("""
        close call, too close to call, coin toss, a toss up, toss up, on the fence, sits on the fence, either way,
        make up its mind, makes up its mind, not make up its mind, could not make up its mind, can not make up its mind,
        hovers around, hovers near, hovering around,
        hovering near, right around the, right at the threshold, right at the cut, right at the operating, right on the threshold, right by the threshold,
        a hair, a shade, a whisker, a touch, a fraction, hugging, hugs, straddling, knife edge, neck and neck, coincides with, practically equal, nearly equal,
        almost equal, virtually equal, almost identical, nearly identical, practically identical, very similar, hardly differs,
        barely differs, not clear cut, not a clear call, fine line, middle ground, no man's land, gray area, grey area""")
    },
    Tag.BELOW: {"": _phrases("shy of")},
    Tag.WEAK: {
        "": _phrases(
            "little to suggest, little evidence, little reason, little indication, little sign"
        )
    },
    Tag.HEDGE: {
        "": _phrases("""
        more likely than not, argues for, argue for, arguing for, argues in favour, speaks in favour, lends support, leans towards,
        leans toward, leaning towards, leaning toward, lean towards, tends towards, inclines towards, points in the direction, raises concern,
        raises suspicion, raise suspicion, raising suspicion, under suspicion, in favour, in favor, reminiscent of, worth considering,
        should be considered, must be considered, has to be considered, needs to be considered, can be considered,
        worrisome for, worrying for, conceivably""")
    },
    Tag.NORMAL: {
        "": _phrases("""
        reason for concern, reasons for concern, reason to worry, cause for alarm, reason for alarm, anything wrong, something wrong,
        as expected, as one would expect, what one would expect, what would be expected, as hoped, as usual, usual, unchanged from normal,
        ordinary, should look like, should show, as they ought, as it ought, as they should, as it should, nothing wrong, all right, alright, in the clear, all clear, good news, nothing stands out, nothing out of the ordinary,
        out of the ordinary""")
    },
    Tag.NOT_ASSESSED: {
        "": _phrases("""
        outside what this, outside what it, outside what was, outside what is, beyond what this, beyond what the, beyond what it,
        beyond what was, beyond what is, outside of what, not part of, no part of, never part of, outside the purview,
        beyond the purview, outside its purview, outside the remit, outside the boundaries, outside the task, outside its task, left unexamined,
        left unaddressed, left unreported, left undescribed, unaddressed, unexplored, unreported, undescribed, uncommented, not looked at,
        were ignored, was ignored, are ignored, is ignored, not within its scope, not within the scope, not within scope""")
    },
    Tag.CERTAIN: {
        "": _phrases("""
        typical, classic, classical, textbook, has to be, have to be, can only be, could only be, can not be anything,
        can be nothing, nothing but, no other explanation, as good as certain, all but certain, beyond question""")
    },
    Tag.TREATMENT: {
        "": _phrases("""
        at once, right away, straight away, without delay, as soon as possible, asap, promptly, soon, in time, overnight, tonight""")
    },
    Tag.CHANGE: {
        "": _phrases("""
        as ever, same as ever, the same as ever, as always, once more, for the first time, any more, anymore, no longer, yet again, continues, continue, continuing,
        keeps coming, all along, lately, recently, recent, lowered, adjusted, gone, vanished, disappeared, reappeared, returned to""")
    },
    Tag.EXCLUDE: {
        "": _phrases("""
        out of the question, off the table, off the list, out of the picture, set aside, put aside, far fetched, put to rest,
        laid to rest, forget about""")
    },
    Tag.ATTRIBUTE: {"": _phrases("narrow, wide, broad, tight")},
    Tag.VIEW: {
        "lateral": _phrases(
            "standing up, lying down, sitting up, while standing, while lying, while sitting, patient standing, child standing, bedside, at the bedside, lying flat"
        )
    },
    Tag.CARE: {"": _phrases("action, actions, further action")},
    Tag.BARE: {"": _phrases("abnormal, abnormality, abnormalities, abnormally")},
    Tag.NEED: {"": _phrases("has to, have to, in need of, calling for")},
    Tag.ADVICE: {
        "": _phrases("""
        laboratory findings, laboratory results, laboratory data, laboratory tests, lab results, lab findings, physical examination,
        physical exam, physical findings, clinical course, clinical impression, exam findings"""),
        "person": _phrases("""
        treating physician, treating physicians, treating doctor, treating doctors, treating clinician, treating clinicians,
        treating team, attending physician, attending doctor, attending clinician, referring physician, referring doctor, referring clinician,
        responsible physician, responsible clinician, human reader, human readers, human eye, human expert, human review, human reviewer,
        human judgement, human judgment, colleague, colleagues, paediatrician, pediatrician, paediatricians, pediatricians, care team,
        healthcare team, health care team, healthcare provider, health care provider, healthcare providers, health care professional,
        consultant, parent, parents, family, mother, father, guardian, guardians, caregiver, caregivers, carer, carers, medic, medics, nurse, gp, practitioner, practitioners, radiology, radiology team, radiology department,
        trained reader, trained eye, board certified radiologist, qualified person"""),
    },
    Tag.HEAT: {
        "": _phrases("""
        map, maps, map's, attention maps, attention heat map, red area, brightest, brightest area, brightest part, bright area, hottest part, hottest area,
        hottest spot, marked area, marked region, marked zone, warm colours, warm colors, coloured area, colored area, model's attention, model's focus""")
    },
    Tag.FALLIBLE: {
        "": _phrases("""
        false, falsely, false positive, false positives, false negative, false negatives, false alarm, false alarms,
        false result, false results, wrong, wrongly, mistake, mistakes, mistaken, error, errors, err, errs,
        erroneous, erroneously, incorrect, incorrectly, correct, correctly, inaccurate, inaccuracy, misclassify, misclassified,
        misclassification, misclassifications, misjudge, misjudged, misread, overlook, overlooked, overlooks, overestimate,
        overestimates, overestimated, underestimate, underestimates, underestimated, fallible, imperfect, mislead, misleading, misled, true, truly,
        genuine, genuinely, real, really, spurious""")
    },
}

_ZH: dict[Tag, str] = {
    Tag.WORD: "一款 一下 看一下 听 那一块 这一块 是不是 有没有 对不对 之列 体内 几乎 大抵 对应 轻易 主要看 重点看 阈值线 好不好 高分 低分 不同于",
    Tag.NEAR: """
        持平 基本持平 几乎持平 两可之间 两可 五五开 一半一半 拿不准 吃不准 说不准 说不好 不好说 难说 难下定论 难以定论 难以下判断
        难以判断 难以断定 把握不大 把握有限 不敢肯定 不敢确定 不置可否 未置可否 不相伯仲 差不多 差不多相等 一线之隔 一步之遥 擦边 压线 踩线 卡线
        半信半疑 相差无几 相去不远 只差一点点 只差一点 差一点点 这么近 那么近 太近 很近 较近 不上不下 难分 难以区分 紧贴 紧邻 紧挨 紧挨着""",
    Tag.CHANGE: "刚开始 刚刚开始 初起 初发 刚出现 刚发生 开始出现 再次 再度 再现 又见 又有 再见 又出现 再出现 重现 重新出现 还在 仍在 尚在 依旧 依然存在 一直 仍然存在 仍旧存在 反复 反复出现 一再 逐渐 越来越",
    Tag.NEGATION: "看不到 看不见 读不到 得不到 无从",
    Tag.EXCLUDE: "不成立 不予考虑 可以不考虑 不考虑",
    Tag.ASSESS: "查看 检视 查验 打分 给分",
    Tag.STRONG: "有把握 很有把握 有信心 很有信心 比较有把握",
    Tag.PRESENT: "标出 圈出",
    Tag.AGE: "低龄 低龄儿童 幼龄 年幼 年幼儿童 小朋友 宝宝",
    Tag.POINT: "报警线 警戒线 判定线 预警线 及格线 这道线 这条线 分数线 门限 门槛值 报警阈值 提示阈值 判别阈值 判定界线 界线 红线 截点 阳性线 标准值",
    Tag.ABOVE: "高过 高于了 过了 迈过 跃过 高出了 越过了 跨过了 超出了 超过了 达到了 大过",
    Tag.BELOW: "没过 没到 未过 没达到 没有达到 还不到 尚不到",
    Tag.NOT_ASSESSED: """
        未查看 未看 未检视 未查验 未作任何评估 未做任何评估 未打分 未给分 没看 没有看 没评 没有评 没查 没有查 不看 不打分 未予查看 未做分析 未进行分析
        未进行检查 未作描述 不作描述 不予描述 未描述 不作任何描述 不作任何评价 不做任何评价 无法评述 不作说明 不作评论 不予评论 不做评论 没有分析
        没有检查 没有判断 没有打分 没有涉及 没有涵盖 没有覆盖 未作检查 未作说明 未做检查 无从评估 无从判断 无从评价 评估之外 均不评估 没有评估过
        不作评述 未作评述 未评述 未做描述 未予说明 没有说明 没有描述 没有评分 没有给分 未参与评估 不参与评估 不在评估内 不在评估之内 不在其列""",
    Tag.ADVICE: """
        看医生 找医生 问医生 咨询医生 请教医生 大夫 儿科医生 儿科医师 上级医师 上级医生 主管医师 主管医生 经治医师 接诊医生 接诊医师 首诊医师 值班医师
        放射科专家 影像专家 影像医师 影像医生 家长 父母 家属 家人 阅片者 读片医师 有经验的医师 有经验的医生 专业医生 专业医师 人工判断 人工阅片 人工复核 人工审核""",
    Tag.PROBABILITY: "置信程度 可能程度 把握程度 信心 信心度 自信度 可信度 得分率 概率分 风险值 风险分 评分值 分数值 计分 概率数值 概率得分",
    Tag.HEAT: "关注程度 热度 亮度 亮区 最亮处 热图区 红色区域 红区 暖色区 高亮处 标红 关注重点 着重点 注意点 焦点 重点区域 亮点 聚焦区 聚焦点",
    Tag.DISCLAIM: "获批 批准 获准",
    Tag.CERTAIN: "患病 的确 果真 属实 真的 真的是 真是 铁定 板上钉钉 十拿九稳 坐实 敲定 无误 当然是 就是得了",
    Tag.FALLIBLE: "误报 误判 误差 误读 误导 漏报 漏判 漏掉 遗漏 错判 错报 假阳性 假阴性 虚警 错误 差错 偏差 失误 出错 犯错 搞错 弄错 有误 不准 正确 属误 是对的 对的 没错 没有错 错的 是错的 错了 看错 判错 误诊 漏诊",
    Tag.REGION: "任何一个肺野 任一肺野 哪个肺野 某个肺野 任何一个区域 任何具体肺野 任何具体部位 任何部位 任何特定肺野 具体的肺野 明确的肺野 明确的部位 明确的位置 明确的定位 哪个部位 哪个区域 哪一肺野",
    Tag.LUNG: "肺部里 肺里 肺里面",
}  # fmt: skip
_ZH_MORE = "实验室检查 实验室结果 化验结果 体格检查 体检结果 查体 临床症状和体征 病程"
CHINESE_IDIOMS: dict[Tag, dict[str, tuple[str, ...]]] = {
    Tag.LEVEL: {
        "upper": ("靠上", "偏上", "上面", "上边", "上侧", "上端"),
        "lower": ("靠下", "偏下", "下面", "下边", "下侧", "下端"),
    },
    **{
        tag: {"person" if tag == Tag.ADVICE else "": tuple(words.split())}
        for tag, words in _ZH.items()
    },
}
COMPARING_NEAR = frozenset(
    {"a hair", "a shade", "a whisker", "a touch", "a fraction", "紧贴", "紧邻", "紧挨", "紧挨着"}
)
"""Near only before a comparison, as `slightly` is."""
UNDECIDED = (
    frozenset(ENGLISH_IDIOMS[Tag.NEAR][""]) | frozenset(CHINESE_IDIOMS[Tag.NEAR][""])
) - COMPARING_NEAR
"""That the score does not decide: true at the borderline, and elsewhere no contradiction."""
CHINESE_IDIOMS[Tag.ADVICE][""] = tuple(_ZH_MORE.split())
