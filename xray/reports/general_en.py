"""The commonest general English words, by class; none can describe a body, a film or a course.

What may stand here: a word that, put into any sentence beside the others, adds no claim about the
patient, the film, time, degree, worth or need. So no word of state (good, bad, ill, safe), size,
amount, time (now, recent), spread (extend, fill) or (worrying), however common it is.
docs/architecture/10-xray.md, "Verifier", says why the world stays closed.
"""

from __future__ import annotations

DISCOURSE = """
actually admittedly afterwards altogether anyhow anyway apparently arguably basically broadly
consequently conversely essentially evidently firstly frankly generally hopefully incidentally
inherently instead lastly literally naturally notably notwithstanding overall plainly practically
presumably provided rather regardless secondly similarly simply specifically speaking strictly
supposedly theoretically thereafter thirdly though thus ultimately unfortunately unless usually
whatever whatsoever whenever wherever whichever whoever accordingly namely nor lest plus upon whilst
whence merely amongst amid among across along alongside despite during per via versus regarding
respecting throughout toward within hereafter thereof therein thereupon example instance instances
fore aforesaid latter order sake terms term short summarise summarize summarising summary recap
nutshell plain simple put said takeaway takeaways highlights bullet tl dr fyi nb ps
"""

PRONOUNS = """
anybody anyone everybody everyone herself himself itself mine myself oneself ours ourselves
somebody someone somewhere theirs them themselves us we whoever whose you yourself
yourselves yours each either every such same own both
"""

AUXILIARIES = """
am are be been being can could did do does doing done had has have having let lets may might must
shall should was were will would ought dare used wish want wants wanted hope hopes hoped able enable
enabled enabling aim aims aimed happen happens happened happening occur occurs occurred occurring
tend tends tended out
"""

SPEECH = """
announce announces announced argue asks ask asked asking believe believes believed bring brings
brought call clarify comment communicate communicated convey conveys conveyed declare declares
declared disclose disclosed elaborate emphasise emphasize explain express formulate formulated hear
heard highlight inform informs informed interpret invite invited mention narrate narrative note
observe observation observations offer offers offered offering paraphrase paraphrased phrase phrased
phrasing pose posed pronounce propose proposes proposing quote recount refer relay relayed remind
reminder reminds reply restate restated say says spell spelled spelt state stress stressed stresses
submit talk talks talking tell tells told think thinks thinking thought understand underline
underlined underlines underscore underscores underscored word words worded wording write writes
writing written wrote answer answers answered answering bear mind opinion view views question
questions discuss consult consulted consulting speak speaking guess guesses reckon reckons
perceive perceived perceives perception impression deem wonder wondering
"""

REASON = """
accordingly based because come deduce deduced depend depends depending dependent derive explain
explained explanation follow follows following ground grounds hence infer
lead led motivate reason reasons reasoning reasonable reasonably result resulting so stem
stems stemming therefore thereby thus why yield purpose merit merits merited deserve deserves
deserved warrants warrant
"""

COUNTING = """
add added adds adding amount amounts average calculate computed compute correspond count counts
counted counting figure fraction number numbers numeric numerical numerically percentage point ratio
round rounds rounding scale scales scaled score sum sums tally total unit value odds quantity
quantify quantified quantifies quantitative quantitatively qualitative expressed expressing equal
equals equalled equaling equalling equate decimal decimals digit digits place places approx roughly
approximately around circa nearly almost somewhere some bit about arithmetic mathematical
mathematically statistic statistics
"""

