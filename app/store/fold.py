"""Search keys that are blind to case, marks and script.

What is stored and what is asked are folded by the same function and then compared word by word, exactly. Three steps,
each a table below:

1. **Letters**: a word is spelled in a-z, script by script, much as BGN/PCGN romanise it.
2. **RULES**: where romanisations differ for one sound (`kh`, `x`, `h`), one spelling stands for all.
3. **NAMES**: where usage differs and no system explains it (`Кельбаджар` for `Kəlbəcər`), the name is listed.

The rules cost precision, since they act on English words too: each is here because two scripts or standards need it and
because few English words meet through it (`tests/test_fold.py` bounds how many). Nothing is stemmed. Different names of one
place or person (Khankendi and Stepanakert) stay different: finding both is the work of the records' other names.
Keys are for comparing, not for showing. After a change here, stored keys must be made anew.
"""

import re
import unicodedata
from functools import cache, lru_cache
from os.path import commonprefix
from typing import NamedTuple

from anyascii import anyascii

LONGEST_KEY = 64  # longer words meet on these letters; PostgreSQL takes no lexeme over 2,046 bytes
CACHED_WORDS = 65_536  # with LONGEST_CACHED at most some 40 MB, 12 MB in practice
LONGEST_CACHED = 64


class Word(NamedTuple):
    """A word of a text: its key, and where it stands, in code points of the text as given, half-open."""

    key: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of `text` in order; keys are `[a-z0-9]+` of at most 64 letters; any text is accepted.

    A case ending after an apostrophe (`Baku's`, `Bakü'nün`) belongs neither to the key nor to the span.
    """
    found = []
    for match in _pattern(text).finditer(text):
        key, length = _read(match[0])
        start = match.start()
        found.append(Word(key, start, start + length))
    return found


def fold(text: str) -> str:
    """The keys of `text` joined by spaces: what is stored and indexed. `fold(fold(text)) == fold(text)`."""
    return " ".join([_read(token)[0] for token in _tokens(text)])


def prefix_key(text: str) -> str:
    """What the keys of all words that begin with `text` begin with, as far as that can be known.

    Last letters that may read otherwise once more follow are left out (`Lac` of Lachin gives `la`): rather too wide
    than silently empty. Words before the last are folded whole. Empty if `text` has no word.
    """
    tokens = _tokens(text)
    return " ".join([*(_read(token)[0] for token in tokens[:-1]), *map(_beginning, tokens[-1:])])


def name_key(text: str) -> str:
    """A key that puts names in alphabetical order: a-z, digits and single spaces, blind to case, marks and script.

    Letters are spelled out and nothing more, so names that `fold` unites may differ. Empty for a text without words.
    """
    spelled = (_spell(_normal(token).translate(_BARE)) for token in _tokens(text))
    return " ".join([word for word in spelled if word])


# --- where a word begins and ends ------------------------------------------------------------------------------------

_APOSTROPHES = "'`´‘’‛′ʹʻʼʽʾʿˈʹ՚׳`´＇"
# Scripts without spaces: each character is a word, so that a phrase finds what a segmenter would.
_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17dd"
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
_ARMENIAN_MARKS = "՛՜՞"  # stress, exclamation and question stand inside the word: ինչո՞ւ


def _tokens(text: str) -> list[str]:
    return [match[0] for match in _pattern(text).finditer(text)]


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII if text.isascii() else _unicode()


def _compile(marks: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """One alternative for each kind of word; possessive quantifiers, since a stranger's text must not cost more than its length."""
    letter = rf"[^\W_{_APOSTROPHES}{_UNSPACED}]"
    initial = rf"(?![\d\u0590-\u1dff\u2200-\U0010ffff]){letter}{marks}*+"
    run = rf"{letter}++(?:{marks}++{letter}*+)*+"
    apostrophe = f"[{_APOSTROPHES}]"
    return re.compile(
        "|".join(
            [
                # 5,000 = 5.000 = 5 000 (no-break space) = 5000: a thousand in English, Turkish, Russian
                r"(?<!\d[.,])(?!0)\d{1,3}(?=([,.٬\u00a0\u2009\u202f])\d{3})(?:\1\d{3}(?!\d))++(?:[.,٫]\d++)?+(?![.,]\d)",
                # 2.5 = 2,5 is one word, for 2 and 5 are other figures; 27.09.2020 is three
                r"(?<!\d[.,])\d++[.,٫]\d++(?![.,]\d)",
                # U.N. = UN, Н.К.А.О. = НКАО
                rf"(?<![\w.]){initial}(?:\.{initial})++(?!{letter})(?:\.?{apostrophe}[sS](?!{letter}))?+",
                rf"{run}(?:{apostrophe}{marks}*+{run})*+",
                rf"[{_UNSPACED}]{marks}*+",
            ]
        ),
        flags,
    )


