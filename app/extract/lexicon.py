"""The words that attribute in English: verbs, nouns, and what each may have around it.

Our own list, made by reading news. One line a verb: the lemma, what its content may be, and the
act. Letters say what may follow the verb:

- `t` a clause, with or without `that`; `T` a clause, but only with `that`
- `w` a question: whether, if, why, how
- `a` a hearer and then a clause (told parliament that …); `o` a hearer and then `to` (urged X to …)
- `i` an infinitive (vowed to …); `n` a noun phrase (rejected the claim)
- `f` a target and `of` or `for` (accused X of …); `s` a target and `as` (described X as …)
- `q` it can stand beside a quotation (“…”, she recalled)
- `m` it reports a thought, not words; `r` it is as often another verb: only with clear content
"""

from dataclasses import dataclass

_VERBS = """
say tqw assertion; tell aoqw assertion; state tq assertion; add tq assertion; claim tqi assertion
assert tqn assertion; maintain tq assertion; argue tq opinion; insist tqp assertion
declare tqn announcement; announce tqnw announcement; report tqr assertion; confirm tqnw assertion
explain tqw assertion; note tqrw assertion; observe tqr assertion; remark tq opinion
comment q opinion; point_out tq assertion; stress tqn assertion; emphasize tqn assertion
emphasise tqn assertion; underline tqn assertion; highlight tqn assertion
underscore Tqn assertion; reiterate tqn assertion
repeat Tqr assertion; recall tqr assertion; recount tqr assertion
reply tq assertion; respond tq assertion; answer tq assertion; counter tqr assertion
retort tq assertion; write tqr assertion; tweet tq assertion; post tqr assertion
testify tq assertion; acknowledge tqn admission; admit tqn admission; concede tqr admission
confess tq admission; agree tqir agreement; deny tqn denial; reject qn denial; dismiss qn denial
refute n denial; rebut n denial; rebuke n denial; repudiate n denial; debunk n denial
 dispute Tn denial; contest n denial
accuse f accusation; blame f accusation; charge tqr accusation; allege tqn accusation
warn taoqp concern; caution taoq concern; threaten itqr threat; vow tiqn commitment
pledge tiqn commitment; promise tiqna commitment; swear tiqr commitment; commit r commitment
undertake ir commitment; guarantee tr commitment; demand tqnw demand; urge oqtn demand
call cr opinion
call_for n demand; urge_for n demand
call_on o demand; call_upon o demand; appeal_for n demand; appeal_to o demand
ask aoqwr question; beg oqr demand; plead_with o demand
order oTr demand; instruct or demand; request Tnor demand
recommend tqn opinion; advise taoqr opinion; propose tqin opinion; suggest tqnr opinion
wonder wqt question; question wq question; inquire wq question; enquire wq question
predict tqn opinion; forecast tnq opinion; estimate tqr opinion; project tr opinion
describe s opinion; portray s opinion; characterize s opinion; characterise s opinion
label s opinion; interpret s opinion; depict s opinion; assess s opinion
brand s opinion; hail sn welcome; draw_attention q assertion
rule_out n denial; voice n opinion; express n opinion; regard sm opinion; view smr opinion
denounce nsq condemnation; condemn nqs condemnation; criticize nqf condemnation
criticise nqf condemnation; decry nq condemnation; slam nqf condemnation; blast nqfr condemnation
deplore nq condemnation; lambast nf condemnation; lambaste nf condemnation
praise nqf welcome; applaud nqr welcome; commend nf welcome; welcome nqr welcome
congratulate fr welcome; thank fr welcome; complain tqp concern; sum_up tq opinion
lament tqn concern
regret tqnm concern; apologize qp admission; apologise qp admission; mention tqnr assertion
cite nqr assertion; disclose tqnw announcement; reveal tqnw announcement; indicate tqw assertion
hint tqp assertion; imply tq assertion; signal tqr assertion; conclude tqr opinion
contend tq opinion; quip tq opinion; joke tq opinion; boast tq assertion; brag tq assertion
proclaim tqn announcement; pronounce sqr announcement; profess tqi assertion; protest tqr concern
object tqr concern; notify a announcement; inform aq announcement; assure aq commitment
reassure aq commitment; remind aoq assertion; convince ar opinion; brief ar assertion
continue qr assertion; begin qr assertion; go_on qr assertion; interject q assertion
exclaim q opinion
shout qtr assertion; yell qr assertion; cry qr assertion; whisper qt assertion; chant qr assertion
mutter q assertion; email qtr assertion; sing qr assertion; scream qr assertion; laugh qr opinion
elaborate q assertion; read qr assertion; clarify tqnw assertion; specify tqw assertion
detail nwr assertion
attest tq assertion; affirm tqn assertion; reaffirm tqn assertion; attribute fr opinion
speculate tq opinion; reason tqr opinion; theorize tq opinion; hypothesize tq opinion
think tqmw opinion; believe tqm opinion; feel tqmr opinion; hope tqmi opinion; fear tmnr concern
worry tqmr concern; expect tqmir opinion; consider tmrs opinion; doubt tmw opinion
know tmwr opinion
suspect tmr opinion; assume tmr opinion; suppose tmr opinion; understand tmwr opinion
realize tmwr opinion
realise tmwr opinion; guess tmqr opinion; imagine tmqr opinion; want r opinion; refuse r other
decline r other; find tmr opinion; show tr assertion; see Tmr opinion; hear Tmr other
learn Tmwr other; discover Tmr other; determine Tmr opinion; demonstrate Tr assertion
decide Tmwr announcement; rule tqr announcement; refer_to n assertion; talk_of n assertion
speak_of n assertion; allude_to n assertion; support nrm opinion; oppose nrm opinion
prefer irm opinion; plan irm commitment; intend im commitment; aim irm commitment
offer ir commitment; back nrm opinion; favor nrm opinion; favour nrm opinion
"""