DOING = """
accompany accompanies accompanied account accounts accounted act apply arrange arranged arrive
arrives arrived arriving assume assumed assumes assuming assumption assumptions attach attempt
attempts attempted attempting attribute attributes avail base bring build carry centre check choose
chooses collect come compile compiled compose composed conduct conducted consider consist consists
consisting contribute convert converted correspond create deal deals dealing dealt decide depict
derive design devote devoted direct distinguish distinguishes distinguished do draw earn earned
earns employ encode encoded engage enter entered entering exhibit exhibited express fire fired fires
firing focus form generate get give go grant granted grants guide handle handles handled handling
happen hover hovers hovered hovering implement implemented inspect inspects inspection
inspecting keep land lands landed landing lay leave lie look looks looked looking make manage match
matches matched matching offer operate operates operated operating orient oriented perform pick
picked picks picking place play played plays pose position prepare prepared prepares prepping
process produce provide put rank receive record refer register
relate rely render rendered renders rendering represent respond responds responded restrict return
run runs running ran seek send sent serve set share sits sit sitting sat solve split stand stay
stays stayed store supply take taken taking takes took try tries tried trying undergo undertake
undertook use view wait waits work yield zoom skip skipped skips
"""

THINGS = """
aspect aspects attention background behaviour behavior box calculation calculations call case
chapter choice choices circumstance circumstances colleague's computation computations concept
context detail details detailed detailing direction document documents documentation end ends engine
entry fact factor factors field file files form format framework frame function functions guideline
guidelines heading headings hint hints idea input inputs insight insights item job kind layer layers
list lists listing manner matter matters mechanism message method methods methodology mind mode
moment name names note notion option options outcome outcomes page pages paragraph paragraphs
parameter parameters part passage perspective phase piece pieces pipeline position process program
programme protocol question reason record reference regard remit request requirement
requirements respect response responses role rule rules run scenario scenarios scheme section
sections sense set setting settings sheet situation situations source step story subject system
table tables task tasks technology template text thing things tool topic topics type version
viewpoint way ways word work workflow workflows readout readouts classification classifications
detector detectors engines scorer platform platforms application applications app apps machine
machines solution module modules prediction predictions inference inferences caption captions legend
colour color colours colors colouring tint overlay overlays pixel pixels display displays screen
screens computerised computerized assisted generated produced digital digitally electronic
electronically statement documented
"""

LIMITS = """
alert alerting bias biased boundary caution cautions cautioned confine constraint
constraints fallibility
inexact imprecise


unsure unclear unverified unproven unsupported
unspoken untested unstated unaddressed uncovered unreported unexplored undefined unaware unanswered
reservation reservations proviso provisos warn warning beware isolation scope remit
boundaries purview disclaimer disclaimers caveat caveats shortcoming shortcomings oversight overseen
oversee supervise supervised supervision supervising verify recheck rechecked review revisit
scrutinise scrutinize scrutiny judged
"""

REQUESTS = """
ask asks asking kindly kind please advise advisable recommend recommendable sensible sensibly wise
wisely worthwhile worth prudent prudently appropriate appropriately proper preferable
preferably ideally ideal obtain seek bring bear remember remembered recall recalled keep note share
shared forward forwarded decide weigh weighed weight combine combined together jointly
conjunction consult thank thanks dear hello hi hey greetings regards sincerely respectfully welcome
congratulate
layman lay friendly precedence priority prioritise prioritised prioritize prioritized
trump trumps override overrides overriding primacy supersede supersedes outweigh outweighs govern
governs prevail prevails
"""

MANNER = """
automatically carefully cautiously chiefly closely collectively commonly
easily equally explicitly expressly fairly firmly formally giving graphically
implicitly independently individually internally likewise loosely mainly manually mathematically
merely mostly nominally numerically objectively officially openly ordinarily partly plausibly
predominantly primarily principally purely quantitatively quite readily respectively roughly
routinely schematically separately simultaneously somewhat squarely straightforward
straightforwardly subjectively tentatively tentative preliminary preliminarily provisional provisionally often sometimes raising thoroughly transparently typically uniquely
visually seemingly apparently ostensibly relatively comparatively reasonably rather pretty extremely
exceptionally particularly especially remarkably strikingly noticeably notably
"""

_CLASSES = (
    DISCOURSE, PRONOUNS, AUXILIARIES, SPEECH, REASON, COUNTING, DOING, THINGS, LIMITS, REQUESTS,
    MANNER,
)  # fmt: skip
GENERAL_ENGLISH = frozenset(word for text in _CLASSES for word in text.split())
