"""Trying an Asterisk: what ``check`` tells of it, and of what its account may not do."""

import dataclasses

import pytest

from tests import fake_ami
from tests.fake_ami import FakeAmi
from tests.lab.asterisk import SECRET, Asterisk
from tests.pbx.watched_source import a_link
from textbackd.pbx import asterisk_probe
from textbackd.pbx.asterisk_probe import probe
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import LoginRefused, PbxUnavailable

CALLER = "+447700900123"


async def test_a_probe_tells_what_it_found(ami: FakeAmi) -> None:
    """The version of AMI where Asterisk's own is not told, how many channels, and in which contexts: the usual mistake
    is in trunks.contexts.
    """
    ami.channels = fake_ami.listed(fake_ami.arrives("1.1", CALLER))

    found = await probe(a_link(ami))

    assert "Asterisk, AMI 9.0.0; 2 channels up, in the contexts from-internal, from-trunk" == found.seen
    assert (True, ()) == (found.may_ask, found.withheld)


async def test_a_probe_tells_what_is_wrong(ami: FakeAmi) -> None:
    """Refused, not allowed, or not there."""
    with pytest.raises(LoginRefused, match=r"refused the user 'textbackd': Authentication failed"):
        await probe(a_link(ami, secret="wrong"))
    with pytest.raises(PbxUnavailable, match="refused the connection"):
        await probe(a_link(ami, port=1))
    ami.denied = {"CoreShowChannels"}
    assert not (await probe(a_link(ami))).may_ask


async def test_listening_begins_behind_what_is_up(ami: FakeAmi) -> None:
    """A call that is made when it has begun is not taken for one that was up before."""
    heard: list[str] = []
    ami.channels = fake_ami.listed(fake_ami.arrives("1.1", CALLER))

    await asterisk_probe.listen(
        a_link(ami), 0.1, lambda message: heard.append(message["Event"]), begun=lambda: heard.append("begun")
    )

    assert "CoreShowChannelsComplete" == heard[heard.index("begun") - 1]
    assert "CoreShowChannelsComplete" in heard[heard.index("begun") :]


async def test_the_real_asterisk_refuses_a_wrong_secret(asterisk: Asterisk) -> None:
    """In so many words."""
    settings = AsteriskSettings(
        name="asterisk", host=asterisk.pbx, port=asterisk.ami_port, user="textbackd", secret=SECRET
    )
    with pytest.raises(LoginRefused, match="Authentication failed"):
        await probe(dataclasses.replace(settings, secret="wrong"))