IRREGULAR = {
    "say": ("says", "said", "said", "saying"),
    "tell": ("tells", "told", "told", "telling"),
    "write": ("writes", "wrote", "written", "writing"),
    "swear": ("swears", "swore", "sworn", "swearing"),
    "read": ("reads", "read", "read", "reading"),
    "forecast": ("forecasts", "forecast", "forecast", "forecasting"),
    "undertake": ("undertakes", "undertook", "undertaken", "undertaking"),
    "begin": ("begins", "began", "begun", "beginning"),
    "go": ("goes", "went", "gone", "going"),
    "sing": ("sings", "sang", "sung", "singing"),
    "think": ("thinks", "thought", "thought", "thinking"),
    "feel": ("feels", "felt", "felt", "feeling"),
    "know": ("knows", "knew", "known", "knowing"),
    "understand": ("understands", "understood", "understood", "understanding"),
    "find": ("finds", "found", "found", "finding"),
    "show": ("shows", "showed", "shown", "showing"),
    "see": ("sees", "saw", "seen", "seeing"),
    "hear": ("hears", "heard", "heard", "hearing"),
    "draw": ("draws", "drew", "drawn", "drawing"),
    "speak": ("speaks", "spoke", "spoken", "speaking"),
    "tweet": ("tweets", "tweeted", "tweeted", "tweeting"),
    "emphasize": ("emphasizes", "emphasized", "emphasized", "emphasizing"),
}
_DOUBLED = {
    "admit",
    "brag",
    "beg",
    "plan",
    "commit",
    "refer",
    "regret",
    "rebut",
    "quip",
    "slam",
    "blog",
    "pen",
    "prefer",
    "sum",
}


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as one string."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that attributes; `frames` are the letters above."""

    lemma: str
    frames: str
    act: str
    particle: str | None
    """The word that belongs to it: `called for`, `referred to`."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a verb: base, third (says), past, participle (both in `said`), or ing."""

    kind: str
    verbs: tuple[Verb, ...]
    """Those with a particle first."""


def _inflected(lemma: str) -> tuple[str, str, str, str]:
    if lemma in IRREGULAR:
        return IRREGULAR[lemma]
    stem = lemma
    if lemma.endswith("e"):
        return lemma + "s", lemma + "d", lemma + "d", lemma[:-1] + "ing"
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ies", lemma[:-1] + "ied", lemma[:-1] + "ied", lemma + "ing"
    if lemma in _DOUBLED:
        stem = lemma + lemma[-1]
    third = lemma + ("es" if lemma.endswith(("s", "sh", "ch", "x")) else "s")
    return third, stem + "ed", stem + "ed", stem + "ing"


