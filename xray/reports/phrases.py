"""Every sentence and word that a report can hold, in both languages, in one table.

A phrase is one pair: what English says, Chinese says with the same placeholders. Writers pick a
key and fill in figures of the fact sheet; nobody else writes report text.
"""

from __future__ import annotations

from typing import Literal

from xray.labels import LABELS, REGION_WORDS, SIDE_WORDS, Region, Side, Words
from xray.reports.facts import DECIMALS

Language = Literal["en", "zh-hans"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-hans")

PHRASES: dict[str, tuple[str, str]] = {
    # findings, by band; {label} {probability} {point} {low} {high} {where}
    "above": (
        "Probability of {label} {probability}, above the operating point of {point}"
        " (95 % interval {low}-{high}).",
        "{label}概率 {probability}，高于判定阈值 {point}（95% 区间 {low}-{high}）。",
    ),
    "borderline": (
        "Borderline for {label}: probability {probability}, close to the operating point of {point}"
        " (95 % interval {low}-{high}).",
        "{label}处于临界范围：概率 {probability}，接近判定阈值 {point}（95% 区间 {low}-{high}）。",
    ),
    "below": (
        "No evidence above the operating point of {label} (probability {probability},"
        " operating point {point}).",
        "未见超过判定阈值的{label}征象（概率 {probability}，判定阈值 {point}）。",
    ),
    "where_heatmap": (
        "The heat map has its largest share in the {region}.",
        "热力图的最大份额位于{region}。",
    ),
    "where_unspecified": (
        "The heat map does not single out a lung zone; no region is given.",
        "热力图未集中于任何肺野，因此不给出区域。",
    ),
    "where_none": (
        "There is no heat map for this finding; no region is given.",
        "该发现没有热力图，因此不给出区域。",
    ),
    "zone_not_separate": (
        "Not assessed separately: the film is scored as a whole.",
        "未单独评估：模型对整张胸片评分。",
    ),
    "not_assessed": ("Not assessed.", "未评估。"),
    # impression
    "impression_above": (
        "Probability of {label} {probability}, above the operating point; {place}.",
        "{label}概率 {probability}，高于判定阈值；{place}。",
    ),
    "impression_borderline": (
        "Borderline for {label}, probability {probability}, {place}.",
        "{label}处于临界范围，概率 {probability}，{place}。",
    ),
    "impression_below": (
        "No evidence above the operating point of {label} (probability {probability}).",
        "未见超过判定阈值的{label}征象（概率 {probability}）。",
    ),
    "impression_only": (
        "Nothing other than {labels} was assessed.",
        "除{labels}外，其余均未评估。",
    ),
    "impression_nothing": (
        "No label was scored; nothing was assessed.",
        "没有任何标签得到评分，均未评估。",
    ),
    "place_region": ("heat map centred on the {region}", "热力图以{region}为中心"),
    "place_none": ("no region given", "未给出区域"),
    # technique and comparison
    "technique": (
        "Single frontal chest radiograph{view}, scored by {model} {version};"
        " operating point: {points}.",
        "单张正位胸片{view}，由 {model} {version} 评分；判定阈值：{points}。",
    ),
    "view_known": (" ({view})", "（{view}）"),
    "comparison_none": ("No prior report was compared.", "未与既往报告对比。"),
    "comparison_prior": (
        "Prior report {prior} is on file. Change over time is not assessed.",
        "存有既往报告 {prior}。未评估随时间的变化。",
    ),
    # confidence
    "confidence_rule": (
        "{level}: {reason}. This describes the model's figures, not a diagnosis.",
        "{level}：{reason}。此处仅描述模型数值，并非诊断。",
    ),
    "confidence_nothing": ("no label was scored", "没有任何标签得到评分"),
    "confidence_warned": (
        "the film lies outside what the model was trained on, or may do so",
        "该胸片超出或可能超出模型的训练范围",
    ),
    "confidence_near": (
        "a probability lies within 0.05 of its operating point",
        "有概率与判定阈值相差不超过 0.05",
    ),
    "confidence_crossing": (
        "a 95 % interval contains the operating point",
        "有 95% 区间包含判定阈值",
    ),
    "confidence_apart": (
        "every 95 % interval lies on one side of its operating point",
        "所有 95% 区间均位于判定阈值的同一侧",
    ),
    # recommendations, see recommendations.py
    "advise_above": (
        "Have the film read by a radiologist with priority; the probability is above the"
        " operating point.",
        "概率高于判定阈值，建议优先由放射科医师阅片。",
    ),
    "advise_borderline": (
        "Read the film without relying on the score: it lies too close to the operating point"
        " to decide.",
        "评分过于接近判定阈值，不足以作出判断，阅片时请勿依赖该评分。",
    ),
    "advise_below": (
        "A probability below the operating point does not rule out disease; let symptoms decide.",
        "概率低于判定阈值不能排除疾病，请以临床表现为准。",
    ),
    "advise_correlation": ("Clinical correlation is required.", "需结合临床。"),
    "advise_radiologist": (
        "Review by a radiologist is required before any use.",
        "使用前须经放射科医师审核。",
    ),
    # limitations
    "limit_population": (
        "The model was trained on films of children of 1 to 5 years from one hospital; in other"
        " groups its figures may be wrong.",
        "模型使用一家医院 1 至 5 岁儿童的胸片训练；用于其他人群时数值可能有误。",
    ),
    "limit_labels": (
        "Only {labels} is scored. Regions and conditions without a label are not assessed,"
        " which does not mean that they are normal.",
        "模型仅对{labels}评分。没有标签的区域和疾病均未评估，这并不表示其正常。",
    ),
    "limit_heatmap": (
        "The heat map is an explanation aid, not a localisation claim.",
        "热力图仅用于辅助解释，并非病灶定位。",
    ),
    "limit_interval": (
        "The interval is a bootstrap of the calibration; it does not cover films unlike those"
        " of the training.",
        "区间由校准自助法得出，不适用于与训练数据不同的胸片。",
    ),
    "limit_single": (
        "One frontal film is read; lateral films and prior films are not part of the score.",
        "仅分析一张正位胸片；侧位片和既往胸片不参与评分。",
    ),
    "disclaimer": (
        "For research and education only. Not a medical device; not for diagnosis or treatment.",
        "仅供研究和教学使用。不是医疗器械，不得用于诊断或治疗。",
    ),
    # warnings of the study, each a limitation sentence
    "warning_population_unknown": (
        "The age is unknown; the model was trained on children of 1 to 5 years only.",
        "年龄未知；模型仅使用 1 至 5 岁儿童的胸片训练。",
    ),
    "warning_population_adult": (
        "The film is of an adult; the model was trained on children of 1 to 5 years only, and in"
        " adults its figures are close to chance.",
        "该胸片来自成人；模型仅使用 1 至 5 岁儿童的胸片训练，用于成人时数值接近随机。",
    ),
    "warning_population_mismatch": (
        "The age lies outside the 1 to 5 years on which the model was trained.",
        "年龄不在模型训练所用的 1 至 5 岁范围内。",
    ),
    "warning_burned_in_annotation": (
        "The film may carry text in its pixels, which can disturb the score and was not removed.",
        "胸片像素中可能含有文字，可能干扰评分，且未被去除。",
    ),
    "warning_unusual_image": (
        "The film differs from those of the training; the figures are less reliable.",
        "该胸片与训练数据差异较大，数值可靠性降低。",
    ),
    "warning_corrected_invert": (
        "The user exchanged light and dark before the analysis.",
        "分析前用户对明暗进行了反转。",
    ),
    "warning_corrected_rotate_90": (
        "The user turned the film by 90 degrees before the analysis.",
        "分析前用户将胸片顺时针旋转了 90 度。",
    ),
    "warning_corrected_rotate_180": (
        "The user turned the film by 180 degrees before the analysis.",
        "分析前用户将胸片旋转了 180 度。",
    ),
    "warning_corrected_rotate_270": (
        "The user turned the film by 270 degrees before the analysis.",
        "分析前用户将胸片顺时针旋转了 270 度。",
    ),
    "warning_corrected": (
        "The user corrected the film before the analysis.",
        "分析前用户对胸片进行了校正。",
    ),
    "warning_gate_near_threshold": (
        "The film was only just accepted as an upright frontal chest film.",
        "该胸片仅勉强被接受为正立的正位胸片。",
    ),
    "warning_truncated": (
        "The file ended early; a part of the film may be missing.",
        "文件不完整，胸片可能缺失一部分。",
    ),
    "warning_orientation_mirrored": (
        "The file says that the picture is mirrored: right and left in this report may be exchanged.",
        "文件标明图像为镜像：本报告中的左右侧可能颠倒。",
    ),
    "warning_display_values_ignored": (
        "Display values in the file made no sense and were not applied.",
        "文件中的显示参数无效，未予应用。",
    ),
    "warning_animated_first_frame_only": (
        "The file holds several pictures; only the first was read.",
        "文件包含多帧图像，仅分析了第一帧。",
    ),
    "warning_cmyk_converted": (
        "The picture was stored in printing colours and was converted to grey.",
        "图像以印刷色存储，已转换为灰度。",
    ),
    "warning_icc_ignored": (
        "A colour profile in the file was not applied.",
        "文件中的颜色特性文件未予应用。",
    ),
    "warning_depth_reduced": (
        "The picture held more grey levels than were kept.",
        "图像的灰度级多于所保留的级数。",
    ),
    "warning_other": (
        "The film carries the warning {code}; read the figures with care.",
        "该胸片带有警告 {code}，请谨慎解读数值。",
    ),
}

HEADINGS: dict[str, Words] = {
    "title": Words(("Chest X-ray report",), ("胸部 X 线报告",)),
    "examination": Words(("Examination",), ("检查项目",)),
    "indication": Words(("Indication",), ("检查指征",)),
    "technique": Words(("Technique",), ("检查技术",)),
    "comparison": Words(("Comparison",), ("对比",)),
    "findings": Words(("Findings",), ("影像所见",)),
    "impression": Words(("Impression",), ("印象",)),
    "confidence": Words(("Confidence",), ("置信度",)),
    "limitations": Words(("Limitations",), ("局限性",)),
    "recommendation": Words(("Recommendation",), ("建议",)),
    "disclaimer": Words(("Disclaimer",), ("免责声明",)),
    "narrative": Words(("Text by the language model, checked",), ("语言模型文本（已核验）",)),
    "model": Words(("Model",), ("模型",)),
    "label": Words(("Label",), ("标签",)),
    "probability": Words(("Probability",), ("概率",)),
    "operating_point": Words(("Operating point",), ("判定阈值",)),
    "interval": Words(("95 % interval",), ("95% 区间",)),
    "region": Words(("Region",), ("区域",)),
    "side": Words(("Side",), ("侧别",)),
    "band": Words(("Band",), ("分级",)),
    "status": Words(("Status",), ("状态",)),
    "version": Words(("Version",), ("版本",)),
    "image_quality": Words(("Image quality",), ("图像质量",)),
    "study_date": Words(("Date",), ("日期",)),
    "patient": Words(("Patient",), ("患者",)),
    "report": Words(("Report",), ("报告",)),
    "review": Words(("Review",), ("审核",)),
    "heatmap": Words(("Heat map",), ("热力图",)),
}

VOCABULARY: dict[str, dict[str, tuple[str, str]]] = {
    "band": {
        "below": ("below the operating point", "低于判定阈值"),
        "borderline": ("borderline", "临界"),
        "above": ("above the operating point", "高于判定阈值"),
    },
    "status": {
        "present": ("at or above the operating point, or borderline", "达到判定阈值或临界"),
        "absent": ("not above the operating point", "未超过判定阈值"),
        "not_assessed": ("not assessed", "未评估"),
    },
    "confidence": {"high": ("High", "高"), "moderate": ("Moderate", "中"), "low": ("Low", "低")},
    "point": {
        "screening": ("screening", "筛查"),
        "balanced": ("balanced", "均衡"),
        "rule_in": ("rule-in", "确认"),
    },
}
"""Words for the codes that an envelope keeps, for page and PDF."""


def phrase(key: str, language: Language, **values: str) -> str:
    """The sentence `key` in one language, filled in; a missing value is a KeyError."""
    return _side(PHRASES[key], language).format(**values)


def heading(key: str, language: Language) -> str:
    """The heading of a report's part."""
    return _first(HEADINGS[key], language)


def word(kind: str, code: str, language: Language) -> str:
    """What a code of the envelope is called: kind `band`, `status`, `confidence` or `point`."""
    return _side(VOCABULARY[kind][code], language)


def label_word(key: str, language: Language) -> str:
    """How reports write a label."""
    return _first(LABELS[key].words, language)


def region_word(region: Region | str, language: Language) -> str:
    """How reports write a region."""
    return _first(REGION_WORDS[Region(region)], language)


def side_word(side: Side | str, language: Language) -> str:
    """How reports write a side, always the patient's."""
    return _first(SIDE_WORDS[Side(side)], language)


def figure(value: float) -> str:
    """A probability as every text shows it: three decimals."""
    return f"{value:.{DECIMALS}f}"


def listing(items: list[str], language: Language) -> str:
    """`a, b and c` or `a、b和c`."""
    if len(items) < 2:
        return "".join(items)
    if language == "en":
        return ", ".join(items[:-1]) + " and " + items[-1]
    return "、".join(items[:-1]) + "和" + items[-1]


def _side(pair: tuple[str, str], language: Language) -> str:
    return pair[LANGUAGES.index(language)]


def _first(words: Words, language: Language) -> str:
    return words.english[0] if language == "en" else words.chinese[0]
