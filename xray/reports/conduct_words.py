"""The words by which conduct.py judges what a report must not do; data, no rules."""

from __future__ import annotations

from xray.reports.reading_context import MODALS

FITNESS = frozenset(
    {"diagnosis", "diagnoses", "diagnose", "diagnosing", "approved", "validated", "final", "诊断"}
    | {"sufficient", "enough", "suffice", "licensed", "standalone", "stand alone", "诊断依据"}
    | {
        "valid",
        "settle",
        "settles",
        "certified",
        "decide",
        "decides",
        "最终",
        "诊断结论",
        "作出诊断",
        "作为诊断",
        "诊断用途",
        "下诊断",
        "最终诊断",
        "直接",
    }
)
"""Claims that a denial, or naming a person who decides, makes true."""
NEVER_OURS = frozenset(
    {"replace", "replaces", "replacing", "substitute", "substitutes", "reliable", "accurate"}
    | {
        "rely",
        "relied",
        "relies",
        "reliance",
        "依赖",
        "依靠",
        "trustworthy",
        "localise",
        "localises",
        "localize",
        "localizes",
        "pinpoint",
        "pinpoints",
    }
    | {"outline", "outlines", "delineate", "delineates", "取代", "代替", "替代", "可靠", "准确"}
    | {"有效", "定位", "病灶定位", "精确定位", "确定病灶", "医疗器械", "medical device"}
)
"""Claims that only a denial makes true."""
IN_USE = frozenset(
    {"used", "use", "uses", "apply", "applies", "suitable", "用于", "用作", "适用于", "适用"}
)
FIELD = frozenset(
    {"clinically", "临床", "adults", "成人", "any", "everywhere", "routine", "医院", "任何"}
)
NO_NEED = frozenset(
    {"无需", "不需", "不必", "不需要", "不用", "没有必要", "无必要", "可不", "可以不", "不必要"}
)
EXACT = frozenset({"exact", "exactly", "precise", "precisely", "精确", "确切"})
OLDER = frozenset(
    {"adult", "adults", "elderly", "older", "adolescent", "adolescents", "teenager", "infant"}
    | {
        "infants",
        "newborn",
        "neonate",
        "neonates",
        "成人",
        "成年人",
        "成年",
        "老年",
        "老人",
        "老年人",
    }
    | {"新生儿", "青少年", "少年", "中年", "青年", "婴儿"}
)
"""Groups that the training did not hold."""
NAMED = frozenset({"child", "children", "kid", "孩子", "小孩", "患儿", "儿童", "小儿"})
"""Who the patient is, without an age; the prompt names nobody, so the sentence is not shown."""
CHILD_BANDS = frozenset({"0-4", "5-9", "10-14"})
HOSPITALS = frozenset({"hospital", "hospitals", "clinic", "医院", "机构", "中心", "单位"})
SEVERAL = frozenset({"hospitals", "many", "several", "various", "multiple", "different"})
SEVERAL |= {
    "很多",
    "多",
    "多家",
    "许多",
    "几",
    "几家",
    "各",
    "各家",
    "多个",
    "数家",
    "不同",
    "其他",
    "其它",
}
"""The training held one hospital."""
IS = frozenset({"is", "are", "was", "represents", "是", "为", "就是"})
OURS = frozenset({"label", "score", "scores", "finding", "标签", "模型", "classifier", "评分"})
PATIENTS = frozenset({"patient", "child", "he", "she", "boy", "girl", "person", "患者", "患儿"})
PATIENTS |= {
    "病人",
    "受检者",
    "病患",
    "孩子",
    "小孩",
    "儿童",
    "小儿",
    "他",
    "她",
    "infant",
    "woman",
    "man",
}
SUFFERS = frozenset(
    {"has", "have", "had", "having", "with", "positive", "got", "developed", "develops", "shows"}
)
SUFFERS |= {
    "有",
    "存在",
    "得",
    "感染",
    "染上",
    "已有",
    "出现",
    "发生",
    "为",
    "是",
    "已",
    "带有",
    "presents",
    "exhibits",
}
CASES = frozenset({"it", "this", "这", "此", "该片", "本片", "这个"})
DONE = frozenset(
    {
        "correlated",
        "considered",
        "weighed",
        "interpreted",
        "reviewed",
        "verified",
        "checked",
        "kept",
    }
    | {
        "combined",
        "noted",
        "stressed",
        "remembered",
        "emphasised",
        "emphasized",
        "borne",
        "integrated",
    }
)
"""What `must be` may ask for without naming a disease."""
LEFT_TO = frozenset({"lies with", "rests with", "belongs to", "is up to", "up to"})
ORDERS = frozenset({"interpret", "read", "review", "consider", "consult", "see", "combine"})
ORDERS |= {"verify", "check", "compare", "use", "seek", "obtain", "refer"}
"""A sentence that begins so asks for something."""
ASKING = MODALS | {
    "recommended", "recommend", "recommends", "advised", "advise", "advises", "advisable", "please",
    "rests", "rest", "remains", "remain", "encouraged", "ensure", "essential", "let", "correlation", "correlate", "correlated", "clinical correlation", "结合临床",
    "recommendation", "priority", "优先", "important", "crucial", "left", "judgement", "judgment", "instead", "有待",
    "lies with", "rests with", "belongs to", "is up to", "up to", "pending", "awaiting", "await", "requested", "asked", "ought", "deserves", "deserve", "merits", "merit", "warrants", "warrant", "sensible", "wise", "prudent", "preferable", "worthwhile", "kindly", "ask", "talk", "consult", "尚待", "须待", "待", "烦请", "劳烦", "恳请", "咨询", "请教", "最好", "最好由", "不妨", "还得", "还须", "还需", "还应", "还要", "宜由", "留待", "务必", "来定", "靠", "由其", "交给", "取决于", "推荐", "为准", "应该", "最终", "宜", "负责", "交由", "经", "参考", "供", "需经", "方可", "均需",
}  # fmt: skip
"""What makes a sentence about a physician a wish rather than a report of what was done."""
