"""`run.py publish`: publish packages.

Publish packages: each is uploaded, validated and made a version of its add-on, or a
new add-on, whether a server runs or not; a running one shows it within a second.

Unlisted versions are public at once. Listed ones await review, unless --approve
or the setting AUTO_APPROVE approves those whose validation found nothing.

--user is the account that publishes: an author of the add-on, or the owner of a new one.
The default is the owner of the add-on that the package names. A new listed add-on needs
--category and --license; name and summary are read from the package. --metadata is for
everything else that POST of an add-on accepts, a JSON file as for web-ext's --amo-metadata:
    {"categories": ["tabs"], "version": {"license": "MIT", "release_notes": {"en-US": "Better."}}}

If a package cannot be published, FILE: reason is printed, and the others are published.
"""

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from conf.files import open_file, read_file
from conf.limits import MAX_TEXTS_BYTES
from conf.settings.settings import Settings
from conf.vocabulary import CHANNELS
from server.auth.account_admin import find_user
from server.cli.opening import open_context
from server.cli.reporting import ProgressReporter
from server.errors import OperatorFault, UsageFault
from server.files.uploaded_file import UploadedFile
from server.services.uploads.automatic_versions import make_version
from server.services.uploads.publishing import Publication, publish
from server.site import Site

EPILOG = "exit status: 0 all published, 1 some were not, 2 nothing was done"

_LISTING: Final = ("name", "summary")
_VERSION: Final = ("license", "release_notes", "approval_notes")


def add_arguments(parser: Any) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a package: .xpi, .zip or .crx")
    parser.add_argument("--user", metavar="USER", help="id, username or e-mail address")
    parser.add_argument("--channel", choices=CHANNELS, help="default: as the newest version, else listed")
    parser.add_argument(
        "--approve", action="store_true", help="approve versions whose validation found nothing"
    )
    parser.add_argument("--name", metavar="TEXT", help="in place of the package's")
    parser.add_argument("--summary", metavar="TEXT", help="in place of the package's")
    parser.add_argument("--category", action="append", metavar="SLUG", help="may be repeated")
    parser.add_argument("--license", metavar="SLUG", help="such as MPL-2.0; default: as the version before")
    parser.add_argument("--release-notes", metavar="TEXT")
    parser.add_argument("--approval-notes", metavar="TEXT", help="for reviewers")
    parser.add_argument("--source", metavar="ARCHIVE", type=Path, help="source archive of a single package")
    parser.add_argument("--metadata", metavar="JSON", type=Path, help="a file; other options override it")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.source and len(args.files) > 1:
        raise UsageFault("--source goes with a single package")
    publication = _publication(args)
    if args.approve:
        settings = replace(settings, auto_approve=True)
    async with open_context(settings) as context:
        site = Site(settings, settings.port, make_version)
        try:
            await site.attach(context.store)
            return await _publish(site, args, publication)
        finally:
            await site.close()


async def _publish(site: Site, args: argparse.Namespace, publication: Publication) -> int:
    user = await find_user(site.store, args.user) if args.user else None
    failed = 0
    with ProgressReporter("publishing", len(args.files), "packages") as reporter:
        for file in args.files:
            try:
                source = _with_source(publication, args, site.settings)
                with _sent(file, site.settings) as package, source as more:
                    release = await publish(site, user, package, more)
                print(f"{file}: {_line(site, *release)}", flush=True)
            except (OperatorFault, OSError) as fault:
                reporter.report_fault(str(file), _reason(fault))
                failed += 1
            reporter.progress(1)
    return int(failed > 0)


def _publication(args: argparse.Namespace) -> Publication:
    """Raises OperatorFault, OSError."""
    listing: dict[str, Any] = {}
    if args.metadata:
        try:
            listing = orjson.loads(read_file(args.metadata, MAX_TEXTS_BYTES))
        except ValueError as fault:
            raise OperatorFault(f"{args.metadata}: {fault}") from None
    version = listing.pop("version", {}) if isinstance(listing, dict) else None
    if not isinstance(listing, dict) or not isinstance(version, dict):
        raise OperatorFault(f"{args.metadata}: is not an object with an object `version`")
    listing |= {key: getattr(args, key) for key in _LISTING if getattr(args, key) is not None}
    listing |= {"categories": args.category} if args.category else {}
    version |= {key: getattr(args, key) for key in _VERSION if getattr(args, key) is not None}
    return Publication(args.channel, listing, version)


@contextmanager
def _sent(file: Path, settings: Settings) -> Iterator[UploadedFile]:
    """A file as a sent one. Raises OSError, OperatorFault."""
    with open(open_file(file), "rb") as content:
        size = os.fstat(content.fileno()).st_size
        if size > settings.max_package_bytes:
            raise OperatorFault(f"is larger than {settings.max_package_bytes} bytes")
        yield UploadedFile(file.name, "", content, size)


@contextmanager
def _with_source(
    publication: Publication, args: argparse.Namespace, settings: Settings
) -> Iterator[Publication]:
    with ExitStack() as stack:
        if not args.source:
            yield publication
            return
        source = stack.enter_context(_sent(args.source, settings))
        yield publication._replace(version={**publication.version, "source": source})


def _line(site: Site, addon: Mapping[str, Any], version: Mapping[str, Any]) -> str:
    [file] = version["files"]
    words = (f"addon:{addon['_id']}", addon["guid"], version["version"], version["channel"], file["status"])
    return "  ".join([*map(str, words), site.addresses.site_url.rstrip("/") + file["url"]])


def _reason(fault: Exception) -> str:
    return (fault.strerror or str(fault)) if isinstance(fault, OSError) else str(fault)