def _forms() -> dict[str, Form]:
    found: dict[str, tuple[str, list[Verb]]] = {}
    for entry in _VERBS.replace("\n", ";").split(";"):
        if not entry.strip():
            continue
        name, frames, act = entry.split()
        lemma, _, particle = name.partition("_")
        verb = Verb(name.replace("_", " "), frames, act, particle or None)
        third, past, participle, ing = _inflected(lemma)
        for form, kind in (
            (ing, "ing"),
            (participle, "participle"),
            (past, "past"),
            (third, "third"),
            (lemma, "base"),
        ):
            known = found.setdefault(form, (kind, []))
            if verb not in known[1]:
                known[1].append(verb)
            if kind == "past":
                found[form] = ("past", known[1])
    return {
        form: Form(kind, tuple(sorted(verbs, key=lambda one: one.particle is None)))
        for form, (kind, verbs) in found.items()
    }


VERBS = _forms()
"""Every form of every verb, in lower case."""

NOUNS: dict[str, tuple[str, str]] = {}
"""Nouns that attribute: what joins their content (`that`, `of`, `for`, `on`), and the act."""
for _line in """
accusation,accusations,allegation,allegations that,of accusation
claim,claims,assertion,assertions,contention,insistence that,of assertion
report,reports,statement,statements,testimony that,of assertion
belief,beliefs,view,views,opinion,opinions,conviction that opinion
call,calls,demand,demands,appeal,appeals,plea,pleas,request,requests for demand
denial,denials that,of denial
promise,promises,pledge,pledges,vow,vows that,to,of commitment
commitment,commitments,assurance,assurances that,to,of commitment
threat,threats that,to,of threat
warning,warnings,concern,concerns,fear,fears that,of,about,over,on concern
worry,worries,complaint,complaints that,of,about,over concern
announcement,announcements,declaration,declarations,confirmation that,of announcement
suggestion,suggestions,proposal,proposals,recommendation that,of,for opinion
admission,acknowledgement,acknowledgment that,of admission
hope,hopes that,of,for opinion
prediction,predictions,forecast,estimate,estimates,speculation that,of opinion
criticism,condemnation of condemnation
rumor,rumour,rumors,rumours that,of assertion
""".strip().splitlines():
    _names, _joins, _act = _line.split()
    NOUNS |= dict.fromkeys(_names.split(","), (_joins, _act))

SURE = words(
    "certain sure confident convinced pleased glad hopeful concerned worried afraid adamant"
    " optimistic"
)
"""What one is of whom an opinion is told: `is confident that`."""

EVENTS = words(
    "clashes fighting shelling casualties losses attacks explosions violations deaths gunfire"
    " shooting bombing bombardment firing blasts strikes injuries incidents attack"
)
"""What happened, reported without a clause: `reported renewed shelling`."""

WITHHELD = words("disclose disclosed reveal revealed release released publish published")
"""What is not told: `has not disclosed its losses`."""

SPOKEN = words("comment comments remark remarks statement statements words speech")
"""What was spoken, when the words themselves are not given: “Hajiyev's comments”."""

# --- classes of words ---------------------------------------------------------------------------


