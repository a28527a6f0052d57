"""All that a Slack message says, as one body: its text, what a bot hung on it, and its files as links."""

from collections.abc import Iterator
from typing import Any

from messaging.slack.records import Attachment, File, Message
from messaging.slack.text import Names, link, unescape, words


def body(message: Message, names: Names) -> str:
    """Write a message's body; empty where it says nothing."""
    text = message.text or ""
    if not (message.attachments or message.files or message.file or message.blocks):
        return words(text, names)
    paragraphs = [words(text, names)]
    for attachment in message.attachments or ():
        # A link's preview is the other page's words; without a text it is all there is.
        if not (text and attachment.from_url):
            paragraphs += _attachment(attachment, names)
    if not any(paragraphs):
        paragraphs += [words(line, names) for line in _block_texts(message.blocks)]
    # Old exports write the file's link into the text as well.
    paragraphs += [line for file, line in _files(message) if not (file.url_private and file.url_private in text)]
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def _files(message: Message) -> Iterator[tuple[File, str]]:
    for file in [*(message.files or ()), *([message.file] if message.file else ())]:
        name = unescape(file.name or file.title or "file")
        url = file.url_private or file.permalink
        yield file, link(name, unescape(url)) if url else f"{name} (file not in the export)"


def _attachment(attachment: Attachment, names: Names) -> Iterator[str]:
    title = words(attachment.title or "", names)
    lines = [
        words(attachment.pretext or "", names),
        link(title, unescape(attachment.title_link)) if attachment.title_link else title,
        words(attachment.text or "", names),
        *(words(f"{field.title or ''}: {field.value or ''}", names) for field in attachment.fields or ()),
        link("", unescape(attachment.image_url)) if attachment.image_url else "",
    ]
    if not any(lines):
        lines = [words(line, names) for line in _block_texts(attachment.blocks)]
    if not any(lines):
        lines = [words(attachment.fallback or "", names)]
    yield from filter(None, lines)


def _block_texts(block: Any) -> Iterator[str]:
    """Find the words in Slack's blocks, whatever their nesting: a line for each run of rich text or plain text."""
    if isinstance(block, list):
        for inner in block:
            yield from _block_texts(inner)
    elif isinstance(block, dict):
        elements = block.get("elements")
        if isinstance(elements, list) and str(block.get("type", "")).startswith("rich_text_"):
            yield "".join(_inline(element) for element in elements if isinstance(element, dict))
        elif isinstance(block.get("text"), str):
            yield block["text"]
        else:
            for inner in block.values():
                yield from _block_texts(inner)


def _inline(element: dict[str, Any]) -> str:
    """Write one piece of rich text in Slack's markup."""
    match element:
        case {"type": "user", "user_id": str(user)}:
            markup = f"<@{user}>"
        case {"type": "channel", "channel_id": str(channel)}:
            markup = f"<#{channel}>"
        case {"type": "broadcast", "range": str(room)}:
            markup = f"<!{room}>"
        case {"type": "link", "url": str(url)}:
            markup = f"<{url}|{element.get('text') or url}>"
        case {"type": "emoji", "name": str(name)}:
            markup = f":{name}:"
        case {"text": str(text)}:
            markup = text
        case _:
            markup = "".join(_inline(inner) for inner in element.get("elements", ()) if isinstance(inner, dict))
    return markup
