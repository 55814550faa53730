"""The command `dagwright`: its verbs, loaded when they are called, and what happens when one of them breaks."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from dagwright.cli.options import TRACEBACK, common_options
from dagwright.cli.outcome import BUG, INTERRUPTED

__all__ = ["VERBS", "main"]

# The module of each verb, and its line in the list; a verb's own docstring says the same (a test compares them).
VERBS = {
    "init": ("init", "Make a small project that works at once."),
    "check": ("check", "Find everything that is wrong with DAG files, without Airflow."),
    "explain": ("explain", "Say what a code such as DW203 means, or list all codes."),
    "ls": ("ls", "List DAGs, tasks or factories."),
    "describe": ("describe", "Say what a factory or a slot takes."),
    "show": ("show", "Print what a DAG file says after all defaults."),
    "graph": ("graph", "Draw a DAG."),
    "run": ("run", "Run a DAG here and now, for real."),
    "sync": ("sync", "Write the small Python files in which Airflow finds the DAGs."),
    "doctor": ("doctor", "Say how Airflow finds the DAGs, and what is wrong with that."),
}


class _Verbs(click.Group):
    """A group whose verbs are imported when they are called, and whose bugs are reported in a few lines."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's
        if cmd_name not in VERBS:
            return None
        module, _ = VERBS[cmd_name]
        command: click.Command = getattr(import_module(f"dagwright.cli.{module}"), module)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from dagwright.diagnostics.suggest import did_you_mean_label

            suggestion = did_you_mean_label(args[0], VERBS)
            ctx.fail(f"no such command '{args[0]}'" + (f"; {suggestion}" if suggestion else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's
        with formatter.section("Commands"):
            formatter.write_dl([(verb, summary) for verb, (_, summary) in VERBS.items()])

    def invoke(self, ctx: click.Context) -> object:
        for stream in (sys.stdout, sys.stderr):
            # A picture or a user's text that the terminal's encoding lacks is no reason to stop.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001  the last place before a traceback on somebody's screen
            if ctx.meta.get(TRACEBACK) or os.environ.get("DAGWRIGHT_TRACEBACK", "") not in ("", "0"):
                import traceback

                click.echo(traceback.format_exc(), err=True, nl=False)
            click.echo(_bug_text(error), err=True)
            ctx.exit(BUG)


def _bug_text(error: Exception) -> str:
    from dagwright.diagnostics.cells import clip, show

    said = f"{type(error).__name__}: {clip(show(str(error)), 500)}".removesuffix(": ")
    return (
        f"dagwright broke, which is a bug in Dagwright and not in your files: {said}\n"
        "run the same command with --traceback and report what it prints"
    )


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"dagwright {version('dagwright')}")
        ctx.exit()


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
@common_options
def main() -> None:
    """Turn YAML files into Apache Airflow DAGs.

    Exit codes: 0 clean, 1 an error in your files or a failed task, 2 could not start, 3 a bug in Dagwright,
    4 changes found, 130 interrupted.
    """
