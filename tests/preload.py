"""What the server of forks (prefork.py) does once: import the program, work out what each start would."""

import gc

from tornado.routing import PathMatches

import handlers.serving  # noqa: F401
import run  # noqa: F401
from conf.vocabulary import VERSIONS
from handlers.urls import ROUTES
from index.text.synonyms import Synonyms

Synonyms({})
for route in ROUTES:
    for version in VERSIONS:
        PathMatches(f"/api/{version}/{route.path}")  # Python keeps patterns it has compiled
gc.freeze()  # a collection in a fork would copy every page it looks at
