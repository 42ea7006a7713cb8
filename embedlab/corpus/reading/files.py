"""From a path or bytes to text: unzipped, within limits, its format known by its content, its encoding found."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from embedlab.base.english import counted, was
from embedlab.base.errors import EmbedlabError
from embedlab.base.memory import available
from embedlab.corpus.cells import cleaned
from embedlab.corpus.corpus import Note, noted

MAX_BYTES = 1 << 30
"""The most bytes that a file may hold once it is unzipped; of others memory tells, and this where it can't."""
READING = 6
"""Reading a text file takes so many times its size: its bytes, its text, its lines, its cells, its columns."""

FORMATS = "CSV, TSV, TXT, JSON, JSONL, Parquet or XLSX"
MORE = "subtitles (SRT, VTT), chats, Markdown or a bibliography (RIS, BibTeX, NBIB)"
"""What is read besides, known by its content."""
TEXTUAL = ("md", "markdown", "text", "log", "srt", "vtt", "sbv", "ris", "nbib", "bib", "enw")
"""Endings of what is written as plain text."""
ENDINGS = ("csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", *TEXTUAL)
"""File endings that are known, each also with .gz."""

_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFUSED = (
    (b"%PDF-", "a PDF document"), (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"), (b"BZh", "a bzip2 archive"), (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"), (b"\x28\xb5\x2f\xfd", "a Zstandard archive"), (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"), (b"ARROW1", "an Arrow file"), (b"FEA1", "a Feather file"),
    (b"\x7fELF", "a program"), (b"\x89HDF", "an HDF5 file"),
    (b"PARE", "an encrypted Parquet file"), (b"\x1f\x8b", "an archive inside an archive"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class File:
    """A file's name, its ending (lower case, without dot and .gz) and its content, unzipped."""

    name: str
    ending: str
    data: bytes


def load(source: Path | str | bytes, name: str | None = None) -> File:
    """Return the content of `source`, a path or the bytes themselves (which need a `name`).

    Raises `EmbedlabError` when it can't be read, is empty, or is larger than memory allows.
    """
    if isinstance(source, bytes):
        if not name:
            raise ValueError("bytes need a name")
        data = source
    else:
        name = name or Path(source).name or str(source)
        data = _read_path(source)
    name = re.split(r"[/\\]", name)[-1] or name
    if len(data) > (most := most_bytes()):
        raise EmbedlabError(
            f"“{name}” is larger than {_size(most)}, which is what can be read with the memory that is free: split it, "
            "or keep fewer columns or a sample of the rows."
        )
    ending = re.sub(r"\.gz$", "", name.lower()).rpartition(".")
    if data.startswith(b"\x1f\x8b"):
        data = _unzipped(name, data)
    if not data.strip(b" \t\r\n"):
        raise EmbedlabError(f"“{name}” is empty: choose a file that holds a text in each row or line.")
    return File(name, ending[2] if ending[1] else "", data)


def most_bytes() -> int:
    """Return how large a file may be for the memory that is free now: text takes several times its size."""
    free = available()
    return MAX_BYTES if free is None else free // READING


def stem(name: str) -> str:
    """Return a file name without its known ending and .gz."""
    short = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    head, dot, ending = short.rpartition(".")
    return head if dot and head and ending.lower() in ENDINGS else short


def _size(count: int) -> str:
    return f"{count / (1 << 30):.3g} GiB" if count >= 1 << 28 else f"{count / (1 << 20):.3g} MiB"


def _read_path(source: Path | str) -> bytes:
    if str(source).startswith(("http://", "https://")):
        raise EmbedlabError(f"“{source}” is an address, not a file: download it and open the file.")
    shown = cleaned(str(Path(source)))[:200]
    try:
        with Path(source).expanduser().open("rb") as stream:
            return stream.read(most_bytes() + 1)
    except FileNotFoundError:
        raise EmbedlabError(f"There is no file “{shown}”: check the path.") from None
    except IsADirectoryError:
        raise EmbedlabError(f"“{shown}” is a folder: name one file in it.") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        raise EmbedlabError(f"“{shown}” can't be read ({reason}): check the path and its rights.") from None


def _unzipped(name: str, data: bytes) -> bytes:
    """Unzip in chunks, so that a gzip bomb is refused before it fills the memory."""
    whole = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while chunk := stream.read(_CHUNK):
                whole += chunk
                if len(whole) > MAX_BYTES:
                    raise EmbedlabError(
                        f"“{name}” holds more than {_size(MAX_BYTES)} once it is unzipped: keep fewer rows."
                    )
    except EOFError:
        raise EmbedlabError(f"“{name}” ends too early, its end is missing: download or copy it again.") from None
    except (OSError, zlib.error) as error:
        raise EmbedlabError(f"“{name}” is damaged and can't be unzipped ({error}): get it again.") from None
    return bytes(whole)


def binary_format(file: File) -> Literal["parquet", "xlsx", "arrays"] | None:
    """Return the format of a file that is not text; None for text. Its content decides, not its name.

    Raises `EmbedlabError` for kinds of file that hold no table, or none that can be read.
    """
    data, name = file.data, file.name
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"\x93NUMPY"):
        return "arrays"
    if data.startswith(_OLE):
        raise EmbedlabError(
            f"“{name}” is a workbook with a password, or in the old .xls format: "
            "open it in a spreadsheet program and save it as .xlsx without a password."
        )
    if data.startswith(b"PK\x03\x04"):
        return _zip_format(file)
    for magic, kind in _REFUSED:
        if data.startswith(magic):
            raise EmbedlabError(f"“{name}” is {kind}, not a table of texts: save the texts as {FORMATS}.")
    if data[257:262] == b"ustar":
        raise EmbedlabError(f"“{name}” is a tar archive: unpack it and open a file in it.")
    return None


def _zip_format(file: File) -> Literal["xlsx", "arrays"]:
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            names = set(archive.namelist())
            if _holds_workbook(archive, names):
                return "xlsx"
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise EmbedlabError(f"“{file.name}” is damaged: download or copy it again.") from None
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise EmbedlabError(f"“{file.name}” is a workbook in another format: save it as .xlsx.")
    if "word/document.xml" in names:
        raise EmbedlabError(f"“{file.name}” is a Word document: save the texts as {FORMATS}.")
    if names and all(name.endswith(".npy") for name in names):
        return "arrays"
    raise EmbedlabError(f"“{file.name}” is a ZIP archive: unpack it and open a file in it.")


def _holds_workbook(archive: zipfile.ZipFile, names: set[str]) -> bool:
    """Whether an archive is a workbook: by what it says of its parts, which may be called anything."""
    if "xl/workbook.xml" in names:
        return True
    contents = next((name for name in names if name.lower().strip("/") == "[content_types].xml"), None)
    if contents is None:
        return False
    with archive.open(contents) as stream:
        types = stream.read(_CHUNK)
    return (
        re.search(rb"ms-excel\.(?:sheet|template)\.macro|spreadsheetml\.(?:sheet|template)\.main\+xml", types)
        is not None
    )


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_CONTROL = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_ALPHABETS = {
    "cp1252": (
        "äöüß", "éèêëàâæçîïôœùûüÿ", "áéíóúñüºª", "àèéìíîòóùú", "áâãàçéêíóôõúü", "åäöæøé", "ëïéèöüáó",
        "þðáéíóúýæö",
    ),
    "cp1250": (
        "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíľňóôšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ", "äöüß",
    ),
    "iso8859_2": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž"),
    "cp1254": ("çğıöşüâîû",),
    "mac_roman": ("äöüß", "éèêëàâçîïôùû", "áéíóúñü"),
    "cp850": ("äöüß", "éèêëàâçîïôùû", "áéíóúñü"),
}  # fmt: skip
_PUNCTUATION = frozenset("‘’“”„‚–—…«»‹›°€£§·©®™¿¡•²³½¼¾\u00a0")
_INSIDE_WORDS = re.compile(r"(?<=[a-zß-öø-ÿ])[^\x00-\x7f’‘·–—…“”](?=[a-zß-öø-ÿ])")
_FEW = 10
"""So few characters beyond ASCII may be damage rather than letters."""
_MANY = 3
"""So many lines in another encoding are no damage."""
_RARE_BYTES = (b"\xff", b"\xfe", b"\xf0", b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
"""In Windows-1252 hardly any word has these, or no character is one."""
_LATIN = 0.8
"""Text in Latin letters: Windows-1252, or one language, explains this share of its letters beyond ASCII."""
_OTHER_SCRIPTS = [
    "cp1251", "koi8_r", "cp866", "iso8859_5", "cp1253", "cp1255", "cp1256", "cp874", "cp932", "euc_jp",
    "gb18030", "big5", "cp949",
]  # fmt: skip
_SPOKEN = {
    "cp1252": "Windows-1252 (Western European)", "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO 8859-2 (Central European)",
    "cp1254": "Windows-1254 (Turkish)", "mac_roman": "Mac Roman", "cp850": "code page 850 (DOS)",
    "cp1251": "Windows-1251 (Cyrillic)", "koi8_r": "KOI8-R (Cyrillic)", "cp866": "code page 866 (Cyrillic)",
    "iso8859_5": "ISO 8859-5 (Cyrillic)", "cp1253": "Windows-1253 (Greek)", "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)", "cp874": "Windows-874 (Thai)", "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)", "gb18030": "GB 18030 (Chinese)", "big5": "Big5 (Chinese)",
    "cp949": "EUC-KR (Korean)",
}  # fmt: skip

ENCODINGS: Mapping[str, str] = {"utf-8": "UTF-8", **_SPOKEN, "utf-16": "UTF-16"}
"""Encodings that can be chosen, by their names in Python, and how they are called."""


def decode(file: File, encoding: str | None = None) -> tuple[str, str, list[Note]]:
    """Return the file's text, its encoding as Python calls it, and a note on it, if it is not plain UTF-8.

    Where `encoding` is None, it is found:

    A byte-order mark decides; then UTF-16 and UTF-32 show in their NULs; then UTF-8 if it fits, but for a
    few damaged bytes; then, for text in Latin letters, the code page whose letters fit one language best,
    Windows-1252 (which reads Latin-1 as well) when in doubt; charset-normalizer for other scripts.

    Raises `EmbedlabError` when it is not text, and for an encoding that isn't known.
    """
    data = file.data
    if encoding is not None:
        return _as_told(file, encoding)
    for mark, codec, spoken in _MARKS:
        if data.startswith(mark):
            return _decoded(data, codec, f"The file is in {spoken} and was read as such.")
    sample = data[: 1 << 20]
    control = 1 - len(sample.translate(None, _CONTROL)) / len(sample)
    text = _utf8(data)
    if text is not None and control < 0.1:
        return text, "utf-8", []
    wide = _wide_codec(data)
    if wide:
        return _decoded(data, wide, f"The file is in {wide.upper()[:6]} and was read as such.")
    if text is not None or control > 0.01:
        raise EmbedlabError(f"“{file.name}” is not text, whatever its ending says: save the texts as {FORMATS}.")
    if mended := _damaged_utf8(data):
        return mended
    page = _code_page(data)
    if page is None:
        return _with_replacements(data)
    lost = data.decode("utf-8", errors="replace").count("\ufffd")
    otherwise = f" Read as UTF-8, {counted(lost, 'character')} would be lost." if lost <= _FEW else ""
    looks = f"it looks like {_SPOKEN[page]} and was read as that: check the letters beyond a to z."
    return _decoded(data, page, f"The file is not in UTF-8; {looks}{otherwise}")


def _as_told(file: File, encoding: str) -> tuple[str, str, list[Note]]:
    try:
        "a".encode(encoding)
        codec = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise EmbedlabError(
            f"“{encoding[:40]}” is no encoding that is known here: write utf-8, cp1252, shift_jis or another one of "
            "Python's."
        ) from None
    try:
        return _decoded(file.data, codec, f"The file was read as {ENCODINGS.get(codec, codec)}, as you said.")
    except ValueError:
        raise EmbedlabError(f"“{file.name}” can't be read as {codec}: choose another encoding.") from None


def _decoded(data: bytes, codec: str, sentence: str) -> tuple[str, str, list[Note]]:
    text = data.decode(codec, errors="replace")
    lost = text.count("\ufffd")
    damage = noted("changed", lost, f"{counted(lost, 'character')} could not be read and became �.")
    return text, codec, [Note("info", 0, sentence), *damage]


def _wide_codec(data: bytes) -> str | None:
    """Name UTF-16 or UTF-32 without a byte-order mark: every line end and comma has NULs at known places."""
    sample = data[: 1 << 16]
    sample = sample[: len(sample) // 4 * 4] if len(data) % 4 == 0 else sample[: len(sample) // 2 * 2]
    nuls = [sample[place::4].count(0) for place in range(4)]
    if not sum(nuls) or len(data) % 2:
        return None
    if len(data) % 4 == 0 and max(min(nuls[1:]), min(nuls[:3])) > 0.9 * len(sample) / 4:
        codec = "utf-32-le" if min(nuls[1:]) >= min(nuls[:3]) else "utf-32-be"
    else:
        codec = "utf-16-be" if nuls[0] + nuls[2] > nuls[1] + nuls[3] else "utf-16-le"
    text = sample.decode(codec, errors="replace")
    odd = sum(char == "\ufffd" or not (char.isprintable() or char.isspace()) for char in text)
    return codec if odd <= 0.01 * len(text) and sum(nuls) > 0.01 * len(sample) else None


def _damaged_utf8(data: bytes) -> tuple[str, str, list[Note]] | None:
    """Decode UTF-8 in which some bytes are wrong; None when it is something else.

    It is UTF-8 where at least as many lines as not hold characters beyond ASCII that are right, which no other encoding
    gives by chance; or where nothing is wrong but that the last character is cut off.
    """
    text = data.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", errors="ignore"))
    if lost <= 0.1 * beyond_ascii or (lost <= _FEW and _only_cut(data)):
        return _with_replacements(data)
    lines = [line for line in data[: 1 << 24].splitlines() if not line.isascii()]
    wrong = sum(_utf8(line) is None for line in lines)
    right = len(lines) - wrong
    if not right or wrong > 2 * right:
        return None
    return _of_two(data, wrong) if wrong >= _MANY and wrong > 0.2 * len(lines) else _with_replacements(data)


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _only_cut(data: bytes) -> bool:
    """Whether all that is wrong are characters that lack their last bytes, which are seldom letters otherwise."""
    wrong: list[str] = []
    data.decode("utf-8", errors=_western(wrong))
    last = re.search(rb"(?:[\xc2\xc3]|[\xc4-\xf4][\x80-\xbf]{1,2})\Z", data) is not None
    return all(len(signs) > 1 for signs in wrong[: len(wrong) - last])


def _with_replacements(data: bytes) -> tuple[str, str, list[Note]]:
    """Decode what is UTF-8 but for a few bytes, and say what these would be otherwise."""
    text = data.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    otherwise: list[str] = []
    data.decode("utf-8", errors=_western(otherwise))
    readings = " ".join(dict.fromkeys(sign for sign in otherwise if sign.isprintable() and "\ufffd" not in sign))
    also = f"; read as Windows-1252 {'it' if lost == 1 else 'they'} would be {readings[:40]}" if readings else ""
    sentence = f"{counted(lost, 'character')} could not be read as UTF-8 and became �{also}."
    return text, "utf-8", noted("changed", lost, sentence)


def _of_two(data: bytes, wrong: int) -> tuple[str, str, list[Note]]:
    """Decode a file whose lines are of two encodings, as if two files had been put together."""
    read: list[str] = []
    text = data.decode("utf-8", errors=_western(read))
    told = counted(len(read), "character")
    sentence = (
        f"The file is in UTF-8, but for {counted(wrong, 'line')} in another encoding: {told} in them "
        f"{was(len(read))} read as Windows-1252 (Western European)."
    )
    return text, "utf-8", noted("changed", len(read), sentence)


def _western(read: list[str]) -> str:
    """Return the name of a way to mend UTF-8: what is wrong is read as Windows-1252, and put into `read`."""

    def mend(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        sign = error.object[error.start : error.end].decode("cp1252", errors="replace")
        read.append(sign)
        return sign, error.end

    codecs.register_error("embedlab-western", mend)
    return "embedlab-western"


def _code_page(data: bytes) -> str | None:
    """Name the one-byte or East Asian encoding of `data`, from the lines that hold more than ASCII.

    None where a few bytes here and there fit no Latin letters: a word of another script has several in a row.
    """
    lines = [line for line in data[: 1 << 24].splitlines() if not line.isascii()]
    sample = b"\n".join(line[:2000] for line in lines[:2000])[: 1 << 16]
    runs = re.findall(rb"[\x80-\xff]+", sample)
    count = sum(map(len, runs))
    latin = _latin_page(sample) if count < 2.5 * len(runs) else None
    if latin and not (len(runs) <= 2 and all(run in _RARE_BYTES for run in runs)):
        return latin
    if count <= _FEW and max(map(len, runs)) < 3:
        return None
    from charset_normalizer import from_bytes

    match = from_bytes(sample, cp_isolation=_OTHER_SCRIPTS).best()
    return match.encoding if match and match.encoding in _SPOKEN else "cp1252"


def _latin_page(sample: bytes) -> str | None:
    """Name the code page of text in Latin letters; None if its letters fit none.

    Windows-1252, unless its letters are odd or another one fits some language completely, and clearly better.
    """
    fits = {codec: _fit(sample, codec) for codec in _ALPHABETS}
    best = max(fits, key=lambda codec: fits[codec][0])
    western, any_western = fits["cp1252"]
    if max(any_western, fits[best][0]) < _LATIN:
        return None
    certain = any_western < 0.9 or fits[best][0] > 0.97
    return best if certain and fits[best][0] > western + 0.05 else "cp1252"


def _fit(sample: bytes, codec: str) -> tuple[float, float]:
    """The share of the letters beyond ASCII that one language explains, and that all of them together do."""
    text = sample.decode(codec, errors="replace")
    misplaced = sum(not char.islower() for char in _INSIDE_WORDS.findall(text))
    beyond = [char.lower() for char in text if char > "\x7f" and char not in _PUNCTUATION]
    if not beyond:
        return (0.0, 0.0) if misplaced else (1.0, 1.0)
    alphabets = [*_ALPHABETS[codec], "".join(_ALPHABETS[codec])]
    fitting = [(sum(char in alphabet for char in beyond) - misplaced) / len(beyond) for alphabet in alphabets]
    return max(fitting[:-1]), fitting[-1]
