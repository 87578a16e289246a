"""Whether a MongoDB still gets corrections from its makers."""

from datetime import date

from conf.mongodb import SUPPORTED_UNTIL


def warning(version: str, today: date) -> str | None:
    """What to tell the operator of a MongoDB of this version ("6.0.5"), if anything."""
    major, minor = (int(number) for number in version.split(".")[:2])
    until = SUPPORTED_UNTIL.get((major, minor))
    if (major, minor) < min(SUPPORTED_UNTIL):
        since = ""
    elif until and until < today:
        since = f" since {until:%B %Y}"
    else:
        return None
    return (
        f"MongoDB {version} is out of support{since}: its makers mend no more faults of {major}.{minor}."
        " server/README.md, under MongoDB, says how to use a newer one."
    )
