"""What `make audit` makes of the answers: a finding is told from an answer that never came."""

import importlib.util
from types import ModuleType

import pytest

from chatproject.places import ROOT


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ci_audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_CLEAN = {"name": "django", "version": "5.2.19", "vulns": []}
_SKIPPED = {"name": "wcwidth", "skip_reason": "Dependency not found on PyPI"}
_BAD = {"name": "django", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2"]}]}
_NPM_BAD = {"vulnerabilities": {"left-pad": {"severity": "high", "range": "<2"}}}


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"dependencies": [_CLEAN]}, 0),
        ({"dependencies": [_CLEAN, _BAD]}, 1),
        ({"dependencies": [_SKIPPED, _BAD]}, 1),
        ({"dependencies": [_CLEAN, _SKIPPED]}, 3),
        ({"dependencies": []}, 3),
        (None, 3),
    ],
)
def test_python(audit, report, code):
    assert audit.python(report)[0] == code


@pytest.mark.parametrize(
    ("report", "code"),
    [({"vulnerabilities": {}}, 0), (_NPM_BAD, 1), ({"message": "405 Method Not Allowed"}, 3), (None, 3)],
)
def test_node(audit, report, code):
    assert audit.node(report)[0] == code


@pytest.mark.parametrize(("codes", "code"), [((0, 0), 0), ((0, 1), 1), ((3, 1), 1), ((3, 0), 3)])
def test_the_whole(audit, monkeypatch, codes, code):
    monkeypatch.setattr(audit, "run", lambda *_: None)
    monkeypatch.setattr(audit, "python", lambda _: (codes[0], []))
    monkeypatch.setattr(audit, "node", lambda _: (codes[1], []))
    assert audit.main() == code


def test_a_program_that_is_not_there_or_says_no_json(audit, tmp_path):
    assert audit.run(["/nonexistent"], tmp_path) is None
    assert audit.run(["echo", "words"], tmp_path) is None
