"""Arguments that cannot be are told of in one way, whoever finds out: argparse or the command."""

from pathlib import Path

import pytest

from tests.shell_commands import Shell

A, B = "http://a.example.org", "http://b.example.org"


@pytest.mark.parametrize(
    ("line", "command", "reason"),
    [
        ("backup", "backup", "the following arguments are required: DIR"),
        ("backup kept --keep 0", "backup", "--keep is at least 1"),
        ("basket resync", "basket resync", "name objects (addon:7 user:12), or say --all"),
        (
            "basket resync addon:7 tab",
            "basket resync",
            "argument ID: 'tab' is no object such as addon:7 or user:12",
        ),
        ("config show prot", "config show", "there is no setting prot; run.py config show lists all"),
        ("explain tab de", "explain", "write parameters as NAME=VALUE, not de"),
        (
            "mirror ftp://a.example.org",
            "mirror",
            "'ftp://a.example.org' is not the address of a server, such as https://addons.example.org",
        ),
        ("publish a.xpi b.xpi --source c.zip", "publish", "--source goes with a single package"),
        ("readonly status --notice x", "readonly", "--notice goes with on or off"),
        (f"replay log --a {A} --b {B} --connections 0", "replay", "--connections is from 1 to 64"),
        ("token", "token", "give a USER, or --rotate with or without --forget"),
        (
            "addon delete 7",
            "addon delete",
            "a deleted add-on cannot be restored, nor its guid used again; add --yes to delete it",
        ),
        (
            "user delete ann",
            "user delete",
            "a deleted account cannot be restored, nor add-ons of this author alone; add --yes to delete it",
        ),
    ],
)
def test_the_usage_is_shown_and_nothing_begun(line: str, command: str, reason: str, tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    shell(*line.split(), status=2)
    assert shell.error.startswith(f"usage: run.py {command} [-h]")
    assert shell.error.endswith(f"\nrun.py {command}: error: {reason}\n")
    assert shell.output == ""
    assert not (tmp_path / "data").exists()
