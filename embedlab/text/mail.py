"""What mail programs put around a text: headers, quoted lines, who wrote when, signatures."""

from __future__ import annotations

import re

_HEADER = (
    r"(?:From|To|Cc|Bcc|Date|Sent|Subject|Reply-To|In-Reply-To|References|Message-ID|Organi[sz]ation|Lines|Sender|"
    r"Newsgroups|Distribution|Followup-To|Path|Keywords|Summary|Expires|Received|Return-Path|Delivered-To|MIME-Version|"
    r"NNTP-Posting-Host|Nntp-Posting-Host|Article-I\.D\.|Content-[\w-]+|X-[\w-]+|List-[\w-]+|User-Agent|Importance|"
    r"Von|An|Gesendet|Datum|Betreff|Kopie|De|À|Envoyé|Objet|Para|Enviado|Asunto|Assunto|Da|Inviato|Oggetto|"
    r"发件人|收件人|抄送|主题|发送时间|差出人|宛先|件名|送信日時|보낸사람|받는사람|제목)"
)
_SUBJECT = r"(?:Subject|Betreff|Objet|Asunto|Assunto|Oggetto|主题|件名|제목)"
_BLOCK = re.compile(rf"(?:^[ \t]*{_HEADER}[ \t]*[:：].*(?:\n[ \t]+\S.*)*\n?){{2,}}", re.MULTILINE | re.IGNORECASE)
_LINE = re.compile(rf"^[ \t]*({_SUBJECT})?{_HEADER}?[ \t]*[:：](.*)$", re.MULTILINE | re.IGNORECASE)
# Names of headers that are never anything else, wherever they stand: some files hold a message in one line.
_INLINE = re.compile(
    r"\b(?:Message-ID|In-Reply-To|Reply-To|NNTP-Posting-Host|X-Newsreader|X-Mailer|MIME-Version|Content-Type|"
    r"Content-Transfer-Encoding|Article-I\.D\.|Followup-To|Return-Path|Delivered-To|User-Agent|Newsgroups)\s*:"
    r"|\b(?:From|Subject|Organi[sz]ation|Lines|Sent|Cc|Bcc)\s*:(?=\s)",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:(?<=[:：\n])|^)(?:[ \t]*(?:re|fwd?|aw|wg|sv|tr|rv|antw|回复|答复|转发)(?:\[\d+\])?[:：])+", re.I | re.M
)
_QUOTED = re.compile(r"^[ \t]*(?:[A-Za-z]{0,4}>|[|:]>).*$", re.MULTILINE)
_WROTE = re.compile(
    r"^.{0,200}\b(?:wrote|writes|schrieb|a écrit|escribió|escreveu|ha scritto)[ \t]*[:：].*$"
    r"|\b(?:In article\s+\S+,?\s*)?[\w.+-]+@[\w.-]+(?:\s*\([^()\n]{0,60}\))?\s+(?:wrote|writes)[ \t]*:"
    r"|^[ \t]*In article[ \t]+\S.*$"
    r"|^[ \t]*-{2,}[ \t]*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine)[ \t]*-{2,}"
    r".*$",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^-- ?\n[\s\S]{0,2000}\Z", re.MULTILINE)
_ADDRESS = re.compile(r"<?[\w.+-]+@[\w-]+(?:\.[\w-]+)+>?")
_MAYBE = re.compile(r"[:：@>]|^-- ?$", re.MULTILINE)


def without_mail(text: str) -> str:
    """Return a text without the headers, quoted lines and signature of a mail, and without addresses.

    Headers are two or more lines of them, one below the other, or names that are nothing else (Message-ID). What a
    subject says stays, without "Re:". " . " stands for what is left out between other words.
    """
    if not _MAYBE.search(text):
        return text
    text = _SIGNATURE.sub("", text.replace("\r\n", "\n"))
    text = _BLOCK.sub(_subject, text)
    text = _WROTE.sub(" . ", _QUOTED.sub("", text))
    return _ADDRESS.sub(" . ", _INLINE.sub(" . ", _ANSWER.sub(" . ", text)))


def _subject(block: re.Match[str]) -> str:
    """Return what the subject of a block of headers says, each on a line of its own."""
    said = (line[2] for line in _LINE.finditer(block[0]) if line[1])
    return "".join(f"{_ANSWER.sub('', ':' + one).lstrip(':').strip()}\n\n" for one in said)
