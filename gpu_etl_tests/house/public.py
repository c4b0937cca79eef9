"""docs/command-line.md and docs/assets.md: what others build on, made from the commands and the definitions.

Belongs here: laying out commands, options, assets and jobs. Does not belong here: what they do (their own words).
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from gpu_etl import cli
from gpu_etl.definitions import defs

COMMANDS_HEAD = """# The command line

Made by `make docs` from the commands themselves; a test fails when one of them has changed and this page has not.
Every command ends with 0 when it is done, 1 when it failed (one line on standard error says why), 2 for wrong usage.
`-h` or `--help` tells more. Settings come from the environment and from `.env` (`.env.example` has them all)."""
ASSETS_HEAD = """# Assets and jobs

Made by `make docs` from the definitions; a test fails when a key, a group or an edge has changed and this page has not.
Asset keys are names of tables: scripts, alerts and dashboards of others may stand on them."""


def command_line() -> str:
    """Every command with its arguments and options."""
    return "\n".join([COMMANDS_HEAD, *_commands("gpu-etl", cli.cli, click.Context(cli.cli))]) + "\n"


def _commands(path: str, command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, f"{path} lists {name}, and has none"
            yield from _commands(f"{path} {name}", found, click.Context(found, parent=context))
        return
    arguments = [_argument(each) for each in command.params if isinstance(each, click.Argument)]
    yield f"\n## {' '.join([path, *arguments])}\n\n{_first_paragraph(command.help or '')}"
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield "\n| option | |\n|---|---|"
        yield from (_option(option, context) for option in options)


def _argument(argument: click.Argument) -> str:
    name = argument.human_readable_name.upper() + (" ..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _option(option: click.Option, context: click.Context) -> str:
    flags = ", ".join(f"`{flag}`" for flag in [*option.opts, *option.secondary_opts])
    value = "" if option.is_flag or option.count else f" {option.make_metavar(context)}"
    told = (option.help or "").replace("|", "\\|")
    return f"| {flags}{value.replace('|', chr(92) + '|')} | {told}{' (required)' if option.required else ''} |"


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n")[0].replace("``", "`").split())


def assets() -> str:
    """Every asset and every job."""
    return "\n".join([ASSETS_HEAD, "", *_assets(), "", *_jobs()]) + "\n"


def _assets() -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    yield "| asset | group | a partition | kinds | comes from | |\n|---|---|---|---|---|---|"
    for key in sorted(graph.materializable_asset_keys):
        node = graph.get(key)
        parents = ", ".join(f"`{parent.to_user_string()}`" for parent in sorted(node.parent_keys))
        partition = "market day" if node.partitions_def else "none"
        kinds = ", ".join(sorted(node.kinds))
        told = _first_paragraph(node.description or "").replace("|", "\\|")
        yield f"| `{key.to_user_string()}` | {node.group_name} | {partition} | {kinds} | {parents} | {told} |"


def _jobs() -> Iterator[str]:
    yield "| job | assets |\n|---|---|"
    for job in sorted(defs.resolve_all_job_defs(), key=lambda job: job.name):
        if job.name.startswith("__"):
            continue
        keys = sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
        yield f"| `{job.name}` | {', '.join(f'`{key}`' for key in keys) or _first_paragraph(job.description or '')} |"
