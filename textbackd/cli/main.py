"""The ``textbackd`` command."""

import sys

import click

import textbackd
from textbackd import logs
from textbackd.cli import (
    calls,
    check,
    demo,
    exclude,
    explain,
    guards,
    leads,
    modem,
    opt_outs,
    output,
    queue,
    report,
    run,
    simulate,
    status,
    template,
    test_sms,
    trace,
)
from textbackd.errors import TextbackdError, UserError
from textbackd.logs import Level, LogSettings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(textbackd.__version__, prog_name="textbackd")
def cli() -> None:
    """Texts the callers that nobody answered."""
    # Commands speak for themselves; ``run`` sets up the log that its configuration asks for.
    logs.configure(LogSettings(level=Level.WARNING))
    output.complain_plainly()


for command in (
    run.run,
    demo.demo,
    check.check,
    status.status,
    calls.calls,
    leads.leads,
    queue.queue,
    modem.modem,
    explain.explain,
    opt_outs.opt_out,
    exclude.exclude,
    guards.guards,
    simulate.simulate,
    template.template,
    test_sms.test_sms,
    report.report,
    trace.trace,
):
    cli.add_command(command)


def main() -> None:
    """Exit codes: 0 ok, 1 a problem was found, 2 the command was wrong."""
    try:
        cli(prog_name="textbackd")
    except UserError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(1)
    except TextbackdError as error:
        click.echo(f"textbackd: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:  # … | head
        sys.stderr.close()
        sys.exit(0)
