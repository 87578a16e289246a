"""The turnstile of parallel.py: together or alone, and nobody who waits is overtaken."""

import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

from tests.parallel import Turnstile

PAUSE = 0.1  # seconds in which who may pass has passed


def test_who_wants_to_be_alone_waits_and_is_waited_for(tmp_path: Path) -> None:
    passed: list[str] = []
    with ExitStack() as stack:
        one, other, alone, late = (stack.enter_context(closing(Turnstile(tmp_path))) for _ in range(4))

        def pass_through(turnstile: Turnstile, name: str) -> None:
            with turnstile.passed(alone=turnstile is alone):
                passed.append(f"{name} in")
                time.sleep(PAUSE)
                passed.append(f"{name} out")

        with one.passed(alone=False):
            with other.passed(alone=False):
                pass
            threads = []
            for turnstile, name in ((alone, "alone"), (late, "late")):
                threads.append(threading.Thread(target=pass_through, args=(turnstile, name)))
                threads[-1].start()
                time.sleep(PAUSE)
            assert passed == []
        for thread in threads:
            thread.join(10)
    assert passed == ["alone in", "alone out", "late in", "late out"]
