"""Other engines on the same data, asked the same: SQLite's FTS5, and PostgreSQL where it is installed.

    ask = sqlite(listed)                      # of Listed rows
    ask("tab tree", 25)                       -> ids, best first
    with postgresql(listed) as ask: ...       # None where there is no PostgreSQL

Both look for all words, then for any, best first by their own score times the logarithm of users;
PostgreSQL also for names of like trigrams. PostgreSQL's programs are those of the operating system
or of the package `pgserver`, in a folder of their own that is thrown away.
"""

import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

Ask = Callable[[str, int], list[int]]

_NOBODY: Final = "nobody"  # PostgreSQL does not run as root
_WORD: Final = re.compile(r"\w+")
_SCHEMA: Final = """
create extension if not exists pg_trgm;
create table t(id int, name text, texts text, users bigint);
\\copy t from '{file}'
alter table t add v tsvector;
update t set v = setweight(to_tsvector('english', name), 'A')
  || setweight(to_tsvector('english', texts), 'B');
create index on t using gin(v);
create index on t using gin(name gin_trgm_ops);
create function any_word(q text) returns tsquery language sql immutable as
  $$ select replace(plainto_tsquery('english', q)::text, '&', '|')::tsquery $$;
create function ask(q text, n int) returns setof int language sql stable as $$
  select id from t, plainto_tsquery('english', q) every, any_word(q) one
  where v @@ one or name % q
  order by v @@ every desc, (ts_rank(v, one) + similarity(name, q)) * log(users + 2) desc, id limit n $$;
analyze t;
"""


class Listed(NamedTuple):
    id: int
    name: str
    texts: str
    users: int


def sqlite(rows: Sequence[Listed]) -> Ask:
    base = sqlite3.connect(":memory:")
    base.create_function("size", 1, lambda users: math.log10(users + 2), deterministic=True)
    base.execute(
        "create virtual table t using fts5(name, texts, users unindexed, tokenize='porter unicode61')"
    )
    base.executemany(
        "insert into t(rowid, name, texts, users) values(?,?,?,?)",
        [(one.id, one.name, one.texts, one.users) for one in rows],
    )

    def ask(q: str, count: int) -> list[int]:
        words, ids = [f'"{word}"' for word in _WORD.findall(q)], list[int]()
        for either in (" AND ", " OR "):
            if len(ids) < count and words:
                found = base.execute(
                    "select rowid from t where t match ? order by bm25(t, 10, 3) * size(users) limit ?",
                    (either.join(words), 2 * count),
                )
                ids += [one for (one,) in found if one not in ids]
        return ids[:count]

    return ask


@contextmanager
def postgresql(rows: Sequence[Listed]) -> Iterator[Ask | None]:
    programs = _programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="rival"))
    user = _NOBODY if os.getuid() == 0 else None
    folder.chmod(0o777)

    def run(*words: str, input: str | None = None) -> str:
        command = [str(programs / words[0]), *words[1:]]
        done = subprocess.run(
            command,
            user=user,
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            input=input,
        )
        return done.stdout

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "rival", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        start = ("-D", data, "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses=")
        subprocess.run([programs / "pg_ctl", "start", *start], user=user, cwd=folder, check=True, timeout=60)
        file = folder / "rows"
        file.write_text("".join(map(_line, rows)), encoding="utf-8")
        psql = ("psql", "-h", str(folder), "-U", "rival", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1")
        run(*psql, input=_SCHEMA.format(file=file))

        def ask(q: str, count: int) -> list[int]:
            quoted = q.replace("'", "''")
            return [int(one) for one in run(*psql, "-c", f"select ask('{quoted}', {count})").split()]

        yield ask
        run("pg_ctl", "stop", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _line(row: Listed) -> str:
    texts = [re.sub(r"[\\\t\n\r]", " ", text) for text in (row.name, row.texts)]
    return f"{row.id}\t{texts[0]}\t{texts[1]}\t{row.users}\n"


def _programs() -> Path | None:
    """The folder of initdb, pg_ctl and psql, with pg_trgm where it can be."""
    spec = find_spec("pgserver")
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if spec and spec.origin:
        places.append(Path(spec.origin).parent / "pginstall" / "bin")
    for place in places:
        if all((place / name).exists() for name in ("initdb", "pg_ctl", "psql")):
            return place
    print("PostgreSQL is not installed: its column is left out.", file=sys.stderr)
    return None
