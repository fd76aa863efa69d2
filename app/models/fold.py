"""Search keys that are blind to case, marks and script.

What is stored and what is asked are folded by the same function and then compared word by word,
exactly. Three steps, each a table below:

1. **Letters**: a word is spelled in a-z, script by script, much as BGN/PCGN romanise it.
2. **Rules**: where romanisations differ for a sound (`kh`, `x`, `h`), one spelling stands for all.
3. **Names**: where usage differs and no system explains it (Кельбаджар for Kəlbəcər), a list.

Rules cost precision, since they act on ordinary words too: each is here because two scripts or
standards need it and few English words meet through it (`tests/test_fold.py` bounds how many).
Nothing is stemmed. Different names of one place or person (Khankendi and Stepanakert) stay
different: finding both is the work of the records' other names. Keys are for comparing, not for
showing. Whoever changes a table must have the stored keys made anew.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from itertools import islice, takewhile
from typing import NamedTuple

from anyascii import anyascii

LONGEST_KEY = 64  # longer words meet on these letters; PostgreSQL takes no lexeme over 2,046 bytes
LONGEST_REMEMBERED = 64
REMEMBERED_WORDS = 65_536  # 100,000 statements of English press briefings have 59,000, in 16 MB


class Word(NamedTuple):
    """A word of a text: its key, and its place in code points of the text as given, half-open."""

    key: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of `text` in order; keys are `[a-z0-9]+`, at most 64 characters. Any text will do.

    A case ending after an apostrophe (Baku's, Bakü'nün) belongs neither to the key nor to the span.
    """
    found = []
    pattern, text = _prepared(text)
    for match in pattern.finditer(text):
        key, length = _KEYS[match[0]]
        start = match.start()
        found.append(Word(key, start, start + length))
    return found


def keys(text: str) -> list[str]:
    """The keys of `words`, in a third of the time."""
    return [_KEYS[token][0] for token in _tokens(text)]


def places(text: str, wanted: Collection[int]) -> dict[int, tuple[int, int]]:
    """Where some words stand in a text, by their numbers; as in `words`."""
    pattern, text = _prepared(text)
    found = {}
    for number, match in enumerate(islice(pattern.finditer(text), max(wanted, default=-1) + 1)):
        if number in wanted:
            start = match.start()
            found[number] = (start, start + _KEYS[match[0]][1])
    return found


def fold(text: str) -> str:
    """The keys of `text` joined by spaces: what is stored and indexed. Folding it again is idle."""
    return " ".join(keys(text))


def prefix_key(text: str) -> str:
    """What the keys of all words that begin with `text` begin with, as far as that can be known.

    Last letters that may read otherwise once more follow are left out (`Lac` of Lachin gives `la`):
    rather too wide than silently empty. Words before the last are folded whole. No words, no key.
    """
    tokens = _tokens(text)
    return " ".join([*(_KEYS[token][0] for token in tokens[:-1]), *map(_beginning, tokens[-1:])])


def name_key(text: str) -> str:
    """A key that puts names in order: a-z, digits, single spaces; blind to case, marks and script.

    Letters are spelled out and nothing more, so names that `fold` unites may differ. Empty for a
    text without words. At most 500 letters: one character may be spelled with eighteen, and what
    follows so many moves no name in any list that a person reads.
    """
    spelled = [_spell(_normal(token).translate(_WITHOUT_MARKS)) for token in _tokens(text)]
    return " ".join([word for word in spelled if word])[:500].rstrip()


# --- where a word begins and ends -----------------------------------------------------------------

_APOSTROPHES = "'`´‘’‛′ʹʻʼʽʾʿˈ՚׳＇\u0374\u1fef\u1ffd"
_IS_APOSTROPHE = frozenset(_APOSTROPHES)
_TYPESETTING = tuple(zip("’‘“”–—…", "''\"\"-- ", strict=True))
# Scripts without spaces: each character is a word, so that a phrase finds what a segmenter would.
_UNSPACED = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17dd"
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
# Latin, Cyrillic, Armenian: tried first, since the whole class of letters is slow to ask for.
_COMMON = (
    "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0400-\u0481\u048a-\u052f"
    "\u0531-\u0556\u0561-\u0587"
)
# Stress, exclamation and question stand inside an Armenian word: ինչո՞ւ.
_ARMENIAN_MARKS = "՛՜՞"


def _prepared(text: str) -> tuple[re.Pattern[str], str]:
    """The pattern for the words of a text, and the text, of equal length, to find them in."""
    if not text.isascii():  # three English texts in four, but most by their quotation marks only
        for mark, plain in _TYPESETTING:
            text = text.replace(mark, plain)
    return _ASCII if text.isascii() else _unicode(), text