_ASCII = _compile("(?!)", re.ASCII)


@cache
def _unicode() -> re.Pattern[str]:
    """Built when first needed: asking for the marks and the invisible characters of Unicode takes 50 ms."""
    planes = (range(0x80, 0x1F000), range(0xE0000, 0xE0200))
    skipped = {"Mn", "Mc", "Me", "Cf"}
    marks = [
        chr(code)
        for plane in planes
        for code in plane
        if unicodedata.category(chr(code)) in skipped
    ]
    return _compile(f"[{''.join(marks)}{_ARMENIAN_MARKS}]", re.NOFLAG)


# English 's; the case endings that Turkish sets off from a name (Bakü'nün, Ankara'ya, Ermenistan'da), by vowel harmony
# and only after three letters, so that Qur'an, Sana'a, Isma'il, O'Brien and P'ashinyan are whole words.
_ENDING = re.compile(
    r"""' (?: s
      | (?<=[^\W\d_]{3}') (?: [dt][ae](?:n|ki)? | l[ae]
      | (?<=[aeiıoöuüə]') (?: y[aeiıuü] | yl[ae] | n(?:[ae]|[iıuü]n?|d[ae]n?|d[ae]ki) )
      | (?<![aeiıoöuüə]') (?<!ch') (?<!ts') (?: [aeiıuü] | [iıuü]n ) ) ) $""",
    re.VERBOSE,
)


# --- from a token to its key -----------------------------------------------------------------------------------------


def _read(token: str) -> tuple[str, int]:
    """The key of a token and how many of its characters count; words that occur in prose are remembered."""
    return _remembered(token) if len(token) <= LONGEST_CACHED else _analysed(token)


def _analysed(token: str) -> tuple[str, int]:
    stem = _stem(token)
    return _key(stem), len(stem)


_remembered = lru_cache(CACHED_WORDS)(_analysed)


def _stem(token: str) -> str:
    cut = max(map(token.rfind, _APOSTROPHES))
    if cut < 1:
        return token
    return (
        token[:cut]
        if _ENDING.search(f"{_normal(token[:cut])}'{_normal(token[cut + 1 :])}")
        else token
    )


def _key(stem: str) -> str:
    word = _normal(stem)
    if _NO_SPACES.match(word):
        return _code_point(word)
    if any(map(str.isdigit, word)):
        return _number(word)[:LONGEST_KEY] or _code_point(word)
    key, named = "", _reconciled(_sounds(word))
    while key != named:
        key = named
        named = _reconciled(_NAME.sub(lambda name: _NAMES[name[0]], key))
    return key or _code_point(word)


def _sounds(word: str) -> str:
    word = _FRENCH.sub("c", word)
    return _spell(_TURKIC_C.sub("j", word) if _TURKIC.search(word) else word)


def _normal(token: str) -> str:
    """Lower case in one normal form, apostrophes alike, no invisible characters. NFC and NFD twins become one."""
    if token.isascii():
        return token.lower().replace("`", "'")
    word = unicodedata.normalize("NFKC", token.translate(_ONE_APOSTROPHE)).casefold()
    word = (
        unicodedata.normalize("NFC", word).translate(_ONE_APOSTROPHE).replace("i\u0307", "i")
    )  # İ
    return "".join([letter for letter in word if unicodedata.category(letter) != "Cf"])


