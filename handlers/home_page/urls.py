"""The routes of the home page. Random answers are not `fast`, because the fast lane caches answers."""

from typing import Final

from handlers.home_page.heroes import HeroHandler, PrimaryHeroesHandler, SecondaryHeroesHandler
from handlers.home_page.shelves import EditorialShelvesHandler, ShelvesHandler
from handlers.http.route import Route

HOME_PAGE_ROUTES: Final = (
    Route("hero/", HeroHandler, gate="hero"),
    Route("hero/primary/", PrimaryHeroesHandler, gate="hero", fast=True),
    Route("hero/secondary/", SecondaryHeroesHandler, gate="hero", fast=True),
    Route("shelves/", ShelvesHandler, gate="shelves"),
    Route("shelves/editorial/", EditorialShelvesHandler, gate="shelves", fast=True),
)