def _tokens(text: str) -> list[str]:
    pattern, text = _prepared(text)
    return pattern.findall(text)


def _compile(letter: str, run: str, mark: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """One alternative for each kind of word.

    Repetitions are possessive: the text may be a stranger's, and takes time by its length only.
    """
    initial = rf"(?![\d\u0590-\u1dff\u2200-\U0010ffff]){letter}{mark}*+"
    apostrophe = f"[{_APOSTROPHES}]"
    kinds = (
        # Most words, which are none of what follows: tried first, which takes a third less time.
        r"[A-Za-z]{2,}+(?![^\0-\x7f]|[0-9'`])",
        # 5,000 = 5.000 = 5 000 (no-break space): thousands in English, Turkish and Russian
        r"(?=[^\D0])(?<!\d[.,])\d{1,3}(?:(?:,\d{3}(?!\d))++|(?:\.\d{3}(?!\d))++"
        r"|(?:[٬\u00a0\u2009\u202f]\d{3}(?!\d))++)(?:[.,٫]\d++)?+(?![.,]\d)",
        # 2.5 = 2,5 is one word, for 2 and 5 are other figures; the date 27.09.2020 is three
        r"(?=\d)(?<!\d[.,])\d++[.,٫]\d++(?![.,]\d)",
        # U.N. = UN, Н.К.А.О. = НКАО
        rf"(?<![\w.]){initial}\.{initial}(?:\.{initial})*+(?!{letter})"
        rf"(?:\.?{apostrophe}[sS](?!{letter}))?+",
        rf"{run}(?:{apostrophe}{mark}*+{run})*+",
        rf"[{_UNSPACED}]{mark}*+",
    )
    return re.compile(rf"(?=\w)(?:{'|'.join(kinds)})", flags)


_ASCII = _compile("[0-9A-Za-z]", "[0-9A-Za-z]++", "(?!)", re.ASCII)


@cache
def _unicode() -> re.Pattern[str]:
    """Made when first needed: finding the marks and invisible characters of Unicode takes 50 ms."""
    kinds = {"Mn", "Mc", "Me", "Cf"}  # marks, and invisible characters: soft hyphen, joiners, bidi
    near = [chr(code) for code in range(0x80, 0x10000)]
    far = [chr(code) for plane in (0x10000, 0xE0000) for code in range(plane, plane + 0xF000)]
    near, far = (
        [char for char in chars if unicodedata.category(char) in kinds] for chars in (near, far)
    )
    mark = f"(?:[{''.join(near)}{_ARMENIAN_MARKS}]|(?=[\U00010000-\U0010ffff])[{''.join(far)}])"
    letter = rf"(?:[{_COMMON}]|(?![{_APOSTROPHES}{_UNSPACED}])[^\W_])"
    run = rf"{letter}(?:[{_COMMON}]++|(?=[^\0-\x7f])(?:{letter}|{mark}))*+"
    return _compile(letter, run, mark, re.NOFLAG)


# English 's, and the case endings that Turkish sets off from a name (Bakü'nün, Ermenistan'da,
# Erivan'a), by vowel harmony and only after three letters: Qur'an, Sana'a, Isma'il, O'Brien and
# P'ashinyan are whole words.
_ENDING = re.compile(
    r"""' (?: s
      | (?<=[^\W\d_]{3}') (?: [dt][ae](?:n|ki)? | l[ae]
      | (?<=[aeiıoöuüə]') (?: y[aeiıuü] | yl[ae] | n(?:[ae]|[iıuü]n?|d[ae](?:n|ki)?) )
      | (?<![aeiıoöuüə]') (?<!ch') (?<!ts') (?: [aeiıuü] | [iıuü]n ) ) ) $""",
    re.VERBOSE,
)


# --- from a token to its key ----------------------------------------------------------------------


def _analysed(token: str) -> tuple[str, int]:
    """The key of a token, and how many of its characters are the word without its ending."""
    stem = _stem(token)
    return _key(stem), len(stem)


class _Keys(dict[str, tuple[str, int]]):
    """Tokens as `_analysed` has them, once they were met; when it is full it begins anew.

    A dictionary that fills itself: most tokens were met before, and to call a function for each
    took twice as long.
    """

    def __missing__(self, token: str) -> tuple[str, int]:
        found = _analysed(token)
        if len(token) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED_WORDS:
                self.clear()
            self[token] = found
        return found


_KEYS = _Keys()


def _stem(token: str) -> str:
    if token.isalnum() and _IS_APOSTROPHE.isdisjoint(token):
        return token
    end = len(token)
    while unicodedata.category(token[end - 1]) == "Cf":  # a highlight shall not cut an isolate open
        end -= 1
    token = token[:end]
    cut = max(map(token.rfind, _APOSTROPHES))
    if cut > 0 and _ENDING.search(f"{_normal(token[:cut])}'{_normal(token[cut + 1 :])}"):
        return token[:cut]
    return token


def _key(stem: str) -> str:
    word = _normal(stem)
    if not word.isascii() and _NO_SPACES.match(word):
        return _code_points(word)
    if not word.isalpha() and any(map(str.isdigit, word)):
        return _number(word)[:LONGEST_KEY] or _code_points(word)
    key, named = "", _reconciled(_sounds(word))
    while key != named:
        key = named
        if name := _NAME.match(key):
            named = _reconciled(_NAMES[name[0]] + key[name.end() :])
    return key or _code_points(word)


def _normal(token: str) -> str:
    """Lower case, one normal form (NFC and NFD twins meet), one apostrophe, nothing invisible."""
    if token.isascii():
        return token.lower().replace("`", "'")
    word = unicodedata.normalize("NFKC", token.translate(_ONE_APOSTROPHE)).casefold()
    word = unicodedata.normalize("NFC", word).translate(_ONE_APOSTROPHE)
    word = word.replace("i\u0307", "i")  # what becomes of İ
    if word.isalpha():
        return word
    return "".join([char for char in word if unicodedata.category(char) != "Cf"])


def _spell(word: str) -> str:
    """Step 1: the word in a-z and 0-9; letters outside the tables as anyascii has them."""
    if not word.isascii():
        for pattern, spelling in _IN_CONTEXT:
            word = pattern.sub(spelling, word)
        word = "".join([_LETTERS[char] if char in _LETTERS else _other(char) for char in word])
    return word if word.isascii() and word.isalnum() else _NO_KEY.sub("", word)


@lru_cache(4096)
def _other(char: str) -> str:
    # Accents, harakat and niqqud are dropped; Indic vowel signs (class 0) are letters.
    return "" if unicodedata.combining(char) else anyascii(char).lower()


def _sounds(word: str) -> str:
    word = _FRENCH.sub("c", word)
    turkic = len(word) > 2 and _TURKIC.search(word)
    return _spell(_TURKIC_C.sub("j", word) if turkic else word)


def _reconciled(key: str) -> str:
    """Step 2, until nothing changes, so that a key is its own key. Rules shorten or settle."""
    before = ""
    while key != before:
        before = key = key[:LONGEST_KEY]
        for needed, pattern, spelling in _RULES if len(key) > 2 else ():  # my, mi; II, III; UN
            if needed in key:
                key = pattern.sub(spelling, key)
    return key


def _number(word: str) -> str:
    """Digits as they are, `2p5` for a decimal; codes such as S300 or 1990s as they are spelled."""
    figure = _FIGURE.fullmatch(word)
    if not figure:
        return _spell(word)
    whole, fraction = _spell(figure["whole"]), _spell(figure["fraction"] or "")
    return f"{whole}p{fraction}" if fraction else whole


def _code_points(word: str) -> str:
    """What cannot or need not be spelled, exactly: `u4e9a`. The digits keep the rules away."""
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join([f"u{ord(char):04x}" for char in decomposed])[:LONGEST_KEY]


def _beginning(token: str) -> str:
    """What the key of this token shares with its keys when more letters follow."""
    stem = _stem(token)
    key = _key(stem)
    if not key.isalpha():
        return key
    more = ["ana", "ena", "ina", "nan", *_UNDECIDED.get(stem[-1].lower(), ())]
    keys = [_key(stem + letters) for letters in more]
    shared = _common(key, *keys) or _common(*keys) or key
    for variant, name in _NAMES.items():  # Mame, if it is to become Mamedyarov, is only Mam
        common = _common(shared, name)
        if len(shared) >= 4 and len(common) >= 2 and variant.startswith(shared):
            shared = common
    return shared


def _common(*keys: str) -> str:
    low, high = min(keys), max(keys)
    return "".join(
        [a for a, _ in takewhile(lambda ab: ab[0] == ab[1], zip(low, high, strict=False))]
    )


_NO_SPACES = re.compile(f"[{_UNSPACED}]")
_NO_KEY = re.compile("[^a-z0-9]+")
_ONE_APOSTROPHE = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_ARMENIAN_MARKS, "")
)
_WITHOUT_MARKS = str.maketrans("çş", "cs")
_UNDECIDED = {"ո": ["ւ"], "q": ["ua"]}  # letters that often make one sound with the next
_FIGURE = re.compile(
    r"(?P<whole>(?=[^\D0])\d{1,3}(?:(?:,\d{3})+|(?:\.\d{3})+|(?:[ ٬]\d{3})+)|\d+)"
    r"(?:[.,٫](?P<fraction>\d+))?"
)


