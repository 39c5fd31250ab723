"""Links that break: the real source and the real watcher on a real Asterisk that dies, freezes or is cut off.

Whatever happens to the link: what was not seen whole is never texted, every caller of whom anything was seen is a lead
or was answered, and the calls after it are right.
"""

import pytest

both_versions = pytest.mark.parametrize("asterisk_version", [22, pytest.param(16, marks=pytest.mark.long)])
