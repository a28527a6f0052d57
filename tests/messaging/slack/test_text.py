"""Slack's markup becomes a body's words, and nothing is lost or read twice on the way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging import mentions
from messaging.slack import body as bodies
from messaging.slack.emoji import emoji
from messaging.slack.records import Attachment, Field, File, Message
from messaging.slack.text import Names, finished, link, sayable, unescape
from messaging.slack.text import words as slack_words

NAMES = Names({"U1": 7, "W2": 12}, {"C1": "general"})


def body(message: Message) -> str:
    return finished(bodies.body(message, NAMES)).text


#: Any text, surrogates included, but for the one character that the converter keeps for itself.
anything = st.text(st.characters(exclude_characters="\ufdd0"), max_size=60)


def words(text: str, names: Names = NAMES) -> str:
    return finished(slack_words(text, names)).text


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("slack", "parley"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"),
        ("<@U1> and <@W2|bob>", "<@7> and <@12>"),
        ("<@U999> and <@U999|carol>", "@U999 and @carol"),
        ("see <#C1|general>, <#C1>, <#C1|>, <#C9>", "see #general, #general, #general, #C9"),
        ("<!here> <!here|@here> <!channel> <!everyone>", "<!here> <!here> <!channel> <!channel>"),
        ("<!subteam^S1|@devs> <!subteam^S1>", "@devs @S1"),
        ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
        ("<!date^1392734382^{date}^https://a.b/|Feb 18>", "[Feb 18](https://a.b/)"),
        ("<https://a.b/?x=1&amp;y=2>", "https://a.b/?x=1&y=2"),
        ("<https://a.b/|https://a.b/>", "https://a.b/"),
        ("<https://a.b/|the &lt;page&gt;>", "[the <page>](https://a.b/)"),
        ("<https://a.b/C_(x)|page>", "[page](https://a.b/C_%28x%29)"),
        ("<https://a.b/|a [b] c>", "a [b] c (https://a.b/)"),
        ("<mailto:a@b.c|a@b.c> <mailto:a@b.c|Ann>", "a@b.c [Ann](mailto:a@b.c)"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("<not markup>", "<not markup>"),
        ("```&lt;html&gt;```", "```<html>```"),
        ("I wrote &lt;@7&gt; and &lt;!here&gt;", "I wrote <\u2060@7> and <\u2060!here>"),
        ("&lt;@U1&gt; &lt;@7", "<@U1> <@7"),
    ],
)
def test_words(slack: str, parley: str) -> None:
    assert words(slack) == parley


@given(anything)
def test_every_word_is_kept(text: str) -> None:
    """What Slack escaped comes back as it was typed, but for the invisible mark within a look-alike of a mention."""
    assert words(escaped(text)).replace("<\u2060", "<") == sayable(text).replace("<\u2060", "<")


@given(anything)
def test_nothing_is_unescaped_twice(text: str) -> None:
    assert unescape(escaped(text)) == text
    assert unescape(unescape(escaped(escaped(text)))) == text


pieces = st.sampled_from(
    [
        "&lt;",
        "&gt;",
        "&amp;",
        "<",
        ">",
        "@7",
        "@",
        "7",
        "U1",
        "!here",
        "!channel",
        "!date^1",
        "|",
        " ",
        "https:x",
        "\ufdd0",
    ]
)


@settings(max_examples=2000)
@given(st.lists(pieces, max_size=12))
def test_only_slacks_mentions_mention(typed: list[str]) -> None:
    """However escapes and marks stand together, nobody is mentioned by a number that somebody typed."""
    text = "".join(typed)
    found = mentions.find(words(text))
    assert 7 not in found or "<@U1" in text
    assert "here" not in found or "<!here" in text


@given(st.text(st.sampled_from("ab\0\ud800\udfff\U0001f600é"), max_size=30))
def test_what_cannot_be_stored(text: str) -> None:
    done = finished(text)
    assert done.replaced == sum(c in "\0\ud800\udfff" for c in text)
    assert done.text == sayable(text)
    assert len(done.text) == len(text)
    assert "\0" not in done.text
    done.text.encode()


def test_links() -> None:
    assert link("", "https://a.b") == "https://a.b"
    assert link("x", "https://a.b") == "[x](https://a.b)"


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("thumbsup", "👍"),
        ("+1", "👍"),
        ("thumbsup::skin-tone-2", "👍🏻"),
        ("v::skin-tone-6", "✌🏿"),
        ("heart", "❤️"),
        ("party-parrot", ":party-parrot:"),
        ("thumbsup::nonsense", ":thumbsup::nonsense:"),
    ],
)
def test_emoji(name: str, sign: str) -> None:
    assert emoji(name) == sign


def test_files_are_links() -> None:
    files = [
        File(name="a.png", url_private="https://files/a?x=1&amp;y=2"),
        File(name="b.png", permalink="https://files/b"),
        File(title="gone", mode="tombstone"),
    ]
    said = body(Message(text="look", files=files))
    assert said == "look\n[a.png](https://files/a?x=1&y=2)\n[b.png](https://files/b)\ngone (file not in the export)"


def test_an_old_exports_file_is_not_linked_twice() -> None:
    text = "<@U1> uploaded a file: <https://files/a|a.png>"
    said = body(Message(text=text, file=File(name="a.png", url_private="https://files/a")))
    assert said == "<@7> uploaded a file: [a.png](https://files/a)"


def test_what_a_bot_hangs_on() -> None:
    hung = [
        Attachment(
            pretext="Build",
            title="#12",
            title_link="https://ci/12",
            text="failed",
            fields=[Field(title="by", value="<@U1>")],
        ),
        Attachment(fallback="fall back"),
        Attachment(text="a preview", from_url="https://elsewhere"),
    ]
    assert body(Message(text="CI", attachments=hung)) == "CI\nBuild\n[#12](https://ci/12)\nfailed\nby: <@7>\nfall back"
    assert body(Message(attachments=hung[2:])) == "a preview"


def test_blocks_speak_where_nothing_else_does() -> None:
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Deploy*"}},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "to "},
                        {"type": "user", "user_id": "U1"},
                        {"type": "link", "url": "https://a.b", "text": "page"},
                        {"type": "emoji", "name": "tada"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "channel", "channel_id": "C1"},
                    ],
                }
            ],
        },
        {"type": "divider"},
        "rubbish",
    ]
    assert body(Message(blocks=blocks)) == "*Deploy*\nto <@7>[page](https://a.b):tada:<!here>#general"
    assert body(Message(text="words", blocks=blocks)) == "words"
