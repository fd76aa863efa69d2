import unicodedata


def name_key(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold()
