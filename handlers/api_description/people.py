"""Operations on accounts, collections, ratings, reports and mail."""

from typing import Final

from conf.model.reports import TARGET_FIELDS
from handlers.accounts.collection_items import FILTERS, SORTS
from handlers.api_description import parameters
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES, comma_list
from handlers.api_description.schemas import BOOLEAN, INTEGER, STRING, Schema, choice, page_schema, record

_USER: Final = "accounts/account/{user}/"
_COLLECTION: Final = f"{_USER}collections/{{collection}}/"
_COLLECTION_PARAMETERS: Final = (
    Parameter("sort", choice((*SORTS, *(f"-{name}" for name in SORTS))), "Of its add-ons."),
    Parameter("filter", choice(FILTERS), "Includes add-ons that are not public."),
)
_WITH_ADDONS: Final = Parameter("with_addons", STRING, "With any value: adds the first of its add-ons.")
_SENT: Final = tuple(
    Parameter(name, STRING, "In place of the body's.") for name in ("token", "hash", "notification")
)
_CALLBACK: Final = tuple(Parameter(name, STRING) for name in ("code", "state", "error", "iss", "config"))
_FLAGS_FOR: Final = Parameter("show_flags_for", INTEGER, "The caller's id: adds the caller's flags.")
_RATINGS: Final = (
    Parameter("addon", STRING, "Of this add-on: id, guid or slug. It or `user` is needed."),
    Parameter("user", INTEGER, "By this user."),
    Parameter("version", INTEGER, "Of this version of the add-on."),
    Parameter("score", comma_list(item=INTEGER)),
    Parameter("exclude_ratings", comma_list(item=INTEGER)),
    Parameter(
        "filter",
        comma_list(item=choice(("with_deleted", "without_empty_body", "with_yours"))),
        "What is listed.",
    ),
    parameters.GROUPED,
    Parameter("show_permissions_for", INTEGER, "The caller's id: adds `can_reply`."),
    _FLAGS_FOR,
    *PAGES,
)
_LIST: Final = page_schema("Rating")
_LISTED: Final[Schema] = {
    **_LIST,
    "properties": {
        **_LIST["properties"],
        "can_reply": BOOLEAN,
        "grouped_ratings": record(dict.fromkeys("12345", INTEGER)),
    },
}


def _ratings(path: str) -> Operations:
    return {
        path: {
            "GET": Operation("Ratings of an add-on or a user", _LISTED, _RATINGS),
            "POST": Operation("Rate an add-on", "Rating", body="NewRating"),
        },
        f"{path}{{rating}}/": {
            "GET": Operation("A rating, or a reply to one", "Rating", (_FLAGS_FOR,)),
            "PATCH": Operation("Edit a rating", "Rating", body="RatingChange"),
            "DELETE": Operation("Delete a rating"),
        },
        f"{path}{{rating}}/reply/": {
            "POST": Operation("Reply to a rating", "RatingReply", body="NewRatingReply", statuses=(200, 201))
        },
        f"{path}{{rating}}/flag/": {
            "POST": Operation("Flag a rating", "RatingFlag", body="NewRatingFlag", statuses=(202,))
        },
    }


OPERATIONS: Final[Operations] = {
    "accounts/login/start/": {
        "GET": Operation(
            "Sign in: redirects a browser to the identity provider",
            query=(
                Parameter("to", STRING, "The path of the site to come back to."),
                Parameter("config", STRING, "Nothing: there is one provider."),
            ),
            statuses=(302,),
        )
    },
    "accounts/authenticate/": {
        "GET": Operation("Callback of the identity provider", query=_CALLBACK, statuses=(302,))
    },
    "accounts/session/": {"DELETE": Operation("Sign out", record("ok: boolean"))},
    "accounts/profile/": {"GET": Operation("The caller's own account", "OwnAccount")},
    "accounts/unsubscribe/": {
        "POST": Operation(
            "Unsubscribe from mail of a kind, with the token from a mail",
            "Notification",
            _SENT,
            "Unsubscription",
            (200,),
            errors=(403,),
        )
    },
    _USER: {
        "GET": Operation("An account; the caller's own has more keys", "Account"),
        "PATCH": Operation("Edit an account", "Account", body="AccountChange", files=True),
        "DELETE": Operation("Delete an account", errors=(400,)),
    },
    f"{_USER}picture/": {"DELETE": Operation("Remove an account's picture", "Account")},
    f"{_USER}notifications/": {
        "GET": Operation("Notification settings", "[Notification]"),
        "POST": Operation(
            "Change notification settings",
            "[Notification]",
            body="NotificationsChange",
            statuses=(200,),
        ),
    },
    f"{_USER}collections/": {
        "GET": Operation("The caller's collections", page_schema("Collection"), PAGES),
        "POST": Operation("Make a collection", "Collection", body="NewCollection"),
    },
    _COLLECTION: {
        "GET": Operation("A collection", "Collection", (_WITH_ADDONS, *_COLLECTION_PARAMETERS)),
        "PATCH": Operation("Edit a collection", "Collection", body="CollectionChange", errors=(412,)),
        "PUT": Operation("Replace a collection", "Collection", body="NewCollection", errors=(412,)),
        "DELETE": Operation("Delete a collection", errors=(412,)),
    },
    f"{_COLLECTION}addons/": {
        "GET": Operation(
            "Add-ons of a collection", page_schema("CollectionItem"), (*_COLLECTION_PARAMETERS, *PAGES)
        ),
        "POST": Operation("Add an add-on to a collection", "CollectionItem", body="NewCollectionItem"),
    },
    f"{_COLLECTION}addons/{{addon}}/": {
        "GET": Operation("An add-on of a collection", "CollectionItem"),
        "PATCH": Operation("Edit the notes on an add-on", "CollectionItem", body="CollectionItemChange"),
        "DELETE": Operation("Remove an add-on from a collection"),
    },
    **_ratings("ratings/rating/"),
    **_ratings("reviews/review/"),
    **{
        f"abuse/report/{target}/": {
            "POST": Operation(
                f"Report {'an' if target == 'addon' else 'a'} {target.replace('addon', 'add-on')}",
                f"{target.title()}Report",
                (Parameter(target, STRING, "In place of the body's."),),
                f"New{target.title()}Report",
            )
        }
        for target in TARGET_FIELDS
    },
    "activity/mail/": {
        "POST": Operation(
            "Inbound mail, from the mail service", STRING, body="Mail", statuses=(200, 201), errors=(403,)
        )
    },
}
