"""What the server of forks (prefork.py) does once: import the program, work out what each start would."""

import gc

import handlers.serving  # noqa: F401
import run  # noqa: F401
from index.text.synonyms import Synonyms

Synonyms({})
gc.freeze()  # a collection in a fork would copy every page it looks at
