"""notify.toml: what may stand in it, and that every mistake is told with its line."""

from __future__ import annotations

import pytest

from tracker.core.alerts.event import AlertKind
from tracker.wire.notifyfile import read_notify_file
from tracker.wire.problems import ProblemList

GOOD = """
[[target]]
name = "Organisers"
url = "mailtos://us:secret@example.org"
role = "organiser"
language = "it"
endings = true

[[target]]
name = "Marshals"
url = "ntfys://ntfy.sh/our-marshals"
role = "marshal"

[[target]]
name = "Mechanics"
url = "tgram://123:token/456"
kinds = ["stopped", "trailered"]

[[webhook]]
name = "Control"
url = "https://control.example.org/alerts"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""


def test_targets_by_role_by_kind_and_signed() -> None:
    problems = ProblemList("notify.toml")
    organisers, marshals, mechanics, control = read_notify_file(GOOD.encode(), problems)
    assert problems.found == []
    assert (organisers.kinds, organisers.language, organisers.endings) == (frozenset(AlertKind), "it", True)
    assert marshals.kinds == {AlertKind.SOS}
    assert mechanics.kinds == {AlertKind.STOPPED, AlertKind.TRAILERED}
    assert AlertKind.FEED_OUTAGE not in control.kinds
    assert AlertKind.SOS in control.kinds
    assert control.secret is not None
    assert len(control.secret) == 24


def test_nothing_of_an_address_is_in_a_target_that_is_printed() -> None:
    said = repr(read_notify_file(GOOD.encode(), ProblemList("notify.toml")))
    assert not any(part in said for part in ("secret@", "our-marshals", "token", "control.example.org", "MfKQ"))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[[target]]\nname = "A"\n', 1, "there is no address"),
        ('[[target]]\nname = "A"\nurl = "ntfy://a/b"\nrole = "boss"\n', 4, 'unknown role "boss"'),
        ('[[target]]\nname = "A"\nurl = "ntfy://a/b"\nkinds = ["stoped"]\n', 4, 'unknown kind "stoped"'),
        ('[[target]]\nname = "A"\nurl = "ntfy://a/b"\nkinds = []\n', 4, "kinds is no list of kinds"),
        ('[[target]]\nname = "A"\nurl = "ntfy://a/b"\nlanguage = "de"\n', 4, 'unknown language "de"'),
        ('[[target]]\nname = "A"\nurl = "ntfy://a/b"\nendings = 1\n', 4, "endings is a number"),
        ('[[webhook]]\nname = "A"\nurl = "control"\nsecret = "x"\n', 3, "no web address"),
        ('[[webhook]]\nname = "A"\nurl = "https://a/b"\nsecret = "c2hvcnQ="\n', 4, "the secret is not base64"),
        ('[[webhook]]\nname = "A"\nurl = "https://a/b"\n', 1, "the secret is not base64"),
        ("[[target\n", 1, "not valid TOML"),
        (f"# {'x' * 70_000}\n", None, "larger than 64 KB"),
        ('[[target]]\nname = "A"\nurl = "ntfy://a/b"\n' * 2, None, 'two targets are called "A"'),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int | None, says: str) -> None:
    problems = ProblemList("notify.toml")
    read_notify_file(text.encode(), problems)
    problem = problems.found[0]
    assert problem.line == line
    assert says in problem.what