def _spell(word: str) -> str:
    """Step 1: the word in a-z and 0-9, one script at a time; letters outside the tables as anyascii has them."""
    if not word.isascii():
        for pattern, spelling in _IN_CONTEXT:
            word = pattern.sub(spelling, word)
        word = "".join(
            [_LETTERS[letter] if letter in _LETTERS else _any_letter(letter) for letter in word]
        )
    return _NOT_KEY.sub("", word)


@lru_cache(4096)
def _any_letter(letter: str) -> str:
    # Accents, harakat, niqqud are dropped; vowel signs of Indic scripts (class 0) are letters.
    return "" if unicodedata.combining(letter) else anyascii(letter).lower()


def _number(word: str) -> str:
    """Figures as they are, `2p5` for a decimal; codes such as S300 or 1990s as they are spelled."""
    figure = _FIGURE.fullmatch(word)
    if not figure:
        return _spell(word)
    whole, fraction = _spell(figure["whole"]), _spell(figure["fraction"] or "")
    return f"{whole}p{fraction}" if fraction else whole


def _code_point(word: str) -> str:
    return "".join([f"u{ord(letter):04x}" for letter in unicodedata.normalize("NFKD", word)])[
        :LONGEST_KEY
    ]


def _reconciled(key: str) -> str:
    """Step 2, until nothing changes: so a key is its own key. The rules only shorten words or settle a letter."""
    before = ""
    while key != before:
        before = key = key[:LONGEST_KEY]
        for pattern, spelling in _RULES if len(key) > 2 else ():
            key = pattern.sub(spelling, key)
    return key


def _beginning(token: str) -> str:
    """The letters that the keys of this token with some letter after it share."""
    stem = _stem(token)
    key = _key(stem)
    if not key.isalpha():
        return key
    longer = ["ana", "ena", "ina", "nan", *_UNDECIDED.get(stem[-1].lower(), ())]
    keys = [_key(stem + letters) for letters in longer]
    shared = commonprefix([key, *keys]) or commonprefix(keys) or key
    for variant, name in _NAMES.items():
        if len(shared) >= 4 and variant.startswith(shared):
            common = commonprefix([shared, name])
            shared = common if len(common) >= 2 else shared
    return shared


_NO_SPACES = re.compile(f"[{_UNSPACED}]")
_NOT_KEY = re.compile("[^a-z0-9]+")
_ONE_APOSTROPHE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_ARMENIAN_MARKS))
_UNDECIDED = {"ո": ["ւ"], "q": ["ua"]}  # letters that often make one sound with the next
_BARE = str.maketrans("çş", "cs")
_FIGURE = re.compile(
    r"(?P<whole>(?!0)\d{1,3}(?=([ ,.٬])\d{3})(?:\2\d{3})+|\d+)(?:[.,٫](?P<fraction>\d+))?"
)


# --- 1. letters ------------------------------------------------------------------------------------------------------

# Latin. Marks that the press drops are dropped, by anyascii (Lajčák = Lajcak, Gül = Gul). The four letters that it respells
# instead are respelled; they tell a Turkish or Azerbaijani word, as does q before anything but a vowel's u, and x as the
# first letter: there c is j (Gəncə), x is kh (Naxçıvan). The letters İ and ı tell nothing, for I and i must read alike.
_LATIN = {"ə": "a", "ğ": "gh", "ş": "sh", "ç": "ch", "ı": "i"}
_TURKIC = re.compile("[əğşç]|q(?!u[aeioöy])|^x[aou]")
_TURKIC_C = re.compile("c(?!h)")
_FRENCH = re.compile(
    "(?<=n)ç(?=[oa]i)|(?<=fa)ç(?=ade)"
)  # François = Francois, but Koçaryan = Kocharyan