# --- 1. letters -----------------------------------------------------------------------------------

# Latin. Marks that the press drops are dropped, by anyascii (Lajčák = Lajcak, Gül = Gul). Four
# letters that it respells are respelled. These tell a Turkish or Azerbaijani word, and so does q
# without a vowel's u, or x as the first letter; there c is j (Gəncə). İ and ı tell nothing, since
# I and i must read alike.
_LATIN = {"ə": "a", "ğ": "gh", "ş": "sh", "ç": "ch", "ı": "i"}
_TURKIC = re.compile("[əğşç]|q(?!u[aeioöy])|^x[aou]")
_TURKIC_C = re.compile("c(?!h)")
_FRENCH = re.compile("(?<=n)ç(?=[oa]i)|(?<=fa)ç(?=ade)")  # François = Francois, not Koçaryan

# Cyrillic: Russian as BGN/PCGN but without apostrophes, and ё is е, as print mostly has it; then
# letters of Azerbaijani (1958-1991), Ukrainian, Belarusian and Serbian.
_CYRILLIC = dict(
    zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziyklmnoprstufye", strict=True),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"},
    **{"ъ": "", "ь": "", "ә": "a", "ғ": "gh", "ҝ": "g", "ҹ": "j", "ө": "o", "ү": "u", "һ": "h"},
    **{"ј": "y", "є": "ye", "і": "i", "ї": "yi", "ґ": "g", "ў": "u", "џ": "j", "ћ": "ch"},
)

