"""A small configuration that is right, to be spoiled by the tests."""

from pathlib import Path

RIGHT = """\
country: GB
time_zone: Europe/London
businesses:
  - name: Your office
    hours: 24/7
    owners: []
    templates:
      missed: hello
dids:
  - number: 01632 960101
    business: Your office
    marks: [closed]
pbx:
  - name: asterisk
    kind: asterisk
    port: 5038
    user: textbackd
    secret: change-me
    trunks:
      - {strip: [], contexts: [from-trunk]}
modems:
  - name: sim
    kind: simulated
    folder: box
rules:
  text_on: [busy]
  minimum_wait: 8s
  max_per_30_days: 3
exclusions:
  - {label: crew, prefix: '+44163296'}
log:
  level: info
  private: false
"""


def written(folder: Path, text: str = RIGHT) -> Path:
    """The text as a file in ``folder``."""
    path = folder / "textbackd.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    """The right file with its only ``old`` replaced."""
    assert RIGHT.count(old) == 1, f"{old!r} is there {RIGHT.count(old)} times"
    return RIGHT.replace(old, new)
