"""The script that lets a shell complete `edochub`: commands, options, and names that the hub knows."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from hub.commands import ASKING
from hub.commands._click import argument, command
from schemas.text import Text

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "edochub"


@command(
    "completion",
    about=Text(
        vi="In kịch bản để bash, zsh hoặc fish tự điền lệnh.",
        en="Print the script by which bash, zsh or fish complete commands.",
    ),
    more=Text(
        vi="Lưu kịch bản vào nơi shell tự nạp, rồi mở shell mới. Phím Tab khi đó điền lệnh, tùy chọn, trạng thái, bộ "
        "kết nối; và nếu đọc được cấu hình (--config hoặc EDOCHUB_CONFIG) thì cả điểm kết nối, mã cơ quan và mã các "
        "lượt chuyển chưa kết thúc. Ngôn ngữ của lời giải thích theo EDOCHUB_LANG.",
        en="Save the script where the shell loads it by itself, and open a new shell. The Tab key then completes "
        "commands, options, states and adapters; where the configuration can be read (--config or EDOCHUB_CONFIG) "
        "endpoints, codes of agencies and deliveries that have not ended, too. EDOCHUB_LANG sets the language of the "
        "explanations.",
    ),
    examples=(
        (
            "edochub completion bash > ~/.local/share/bash-completion/completions/edochub",
            Text(vi="bash, với gói bash-completion.", en="bash, with the package bash-completion."),
        ),
        (
            'edochub completion zsh > "${fpath[1]}/_edochub"',
            Text(vi="zsh, sau khi compinit đã được bật.", en="zsh, where compinit is on."),
        ),
        (
            "edochub completion fish > ~/.config/fish/completions/edochub.fish",
            Text(vi="fish.", en="fish."),
        ),
        (
            'eval "$(edochub completion bash)"',
            Text(vi="Chỉ cho shell đang mở.", en="For the shell that is open alone."),
        ),
    ),
)
@argument(
    "shell",
    type=click.Choice(SHELLS),
    value=Text(vi="SHELL", en="SHELL"),
    about=Text(vi="bash, zsh hoặc fish.", en="bash, zsh or fish."),
)
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script."""
    click.echo(script(context.find_root().command, shell), nl=False)


def script(tree: click.Command, shell: str) -> str:
    """Return the script for a shell."""
    kind = get_completion_class(shell)
    assert kind is not None  # it is one of SHELLS
    # click's own `source` for bash would start one to ask for its version, and complain in English alone.
    printed = ShellComplete.source(kind(tree, {}, PROGRAM, ASKING))
    # click cuts values and explanations at their first comma; only the first one of a line is a border.
    return printed.replace('string split "," $', 'string split --max 1 "," $') if shell == "fish" else printed
