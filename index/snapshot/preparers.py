"""Raw documents become what a catalogue has of them: in this process, or beside it in others.

    preparer = Preparer(documents, write_text, decode)
    for preparation in preparer.prepare(batch): ...

    processes = Processes(Context(users, places, dictionary, decode), 2)
    answer = processes.submit(batch)        # a future of what `unpack` takes
    processes.close()

Another process reads the context and then batches from its standard input, and ends with it, however this
process ends. A call to `submit` takes no time; who waits for its future is told of a process that died.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc
from index import facts
from index.documents.documents import AddonDocuments
from index.documents.users import PublicUser
from index.entry import Entry
from index.search_params.featured import FeaturedPlaces, FeaturedSets
from index.snapshot.prepared import Prepared, prepare
from index.snapshot.records import Records
from index.text.schema import IndexText, Writer
from index.validation import describe_error, find_addon_fault

Decode = Callable[[bytes], list[dict[str, Any]]]  # of concatenated BSON documents
WriteText = Callable[[AddonDoc, Entry], IndexText]

LOST: Final = (OSError, EOFError, pickle.UnpicklingError, TimeoutError)  # a process that died, or is stuck
_MOST: Final = 4  # processes
_STEP_BACK: Final = 5  # of nice's 19: whoever serves goes first
_ROOT: Final = Path(__file__).resolve().parents[2]


class Preparation(NamedTuple):
    """What became of a document."""

    id: Any
    prepared: Prepared | None = None  # None: it is not public
    text: IndexText | None = None  # None: listings do not show it
    fault: str | None = None  # why it is left out


class Context(NamedTuple):
    """What another process has to know."""

    users: Mapping[int, PublicUser]
    places: FeaturedPlaces | None
    dictionary: bytes  # of the compression
    decode: Decode


class Preparer:
    """One thread's."""

    def __init__(self, documents: AddonDocuments, write_text: WriteText, decode: Decode) -> None:
        self._documents = documents
        self._write_text = write_text
        self._decode = decode

    def decoded(self, batch: bytes) -> Iterator[AddonDoc]:
        for document in documents_in(batch):
            yield cast(AddonDoc, self._decode(bytes(document))[0])

    def prepare(self, batch: bytes) -> Iterator[Preparation]:
        """One after the other, as each takes a millisecond."""
        return map(self._prepare, self.decoded(batch))

    def _prepare(self, addon: AddonDoc) -> Preparation:
        fault = find_addon_fault(addon)
        if fault or not facts.is_public(addon):
            return Preparation(addon["_id"], fault=fault)
        try:
            prepared = prepare(addon, self._documents)
            entry = prepared.entry
            return Preparation(addon["_id"], prepared, entry and self._write_text(addon, entry))
        except Exception as error:  # whatever one document holds, the others are wanted
            return Preparation(addon["_id"], fault=describe_error(error))


def documents_in(batch: bytes) -> list[memoryview]:
    """The documents of a raw batch: each begins with its length."""
    view, at = memoryview(batch), 0
    documents = []
    while at < len(batch):
        end = at + int.from_bytes(view[at : at + 4], "little")
        documents.append(view[at:end])
        at = end
    return documents


def room_beside() -> int:
    """How many processes may be at work: none where there is one processor core."""
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return min(cores, _MOST) if cores > 1 else 0


class Processes:
    def __init__(self, context: Context, count: int) -> None:
        self.count = count
        self._processes = [_start() for _ in range(count)]
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="preparing")
        said = pickle.dumps(context)
        for process in self._processes:
            self._threads.submit(self._introduce, process, said)

    def submit(self, batch: bytes) -> Future[list[bytes]]:
        return self._threads.submit(self._ask, batch)

    def close(self) -> None:
        """At once; who waits for an answer is told that the process died."""
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            with suppress(OSError), process:  # what it did not read cannot be sent any more
                process.wait()

    def _introduce(self, process: subprocess.Popen[bytes], said: bytes) -> None:
        try:
            _say(process, said)
        finally:
            self._free.put(process)

    def _ask(self, batch: bytes) -> list[bytes]:
        """Raises one of LOST."""
        process = self._free.get()
        try:
            _say(process, pickle.dumps(batch))
            assert process.stdout is not None
            answer: list[bytes] = pickle.load(process.stdout)
            return answer
        finally:
            self._free.put(process)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()"],
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AMOEBA_")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this process, which ends the others
    )


def _say(process: subprocess.Popen[bytes], said: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(said)
    process.stdin.flush()


def unpack(answer: list[bytes]) -> Iterator[Preparation]:
    """Unpacked one by one, as none may hold up other threads for long."""
    return map(pickle.loads, answer)


def serve() -> None:
    """Be another process."""
    if hasattr(os, "nice"):
        os.nice(_STEP_BACK)
    context: Context = pickle.load(sys.stdin.buffer)
    featured = FeaturedSets()
    featured.replace(context.places)
    documents = AddonDocuments({}, featured, Records(None))
    documents.users.update(context.users)
    documents.use(context.dictionary)
    preparer = Preparer(documents, Writer().text, context.decode)
    while True:
        try:
            batch = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump([pickle.dumps(one, -1) for one in preparer.prepare(batch)], sys.stdout.buffer)
        sys.stdout.flush()
