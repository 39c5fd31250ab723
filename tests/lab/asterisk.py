"""One real Asterisk on loopback, in a folder of its own, with the office of tests/lab/etc as its dialplan."""

import asyncio
import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
from pathlib import Path

from tests.lab import office, packages
from tests.lab.ami import AmiSession

TEMPLATES = Path(__file__).parent / "etc"
SECRET = "not-a-secret"
LEAST_PRIVILEGE = "textbackd"
AMI_PORT = 5038
SECOND_TRUNK = 20
EXTENSIONS = ("101", "102", "103")


class AsteriskError(Exception):
    """Asterisk did not start; the message carries the end of its log."""


class Asterisk:
    """A PBX that can be started, stopped, killed and restarted; its addresses and folder stay the same.

    It owns one 127.a.b.0/24, so that several run side by side: the PBX is .1 (SIP 5060, AMI 5038),
    the carrier of the first branch .10 and its extensions .101, .102 ..., those of the second .11, .111, .112 ...
    """

    def __init__(self, folder: Path, *, version: int = 22, ring_seconds: int = 3) -> None:
        self.folder = folder
        self.version = version
        self.ring_seconds = ring_seconds
        self._reservation, self.net = _reserve_network()
        self.pbx = f"{self.net}.1"
        self.carrier = self.carrier_of(10)
        self.ami_port = AMI_PORT
        self._process: asyncio.subprocess.Process | None = None
        self._ended_at = -1.0

    def phone(self, extension: str) -> str:
        """The address at which that extension is expected to listen."""
        return f"{self.net}.{extension}"

    def carrier_of(self, branch: int) -> str:
        """The address of the far end of that branch's trunk."""
        return f"{self.net}.{branch}"

    def second_carrier_of(self, branch: int) -> str:
        """The address of the far end of that branch's other trunk."""
        return f"{self.net}.{branch + SECOND_TRUNK}"

    @property
    def log(self) -> str:
        """Asterisk's own log so far: each step of the dialplan, warnings, errors."""
        texts = [path.read_text(errors="replace") for path in sorted((self.folder / "log").glob("*")) if path.is_file()]
        return "".join(texts)

    async def start(self) -> None:
        """Start and wait until it is fully booted: 0.3 s; a second more when it ran before."""
        assert self._process is None, "already running"
        # A Uniqueid is the second and a counter from 0: a restart in the same second would give the same ones again.
        await asyncio.sleep(self._ended_at + 1 - asyncio.get_running_loop().time())
        await asyncio.to_thread(packages.fetch, self.version)
        self._write_configuration()
        with (self.folder / "log" / "console").open("ab") as console:
            self._process = await asyncio.create_subprocess_exec(
                *self._asterisk(),
                *("-f", "-q"),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                cwd=self.folder,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(30):
                await self._fully_booted()
        except BaseException as error:
            await self.kill()
            if isinstance(error, TimeoutError | AsteriskError):
                raise AsteriskError(f"Asterisk {self.version} did not start:\n{self.log[-3000:]}") from error
            raise

    async def stop(self) -> None:
        """Stop cleanly, as a service manager would: AMI clients are told."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """SIGKILL: nobody is told anything. No error when it does not run."""
        await self._end(signal.SIGKILL)

    async def restart(self) -> None:
        """Start again in the same folder and on the same addresses, killing it first if it still runs."""
        await self.kill()
        await self.start()

    def freeze(self) -> None:
        """SIGSTOP: its sockets stay open, and nothing comes from it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was frozen."""
        self._signal(signal.SIGCONT)

    async def close(self) -> None:
        """Kill it and give its network back."""
        await self.kill()
        self._reservation.close()

    async def ami(self, user: str = LEAST_PRIVILEGE) -> AmiSession:
        """Log in as `textbackd` (the least-privilege account) or as `full`."""
        return await AmiSession.open(self.pbx, self.ami_port, user, SECRET)

    async def cli(self, command: str) -> str:
        """``asterisk -rx COMMAND``: what it says."""
        process = await asyncio.create_subprocess_exec(
            *self._asterisk(), "-rx", command, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(20):
            out, _ = await process.communicate()
        assert process.returncode == 0, (command, out)
        return out.decode()

    async def configure_account(self, **headers: str) -> None:
        """Change settings of the least-privilege account in manager.conf, and have Asterisk read it."""
        path = self.folder / "etc" / "manager.conf"
        head, of_account, tail = re.split(rf"(?ms)(^\[{LEAST_PRIVILEGE}\]\n.*?)(?=^\[)", path.read_text())
        for name, value in headers.items():
            of_account, changes = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", of_account)
            assert changes == 1
        path.write_text(head + of_account + tail)
        await self.cli("manager reload")

    def messages_in(self, mailbox: str) -> list[Path]:
        """The sound files of the new messages in a voicemail box."""
        return sorted((self.folder / "spool" / "voicemail" / "default" / mailbox / "INBOX").glob("msg*.wav"))

    async def _fully_booted(self) -> None:
        assert self._process is not None
        while self._process.returncode is None:
            # The manager listens before the modules are loaded, and FullyBooted comes when they are.
            with contextlib.suppress(OSError):
                session = await self.ami("full")
                try:
                    await session.event("FullyBooted", within=30)
                    return
                finally:
                    session.close()
            await asyncio.sleep(0.02)
        raise AsteriskError

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "not running"
        self._process.send_signal(number)

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            async with asyncio.timeout(10):
                await process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
            self._ended_at = asyncio.get_running_loop().time()

    def _asterisk(self) -> list[str]:
        program = packages.command(self.version, "usr/sbin/asterisk")
        return [*program, "-C", str(self.folder / "etc/asterisk.conf")]

    def _write_configuration(self) -> None:
        for name in ("etc", "lib", "data/sounds", "spool/voicemail", "run", "log/cdr-csv"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        unpacked = packages.folder(self.version)
        shared = unpacked / "usr/share/asterisk"
        for link, target in {
            "documentation": shared / "documentation",
            "moh": shared / "moh",
            "sounds/en": shared / "sounds/en_US_f_Allison",
        }.items():
            path = self.folder / "data" / link
            path.unlink(missing_ok=True)
            path.symlink_to(target)
        values = {
            "folder": str(self.folder),
            "modules": str(next(unpacked.glob("usr/lib/**/asterisk/modules"))),
            "net": self.net,
            "pbx": self.pbx,
            "ami_port": str(self.ami_port),
            "secret": SECRET,
            "ring_seconds": str(self.ring_seconds),
        }
        for template in TEMPLATES.glob("*.conf"):
            text = _filled_in(template, values)
            of_a_branch = TEMPLATES / "branch" / template.name
            if of_a_branch.exists():
                for site in office.SITES:
                    text += _filled_in(of_a_branch, values | _of_branch(site))
            (self.folder / "etc" / template.name).write_text(text)


def _of_branch(site: office.Site) -> dict[str, str]:
    return {"branch": str(site.number), "second": str(site.number + SECOND_TRUNK)}


def _filled_in(template: Path, values: dict[str, str]) -> str:
    return re.sub(r"%(\w+)%", lambda match: values[match[1]], template.read_text())


def _reserve_network() -> tuple[socket.socket, str]:
    """A loopback /24 that no other Asterisk of this host uses, as (what holds it until closed, "127.a.b")."""
    while True:
        net = f"127.{secrets.randbelow(200) + 50}.{secrets.randbelow(250) + 1}"
        holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            holder.bind((f"{net}.254", AMI_PORT))
        except OSError:
            holder.close()
        else:
            return holder, net