# Cyrillic: Russian by BGN/PCGN without its apostrophes; е is e and ё is e, as Russian print has them; then the letters
# of Azerbaijani (1958-1991), Ukrainian, Belarusian and Serbian.
_CYRILLIC = dict(
    zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True),
    ж="zh", х="kh", ц="ts", ч="ch", ш="sh", щ="shch", ю="yu", я="ya", ъ="", ь="",
    ә="a", ғ="gh", ҝ="g", ҹ="j", ө="o", ү="u", һ="h", ј="y", є="ye", і="i", ї="yi", ґ="g", ў="u", џ="j", ћ="ch",
)  # fmt: skip

# Armenian, by sound in the east: aspirates are written like the plain letters, as newspapers do (Kocharyan, Stepanakert).
_ARMENIAN = dict(
    zip("աբգդեզէըթիլկհմյնոպռսվտրփքօֆւ", "abgdezeytilkhmynoprsvtrpkofv", strict=True),
    ժ="zh", խ="kh", ծ="ts", ձ="dz", ղ="gh", ճ="ch", շ="sh", չ="ch", ջ="j", ց="ts",
)  # fmt: skip

_LETTERS = {**_LATIN, **_CYRILLIC, **_ARMENIAN, "⁄": "f"}  # so that ½ is not 12
_IN_CONTEXT = [
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        ("ու", "u"),
        ("^ո(?!վ)", "vo"),  # Ոսկանյան = Voskanyan
        ("(?<=.)եա(?=ն)", "ya"),  # classical Փաշինեան = reformed Փաշինյան
        ("(?<=.)իւ(?=[^աեէըիոօ])", "yu"),  # classical Արութիւն = reformed Արություն
        ("ը$", "e"),  # the article; inside a word ը is ı: Արցախը is not Արցախի, Յըլդըրըմ = Yıldırım
        ("[ьъ](?=[еёи])", "y"),  # Васильев = Vasilyev
        (
            "^([гкҝ])я",
            r"\1a",
        ),  # Гянджа, Кязимов: я after an initial г or к stands for Azerbaijani ə or a
    )
]


# --- 2. rules: pattern, what stands for it, what it unites ------------------------------------------------------------

_RULES = [
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        # Azerbaijani q is a g to its speakers and in English (Qubadlı = Gubadly = Губадлы) but qara- is kara- to its neighbours
        # (Qaradağ = Karadağ = Карадаг); English qu before a vowel is no g, else quest = guest.
        ("^qara", "kara"),
        ("qu(?=[aeiouy])", "ku"),
        ("q", "g"),
        # Turkish and Azerbaijani c before e, i is j (Ceyhun = Jeyhun = Джейхун); no English word is a twin of another by it but
        # cell = jell and the like. Else c is k (Macron = Макрон = Makron), save in ch and ck (bloc is not block).
        ("c(?=[eiy])", "j"),
        ("c(?![hk])", "k"),
        # х, խ and Azerbaijani x are kh in English, h in Turkish, and х is also Russian for h:
        # Zakharova = Zaxarova = Захарова, Khojaly = Xocalı = Hocalı, Ильхам = İlham = Իլհամ.
        # Where x is ks the rule does not unite (Alexei, Maxim: see the names) but parts nothing.
        ("kh|x", "h"),
        # ğ, ղ, ғ are gh by BGN, g in Turkish use and in Russian: Aghdam = Ağdam = Агдам = Աղդամ
        ("gh", "g"),
        # ж, ժ are zh; Azerbaijani and Turkish j is the same sound: Zhirinovsky = Jirinovski. дж, ջ, c are j, dzh by BGN from
        # Russian, dj in French: Gadzhiev = Gadjiev = Gajiev
        ("d?zh|dj", "j"),
        # Məmməd = Мамед, Muhammad = Мухамед; other double letters stay, else later = latter and filed = filled
        ("mm", "m"),
        # Initial е is ye or e by standard: Yerevan = Ереван = Erevan. Not before a: year is not ear
        ("^ye(?=[^a]..)", "e"),
        # е after a vowel likewise: Dudayev = Dudaev = Дудаев; Tayyip = Тайип, Jabrayil = Jabrail
        ("(?<=[aeou])y+(?=[ei])", ""),
        # Before a vowel, one letter for iy, y and i: Aliyev = Aliev = Алиев = Ալիև, Pashinyan = Pashinian
        ("(?<=.)(?:i[iy]+|yy+)(?=[aeou])", "i"),
        # At the end -ий, -ый, -ի: Zelenskyy = Zelenskiy = Zelensky = Zelenski = Зеленский
        ("(?<=..)[iy](?:[iy]+|j)$", "i"),
        # y inside a word is й, ы, ı, յ, ը: Sergey = Sergei, Khojaly = Xocalı, Syunik = Siunik
        ("(?<=.)y", "i"),
        # French spellings, in surnames only: Kotcharian, Kouliev, Petrossian; not in Russian, watch or our
        ("(?<!ru)ss(?=ian)", "s"),
        ("tch(?=[a-z]*(?:ian|[eo]v)$)", "ch"),
        ("ou(?=[a-z]*(?:ian|[eo]v)$)", "u"),
    )
]


