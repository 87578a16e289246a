"""`kill -9` while a start raises the data to another version: the next start brings it to its end."""

import time

from server.cli.opening import CommandContext
from server.storage.migrations import COLLECTION, DATA, LEASE, MIGRATIONS
from tests.drills.report import Outcome, spread
from tests.drills.service import START_LIMIT, Service, wait_until
from tests.factories import make_addon

LAST = MIGRATIONS[-1].version
RAISING = f"raising the data to version {LAST}"
WAITING = "waiting for another process"
DIRTY = {"en-US": '<b>one</b> <script>alert("x")</script> see www.example.com'}
MIDDLE = 0.3  # seconds into the step
FIRST_ID = 6_000_000


def run(service: Service, times: int, addons: int) -> Outcome:
    """Each time the texts of `addons` add-ons are as an older program stored them."""
    outcome = Outcome("`kill -9` while the data is raised", f"{times} times, {addons} add-ons to clean")
    ids = range(FIRST_ID, FIRST_ID + addons)
    service.look(lambda here: _fill(here, ids))
    cut_off, unclean, starts = 0, 0, []
    for _ in range(times):
        service.look(_set_back)
        service.stop()
        killed = service.launch()
        wait_until(lambda killed=killed: RAISING in killed.stderr, START_LIMIT, "the step begins", 0.01)  # type: ignore[misc]
        time.sleep(MIDDLE)
        service.kill()
        began = time.monotonic()
        said = service.start().stderr
        starts.append(time.monotonic() - began)
        cut_off += RAISING in said and WAITING in said
        unclean += service.look(_count_unclean)
    asked = "the next start waits until the lease has run out, and does it again"
    outcome.add(asked, cut_off == times, f"{cut_off} times")
    limit = LEASE + START_LIMIT
    outcome.add(f"within {limit:.0f} s", max(starts) < limit, spread(starts))
    outcome.add("every text is clean then, and the version the newest", not unclean, f"{unclean} are not")
    return outcome


async def _fill(here: CommandContext, ids: range) -> None:
    addons = [dict(make_addon(_id=id_, guid=f"{id_}@example.org", slug=f"a{id_}")) for id_ in ids]
    await here.store.database["addons"].insert_many(addons)


async def _set_back(here: CommandContext) -> None:
    database = here.store.database
    await database["addons"].update_many({"_id": {"$gte": FIRST_ID}}, {"$set": {"description": DIRTY}})
    await database[COLLECTION].update_one({"_id": DATA}, {"$set": {"version": LAST - 1}})


async def _count_unclean(here: CommandContext) -> int:
    database = here.store.database
    stored = await database[COLLECTION].find_one({"_id": DATA})
    unclean = await database["addons"].count_documents({"description.en-US": {"$regex": "<script"}})
    return int(unclean) + (stored["version"] != LAST)
