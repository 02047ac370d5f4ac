"""Sixty pairs of names that look alike or are written alike, and whether they are one name (T22)."""

from typing import NamedTuple


class Pair(NamedTuple):
    """Two spellings, and whether they name the same user."""

    one: str
    other: str
    same: bool
    why: str


PAIRS = (
    # One name in two spellings.
    Pair("ada", "ADA", True, "capitals"),
    Pair("Ada@Contoso.Example", "aDA@cONTOSO.eXAMPLE", True, "mixed capitals"),
    Pair("stra\N{LATIN SMALL LETTER SHARP S}e", "STRASSE", True, "sharp s and ss"),
    Pair("stra\N{LATIN CAPITAL LETTER SHARP S}e", "strasse", True, "capital sharp s"),
    Pair("\N{KELVIN SIGN}ai", "kai", True, "Kelvin sign"),
    Pair("\N{ANGSTROM SIGN}se", "\N{LATIN SMALL LETTER A WITH RING ABOVE}se", True, "Angstrom sign"),
    Pair("\N{OHM SIGN}", "\N{GREEK SMALL LETTER OMEGA}", True, "Ohm sign"),
    Pair("\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}", True, "micro sign"),
    Pair("\uff41\uff44\uff41", "ada", True, "full-width letters"),
    Pair("\uff21\uff24\uff21", "ada", True, "full-width capitals"),
    Pair("user\uff11", "user1", True, "full-width digit"),
    Pair("ada\uff20contoso.example", "ada@contoso.example", True, "full-width at sign"),
    Pair("ada@contoso\uff0eexample", "ada@contoso.example", True, "full-width full stop"),
    Pair("e\N{COMBINING ACUTE ACCENT}va", "\N{LATIN SMALL LETTER E WITH ACUTE}va", True, "NFD and NFC"),
    Pair("E\N{COMBINING ACUTE ACCENT}VA", "\N{LATIN SMALL LETTER E WITH ACUTE}va", True, "NFD capitals"),
    Pair("a\N{COMBINING RING ABOVE}", "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}", True, "NFD ring"),
    Pair("o\N{COMBINING DIAERESIS}", "\N{LATIN SMALL LETTER O WITH DIAERESIS}", True, "NFD umlaut"),
    Pair(
        "q\N{COMBINING DOT BELOW}\N{COMBINING DOT ABOVE}",
        "q\N{COMBINING DOT ABOVE}\N{COMBINING DOT BELOW}",
        True,
        "order of marks",
    ),
    Pair("\N{LATIN SMALL LIGATURE FI}ona", "fiona", True, "ligature fi"),
    Pair("o\N{LATIN SMALL LIGATURE FF}ice", "office"[:2] + "fice", True, "ligature ff"),
    Pair("\N{LATIN SMALL LIGATURE FFI}", "FFI", True, "ligature ffi"),
    Pair("\N{LATIN SMALL LIGATURE ST}", "ST", True, "ligature st"),
    Pair("\N{LATIN SMALL LETTER DZ WITH CARON}", "\N{LATIN CAPITAL LETTER DZ WITH CARON}", True, "digraph"),
    Pair("\N{LATIN CAPITAL LETTER D WITH SMALL LETTER Z}", "dz", True, "title-case digraph"),
    Pair("\N{LATIN CAPITAL LETTER LJ}", "lj", True, "digraph lj"),
    Pair("\N{LATIN SMALL LETTER LONG S}am", "sam", True, "long s"),
    Pair(
        "\N{LATIN SMALL LETTER LONG S WITH DOT ABOVE}", "\N{LATIN SMALL LETTER S WITH DOT ABOVE}", True, "ſ"
    ),
    Pair("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK CAPITAL LETTER SIGMA}", True, "final sigma"),
    Pair("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}", True, "both small sigmas"),
    Pair("\N{GREEK BETA SYMBOL}", "\N{GREEK SMALL LETTER BETA}", True, "Greek symbol"),
    Pair("\N{CYRILLIC CAPITAL LETTER A}nna", "\N{CYRILLIC SMALL LETTER A}nna", True, "Cyrillic capitals"),
    Pair("\N{ARMENIAN SMALL LIGATURE ECH YIWN}", "\u0535\u0552", True, "Armenian ligature"),
    Pair("\N{CHEROKEE LETTER A}", "\N{CHEROKEE SMALL LETTER A}", True, "Cherokee folds to capitals"),
    Pair("user\N{SUPERSCRIPT TWO}", "user2", True, "superscript"),
    Pair("user\N{SUBSCRIPT TWO}", "user2", True, "subscript"),
    Pair("user\N{CIRCLED DIGIT ONE}", "user1", True, "circled digit"),
    Pair("\N{ROMAN NUMERAL FOUR}", "iv", True, "Roman numeral"),
    Pair("\N{MATHEMATICAL BOLD SMALL A}da", "ada", True, "mathematical letter"),
    Pair("\N{SCRIPT CAPITAL E}va", "eva", True, "script letter"),
    Pair("\N{FEMININE ORDINAL INDICATOR}", "a", True, "ordinal"),
    Pair("\N{LATIN SMALL LETTER N PRECEDED BY APOSTROPHE}", "\N{MODIFIER LETTER APOSTROPHE}n", True, "'n"),
    Pair("\uff76", "\u30ab", True, "half-width katakana"),
    Pair("\uac00", "\u1100\u1161", True, "Hangul syllable and its letters"),
    Pair("ada b", "ada\N{NO-BREAK SPACE}b", True, "no-break space"),
    Pair("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "i\N{COMBINING DOT ABOVE}", True, "dotted capital I"),
    # Two names, whatever a database's own folding says.
    Pair("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}da", "ida", False, "PostgreSQL lowers U+0130 to i"),
    Pair("\N{LATIN SMALL LETTER DOTLESS I}da", "ida", False, "dotless i"),
    Pair("\N{LATIN SMALL LETTER DOTLESS I}da", "IDA", False, "dotless i and capital I"),
    Pair("\N{CYRILLIC SMALL LETTER A}da", "ada", False, "Cyrillic a"),
    Pair("ad\N{CYRILLIC SMALL LETTER A}", "ada", False, "Cyrillic a at the end"),
    Pair("b\N{GREEK SMALL LETTER OMICRON}b", "bob", False, "Greek o"),
    Pair("\N{CYRILLIC SMALL LETTER ER}aul", "paul", False, "Cyrillic er"),
    Pair("\N{LATIN SMALL LETTER E WITH ACUTE}va", "eva", False, "an accent counts"),
    Pair("\N{LATIN SMALL LETTER O WITH STROKE}", "o", False, "a stroke counts"),
    Pair("\N{LATIN SMALL LETTER AE}", "ae", False, "ae is a letter of its own"),
    Pair("\N{LATIN SMALL LETTER U WITH DIAERESIS}", "ue", False, "an umlaut is not two letters"),
    Pair("rnia", "mia", False, "r and n beside each other"),
    Pair("paul1", "paull", False, "one and l"),
    Pair("b0b", "bob", False, "zero and o"),
    Pair("a\N{HYPHEN}b", "a-b", False, "typographic hyphen"),
)