# --- 3. names: a line for each, in the spellings in use; they also count before endings (Карабахский, Məmmədov) --------

# The first spelling gives the key. Places and surnames alike are here for what no rule reconciles: Russian e for Azerbaijani
# ə, Russian г for its h, Russian silence for Armenian h, Turkish e and c, and names that went through a third language.
_SPELLINGS = """
    Karabakh Karabağ Qarabağ Карабах Ղարաբաղ Garabagh Karabach
    Azerbaijan Azərbaycan Azerbaycan Ադրբեջան
    Ganja Gəncə Гянджа Գյանջա
    Fuzuli Füzuli Физули
    Hadrut Гадрут
    Jabrayil Cəbrayıl Джебраил Cebrail Ջեբրայիլ
    Kalbajar Kəlbəcər Кельбаджар Kelbecer Քելբաջար
    Khankendi Xankəndi Ханкенди Khankandi
    Khojaly Xocalı Ходжалы Hocalı Խոջալու
    Khojavend Xocavənd Ходжавенд
    Nakhchivan Naxçıvan Нахичевань Նախիջևան
    Zangezur Zəngəzur Зангезур
    Ahmad Əhməd Ахмед
    Erdoğan Ərdoğan
    Guliyev Quliyev Кулиев
    Haji Hacı Гаджи
    Hasan Həsən Гасан Hassan
    Heydar Heydər Гейдар
    Hikmet Hikmət
    Huseyn Hüseyn Гусейн Hussein
    Mammad Məmməd Мамед Memmed
    Harutyun Арутюн Հարություն
    Aleks Alex
    Hakob Акоп Հակոբ
    Hovhannis Ованнис Հովհաննիս
    Ohanyan Оганян Օհանյան
    Sahakyan Саакян Սահակյան
    Sargsyan Саркисян Sarkisian Սարգսյան
    Vahagn Ваагн Վահագն
"""
_WHOLE = """
    Baku Bakı
    Ganja Gence
    Maksim Maxim
"""


def _names(spellings: str) -> dict[str, str]:
    lines = [
        [_reconciled(_sounds(_normal(name))) for name in line.split()]
        for line in spellings.strip().splitlines()
    ]
    return {variant: first for first, *others in lines for variant in others if variant != first}


_NAMES = _names(_SPELLINGS)
_WHOLE_NAMES = _names(_WHOLE)
_NAME = re.compile(
    "|".join(
        [f"^{name}$" for name in _WHOLE_NAMES]
        + [f"^{name}" for name in sorted(_NAMES, key=len, reverse=True)]
    )
)
_NAMES |= _WHOLE_NAMES
