"""`run.py explain`: why the results of a search stand where they do.

Ask the server that runs here (host, port or socket of the settings) why the first
results of a search stand where they do: what each tier of the query earns them
(the name as written, words in names, texts, some of the words or synonyms, words
that stand together), and the factor of their popularity.

    score = sum of the tiers * popularity + words that stand together

With --addon one more add-on is explained, wherever it stands: by id, slug or guid.
Filters that keep it out are named, the points it is behind, and other queries that
would place it higher. Other parameters of a search are given as they
are in its address: lang=de app=firefox type=extension sort=users
"""

import argparse
import http.client
import json
from typing import Any, Final
from urllib.parse import urlencode

from conf.settings.settings import Settings
from server.errors import OperatorFault, StartError, UsageFault
from server.operating.local_server import LocalServer

_NO_ANSWER: Final = "no server answers at {}; start it, or name its port: {}"


def add_arguments(parser: Any) -> None:
    parser.add_argument("query", metavar="QUERY", help="the text that is searched")
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="other parameters of the search")
    parser.add_argument("--addon", metavar="ADDON", help="one more to explain")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="how many (5; 25 at most)")
    parser.add_argument("--port", metavar="N", help="where the server listens, if the settings do not say")
    parser.add_argument("--json", action="store_true", help="the answer as it is")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if wrong := [parameter for parameter in args.parameters if "=" not in parameter]:
        raise UsageFault(f"not NAME=VALUE: {' '.join(wrong)}")
    query = [tuple(parameter.split("=", 1)) for parameter in args.parameters]
    own = {"q": args.query, "top": args.top, "addon": args.addon}
    query += [(name, value) for name, value in own.items() if value is not None]
    server = LocalServer(settings)
    try:
        status, body = await server.get(f"/__explain__?{urlencode(query)}")
    except (OSError, http.client.HTTPException) as fault:
        raise StartError(_NO_ANSWER.format(server.where, fault)) from fault
    if status != 200:
        raise OperatorFault(f"{status}: {body.decode(errors='replace')}")
    if args.json:
        print(body.decode())
    else:
        _print(json.loads(body))
    return 0


def _print(explanation: dict[str, Any]) -> None:
    print(f"{explanation['count']} results, by {', '.join(explanation['sort'])}")
    for row in explanation["results"]:
        _print_row(row)
    if extra := explanation.get("addon"):
        if extra["place"] is None or extra["place"] > len(explanation["results"]):
            _print_row(extra)
        for clause in extra["kept_out_by"]:
            print(f"      kept out by the filter {clause}")
        for goal, points in extra["behind"].items():
            print(f"      {points:16.2f}  points behind the {goal} place, times its own popularity")
        for better in extra["better"]:
            print(f"      would be {better['place']}. of: {better['q']}")


def _print_row(row: dict[str, Any]) -> None:
    position = "none of the first thousand" if row["place"] is None else f"{row['place']}."
    print(f"{position}  {row['slug']}  ({row['guid']}, id {row['id']})")
    if "score" not in row:
        return
    print(f"      score {row['score']:.2f}, popularity times {row['popularity']:.2f}")
    for tier, points in row["tiers"].items():
        print(f"      {points:16.2f}  {tier}")
    if row["together"]:
        print(f"      {row['together']:16.2f}  words that stand together (not times popularity)")
    if not row["tiers"]:
        print("      nothing of it matches the text")