# Armenian, by sound in the east. Aspirates are written like plain letters, as newspapers do
# (Kocharyan, Stepanakert), which leaves ծ and ց, ճ and չ, ռ and ր one.
_ARMENIAN = dict(
    zip("աբգդեզէըթիլկհմյնոպռսվտրփքօֆւ", "abgdezeytilkhmynoprsvtrpkofv", strict=True),
    **{"ժ": "zh", "խ": "kh", "ծ": "ts", "ձ": "dz", "ղ": "gh", "ճ": "ch", "շ": "sh"},
    **{"չ": "ch", "ջ": "j", "ց": "ts"},
)

_LETTERS = {**_LATIN, **_CYRILLIC, **_ARMENIAN, "⁄": "f"}  # the last, so that ½ is not 12
_IN_CONTEXT = [
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        ("ու", "u"),  # և needs no line: its lower case is եւ, and ւ is v
        ("^ո(?!վ)", "vo"),  # Ոսկանյան = Voskanyan
        ("(?<=.)եա(?=ն)", "ya"),  # classical Փաշինեան = reformed Փաշինյան
        ("(?<=.)իւ(?=[^աեէըիոօ])", "yu"),  # classical Արութիւն = reformed Արություն
        # The article: Արցախը is not Արցախի. Inside a word ը is ı: Յըլդըրըմ = Yıldırım.
        ("ը$", "e"),
        ("[ьъ](?=[еёи])", "y"),  # Васильев = Vasilyev
        ("^([гкҝ])я", r"\1a"),  # Гянджа, Кязимов: Russian for Azerbaijani gə, ka
    )
]


# --- 2. rules: a pattern, what stands for it, and which spellings need it -------------------------

