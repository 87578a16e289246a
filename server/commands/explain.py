"""`run.py explain`: explain the ranking of a search.

Ask the server that runs here (host, port or socket of the settings) why the first
results of a search rank as they do: the points that each tier of the query gives them
(the name as written, words in names, texts, some of the words or synonyms, adjacent
words), and the factor for their popularity.

    score = sum of the tiers * popularity + adjacent words

--addon explains one more add-on, wherever it ranks: which filters exclude it, how many
points it is behind, and other queries for which it would rank higher. Other search
parameters are given as in the URL: lang=de app=firefox type=extension sort=users
"""

import argparse
import http.client
import json
from typing import Any, Final
from urllib.parse import urlencode

from conf.settings.settings import Settings
from server.errors import OperatorFault, StartError, UsageFault
from server.operating.local_server import LocalServer

_NO_ANSWER: Final = "no server answers at {}; start it, or give its --port: {}"


def add_arguments(parser: Any) -> None:
    parser.add_argument("query", metavar="QUERY", help="the text to search for")
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="other parameters of the search")
    parser.add_argument("--addon", metavar="ADDON", help="one more add-on to explain: id, slug or guid")
    parser.add_argument("--top", type=int, default=5, metavar="N", help="how many results (5; at most 25)")
    parser.add_argument("--port", metavar="N", help="port of the server, if not in the settings")
    parser.add_argument("--json", action="store_true", help="the server's response as JSON")


async def run(args: argparse.Namespace, settings: Settings) -> int:
    if invalid := [parameter for parameter in args.parameters if "=" not in parameter]:
        raise UsageFault(f"write parameters as NAME=VALUE, not {' '.join(invalid)}")
    query = [tuple(parameter.split("=", 1)) for parameter in args.parameters]
    fixed = {"q": args.query, "top": args.top, "addon": args.addon}
    query += [(name, value) for name, value in fixed.items() if value is not None]
    server = LocalServer(settings)
    try:
        status, body = await server.get(f"/__explain__?{urlencode(query)}")
    except (OSError, http.client.HTTPException) as fault:
        raise StartError(_NO_ANSWER.format(server.address, fault)) from fault
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
