"""Real programs against our server: tools of npm, Firefox ESR, Thunderbird, Chromium; with a printed table.

    python -m tests.clients                  # all of them
    python -m tests.clients firefox-esr      # one
    python -m tests.clients --require        # what cannot be tried here is a failure

Each has a server of its own, on loopback and in a temporary folder. What is not installed is skipped, with a
word why; packages of npm are installed into the user's cache folder. The exit status is 1 when one failed.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from tests.clients.browsers import installs_and_updates
from tests.clients.chromium import signs_in
from tests.clients.newcomer import first_hour
from tests.clients.npm import Skipped
from tests.clients.publishing import (
    amo_upload,
    firefox_extension_deploy,
    publish_browser_extension,
    semantic_release_amo,
    sign_addon,
    web_ext,
)

CLIENTS: Final[dict[str, Callable[[Path], str]]] = {
    "firefox-esr": partial(installs_and_updates, "firefox-esr", "firefox"),
    "thunderbird": partial(installs_and_updates, "thunderbird", "thunderbird"),
    "chromium": signs_in,
    "newcomer": partial(first_hour, "web-ext@8"),
    "web-ext-7": partial(web_ext, "web-ext@7.2", "--api-url-prefix", "/api/v4"),
    "web-ext-8": partial(web_ext, "web-ext@8", "--amo-base-url", "/api/v5/"),
    "web-ext-10": partial(web_ext, "web-ext@10", "--amo-base-url", "/api/v5/"),
    "sign-addon": partial(sign_addon, "sign-addon"),
    "firefox-extension-deploy": partial(firefox_extension_deploy, "firefox-extension-deploy"),
    "amo-upload": partial(amo_upload, "amo-upload"),
    "semantic-release-amo": partial(semantic_release_amo, "semantic-release-amo"),
    "publish-browser-extension-5": partial(publish_browser_extension, "publish-browser-extension@5"),
    "publish-browser-extension-6": partial(publish_browser_extension, "publish-browser-extension@6"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description="Real programs, really run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(CLIENTS)}")
    parser.add_argument("--require", action="store_true", help="what cannot be tried is a failure")
    options = parser.parse_args()
    if unknown := set(options.names) - CLIENTS.keys():
        parser.error(f"no such client: {', '.join(sorted(unknown))}; there are {', '.join(CLIENTS)}")
    tried = {name: _try(name) for name in options.names or CLIENTS}
    print("\n| client | | |\n| --- | --- | --- |")
    for name, (word, text) in tried.items():
        print(f"| {name} | {word} | {text} |")
    bad = {"failed", "skipped"} if options.require else {"failed"}
    return 1 if any(word in bad for word, _ in tried.values()) else 0


def _try(name: str) -> tuple[str, str]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="amoeba-clients-", ignore_cleanup_errors=True) as folder:
        try:
            return "pass", CLIENTS[name](Path(folder))
        except Skipped as reason:
            return "skipped", str(reason)
        except Exception as fault:  # the others are still worth trying
            print(fault, file=sys.stderr)
            return "failed", f"{type(fault).__name__}: {fault}".splitlines()[0][:200]


if __name__ == "__main__":
    sys.exit(main())