DETERMINERS = words(
    "a an the this that these those his her its their my our your some any no every each both all"
    " another several many few most much either neither such one two three four five six seven"
    " eight nine ten dozens hundreds thousands more other another"
)
PREPOSITIONS = words(
    "of in on at by for from with to about over under into during after before against between"
    " among amid through since until within without across near towards toward around behind"
    " beyond despite upon via per throughout inside outside above below off up down out as like"
    " regarding concerning including following alongside onto ahead"
)
CONJUNCTIONS = words("and or but nor yet")
SUBORDINATORS = words(
    "that if whether because although though while whereas when where why how unless once lest"
    " whilst what who whom whose which since"
)
AUXILIARIES = words(
    "is are was were be been being am has have had having do does did can could will would shall"
    " should may might must hasn't haven't hadn't isn't aren't wasn't weren't don't doesn't didn't"
    " can't couldn't won't wouldn't shouldn't cannot 've 's 'd 'll 're 'm ought"
)
BE = words("is are was were be been being am 's 're")
MODALS = words(
    "can could will would shall should may might must couldn't won't wouldn't cannot 'll"
)
SUBJECT_PRONOUNS = words("he she it they we i you who")
OBJECT_PRONOUNS = words("him her it them us me you himself herself itself themselves")
NEGATIONS = words("not never n't neither nor hardly no")
ADVERBS = words(
    "also now then later earlier today yesterday tomorrow again already still just only even ever"
    " never not once twice recently previously reportedly allegedly repeatedly publicly often"
    " always sometimes soon so far too further instead meanwhile however therefore thus initially"
    " quite very rather almost nearly ago there here afterwards afterward perhaps all both"
)
TIMES = words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may"
    " june july august september october november december mon tue wed thu fri sat sun today"
    " jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec."
    " yesterday tomorrow tonight week month year morning evening afternoon night weekend"
)
FINITE = words(
    "went came took made gave got saw ran began became left kept held brought put met led lost won"
    " fell sent sold paid built cut set let rose grew hit struck shot fought broke chose drew drove"
    " flew lay lies lie stood stands stand spent sought taught threw wore goes comes takes makes"
    " gives gets sees runs becomes leaves keeps holds brings puts meets leads loses wins falls"
    " sends sells pays means meant seems seem remains remain needs need continues includes include"
    " go come take make give get run become leave keep hold bring meet lead fight killed died"
    " fired shelled attacked wounded seeks seek works work lives live plays helps help"
)
TITLES = words(
    "mr mr. mrs mrs. ms ms. dr dr. president prime minister secretary foreign defence defense"
    " chancellor king queen prince princess general gen. colonel col. major captain capt. lt."
    " lieutenant sergeant sgt. senator sen. representative rep. governor gov. mayor professor prof."
    " ambassador spokesman spokeswoman spokesperson chairman chairwoman chair chief director"
    " commissioner judge justice sir lord lady pope bishop cardinal rev. reverend father sheikh"
    " sheriff officer detective coach manager deputy vice leader premier speaker analyst lawyer"
    " secretary-general mp"
    " attorney researcher author editor former state ceo pm fm ombudsman ombudswoman"
    " ombudsperson envoy commander representative defender"
)
PEOPLE = words(
    "adviser advisor aide head member professor economist resident founder correspondent"
    " commander envoy representative scientist physician activist historian official expert"
    " owner ombudsman ombudswoman diplomat journalist reporter soldier officer witness survivor"
    " teacher doctor volunteer lawmaker villager separatist protester demonstrator negotiator"
    " mediator politician farmer driver nurse student mother father man woman wife husband son"
    " daughter brother sister cousin uncle aunt nephew niece widow neighbour neighbor friend"
    " reader user citizen refugee prisoner captive detainee relative one"
)
"""Who somebody is, short of a title."""
COLLECTIVE = words(
    "side media crowd mob community population leadership opposition diaspora delegation mission"
    " outlet channel daily broadcaster watchdog cabinet administration kremlin bank fund alliance"
    " bloc league command headquarters newspaper press"
    " service majority number officials authorities police sources witnesses residents experts"
    " analysts critics activists"
    " supporters scientists researchers doctors protesters lawmakers members sides parties"
    " governments leaders ministers people families relatives opponents rebels forces troops"
    " government ministry parliament army military committee commission council party company"
    " court group organization organisation agency university school union association team"
    " department office embassy enclave country"
)
OPENING = words("despite while whilst although though after when since")
"""What opens a sentence with a clause that is not its main one."""
ANONYMOUS = words("source sources official officials diplomat diplomats insider insiders")
DOCUMENTS = words(
    "note message post bulletin report statement study survey poll document letter article"
    " newspaper paper website site book"
    " law bill press release communique communiqué release estimates figures data results poster"
    " sign analysis review indictment resolution agreement treaty constitution memo email tweet"
)