# First stand letters without which the pattern cannot be found: to look for them takes a tenth of
# the time, and most words need no rule.
_RULES = [
    (needed, re.compile(pattern), spelling)
    for needed, pattern, spelling in (
        # Azerbaijani q is g in English and Russian (Qubadlı = Gubadly = Губадлы), but qara- is
        # kara- to its neighbours (Qaradağ = Karadağ = Карадаг). English qu before a vowel is k,
        # else quest = guest.
        ("qara", "^qara", "kara"),
        ("qu", "qu(?=[aeiouy])", "ku"),
        ("q", "q", "g"),
        # Turkish, Azerbaijani c before e, i is j (Ceyhun = Jeyhun = Джейхун). In English it is s,
        # but hardly a word (cello, jello) has a twin with j. Else c is k (Macron = Makron, Макрон),
        # save in ch and ck: bloc is not block.
        ("c", "c(?=[eiy])", "j"),
        ("c", "c(?![hk])", "k"),
        # х, խ, Azerbaijani x are kh in English and h in Turkish, and х is Russian for h as well:
        # Zakharova = Zaxarova = Захарова, Khojaly = Xocalı = Hocalı, İlham = Ильхам = Իլհամ.
        # This does not unite x with кс, but parts no words either; Alex- and Maxim are names below.
        ("kh", "kh", "h"),
        ("x", "x", "h"),
        # ğ, ղ, ғ are gh by BGN, g in Russian and in Turkish without marks: Aghdam = Ağdam = Агдам
        ("gh", "gh", "g"),
        # дж, ջ, c are j, or dzh by BGN from Russian, or dj in French: Hajiyev = Hadjiev = Gadzhiev.
        # ж, ժ are zh by BGN and j in Turkish, Azerbaijani: Zhirinovsky = Jirinovski = Жириновский.
        ("zh", "d?zh", "j"),
        ("dj", "dj", "j"),
        # Məmmədov = Мамедов. Other double letters stay: later is not latter, filed is not filled.
        ("mm", "mm", "m"),
        # Initial е is ye or e by standard: Yerevan = Erevan = Ереван. Not in yes, yet, year.
        ("ye", "^ye(?=[^a]..)", "e"),
        # So is е after a vowel: Dudayev = Dudaev = Дудаев; and yi is i: Tayyip = Тайип.
        ("y", "(?<=[aeou])y+(?=[ei])", ""),
        # iy, y and i are one before a vowel: Aliyev = Aliev = Ալիև, Pashinyan = Pashinian = Пашинян
        ("i", "(?<=.)i[iy]+(?=[aeou])", "i"),
        ("yy", "(?<=.)yy+(?=[aeou])", "i"),
        # -ий, -ի: Zelenskyy = Zelenskiy = Zelensky = Zelenski = Зеленский = Զելենսկի
        ("", "(?<=..)[iy](?:[iy]+|j)$", "i"),
        # y inside and at the end is й, ы, ı, յ: Sergey = Sergei, Khojaly = Xocalı, Syunik = Siunik.
        # The dearest rule: of 106 words in 20,000 that meet, 56 meet here (tire, tyre; sink, sync).
        ("y", "(?<=.)y", "i"),
        # French spellings, in surnames only: Petrossian, Kotcharian, Kouliev; not Russian, watch
        ("ssian", "(?<!ru)ss(?=ian)", "s"),
        ("tch", "tch(?=[a-z]*(?:ian|[eo]v)$)", "ch"),
        ("ou", "ou(?=[a-z]*(?:ian|[eo]v)$)", "u"),
    )
]


# --- 3. names: a line for each, in spellings in use that the rules leave apart --------------------

# The first spelling gives the key. The causes: Russian has e for Azerbaijani ə, г for its h, and
# nothing for Armenian h; Turkish has e for ə; and names went through third languages.
_AT_THE_BEGINNING = """
    Karabakh Qarabağ Karabağ Ղարաբաղ Karabach Karabak
    Azerbaijan Azərbaycan Azerbaycan Ադրբեջան
    Fuzuli Физули
    Ganja Գյանջա
    Hadrut Гадрут
    Jabrayil Джебраил
    Kalbajar Кельбаджар Kelbecer
    Khankendi Xankəndi
    Khojaly Hocalı Խոջալու
    Khojavend Xocavənd
    Nakhchivan Нахичевань Նախիջևան
    Zangezur Zəngəzur
    Ahmad Ахмед
    Erdogan Ərdoğan
    Guliyev Кулиев
    Haji Гаджи
    Hasan Гасан Hassan
    Heydar Гейдар
    Hikmet Hikmət
    Huseyn Гусейн Hussein
    Mammad Мамед Memmed
    Harutyun Арутюн
    Hakob Акоп
    Hovhannis Ованнис
    Ohanyan Оганян
    Sahakyan Саакян
    Sargsyan Саркисян
    Vahagn Ваагн
    Aleks Alex
"""  # also before endings: Карабахский, Məmmədov
_WHOLE = """
    Baku Bakı
    Ganja Gence
    Maksim Maxim
"""  # not in Bakiyev, gencecik, maximum


def _names(table: str) -> dict[str, str]:
    lines = [
        [_reconciled(_sounds(_normal(spelling))) for spelling in line.split()]
        for line in table.strip().splitlines()
    ]
    return {variant: name for name, *variants in lines for variant in variants}


_NAMES = _names(_AT_THE_BEGINNING)
_NAME = re.compile(f"^(?:{'|'.join([*_NAMES, *(f'{name}$' for name in _names(_WHOLE))])})")
_NAMES |= _names(_WHOLE)
