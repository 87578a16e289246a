"""Operations on add-ons and on what belongs to each: versions, authors, reviews, packages to be signed."""

from typing import Final

from handlers.api_description import parameters
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES
from handlers.api_description.schemas import FILE, STRING, choice, page_schema, record
from index.facts import VERSION_FILTERS

_FILTER: Final = Parameter(
    "filter", choice(name for name in VERSION_FILTERS if name), "More than approved listed versions."
)
_DETAIL: Final = (
    Parameter("appversion", STRING, "Of a language pack: the newest version that works in it."),
    parameters.GROUPED,
)
_CONFIRM: Final = Parameter("delete_confirm", STRING, "The token from `delete_confirm/`.", required=True)
_ADDON: Final = "addons/addon/{addon}/"
_VERSION: Final = f"{_ADDON}versions/{{version}}/"

OPERATIONS: Final[Operations] = {
    "addons/addon/": {
        "POST": Operation("Submit a new add-on", "SubmittedAddon", body="NewAddon", errors=(409,), files=True)
    },
    _ADDON: {
        "GET": Operation("An add-on", "Addon", _DETAIL),
        "PATCH": Operation("Edit an add-on", "Addon", body="AddonChange", errors=(412,), files=True),
        "PUT": Operation(
            "Submit a version of an add-on, or a new add-on of this guid",
            "SubmittedAddon",
            body="NewAddon",
            statuses=(200, 201),
            errors=(409, 412),
            files=True,
        ),
        "DELETE": Operation("Delete an add-on", query=(_CONFIRM,), errors=(412,)),
    },
    f"{_ADDON}delete_confirm/": {
        "GET": Operation("First step of a deletion: get a token", record("delete_confirm"))
    },
    f"{_ADDON}authors/": {"GET": Operation("Authors of an add-on", "[Person]")},
    f"{_ADDON}authors/{{user}}/": {
        "GET": Operation("An author", "Person"),
        "PATCH": Operation("Change an author's role", "Person", body="AuthorChange"),
        "DELETE": Operation("Remove an author", errors=(400,)),
    },
    f"{_ADDON}pending-authors/": {
        "GET": Operation("Invited authors", "[Person]"),
        "POST": Operation("Invite an author", "Person", body="Invitation"),
    },
    f"{_ADDON}pending-authors/confirm/": {
        "POST": Operation("Accept an invitation", statuses=(200,), errors=(400,))
    },
    f"{_ADDON}pending-authors/decline/": {
        "POST": Operation("Decline an invitation", statuses=(200,), errors=(400,))
    },
    f"{_ADDON}pending-authors/{{user}}/": {
        "GET": Operation("An invitation", "Person"),
        "PATCH": Operation("Change an invitation", "Person", body="InvitationChange"),
        "DELETE": Operation("Withdraw an invitation"),
    },
    f"{_ADDON}previews/": {"POST": Operation("Add a preview", "Preview", body="NewPreview", files=True)},
    f"{_ADDON}previews/{{preview}}/": {
        "PATCH": Operation("Edit a preview", "Preview", body="PreviewChange"),
        "DELETE": Operation("Remove a preview"),
    },
    f"{_ADDON}eula_policy/": {
        "GET": Operation("EULA and privacy policy", "Policies"),
        "PATCH": Operation("Edit EULA and privacy policy", "Policies", body="PoliciesChange"),
    },
    f"{_ADDON}versions/": {
        "GET": Operation("Versions of an add-on", page_schema("ListedVersion"), (_FILTER, *PAGES)),
        "POST": Operation("Submit a version", "Version", body="NewVersion", errors=(409,), files=True),
    },
    _VERSION: {
        "GET": Operation("A version", "Version"),
        "PATCH": Operation("Edit a version", "Version", body="VersionChange", errors=(412,), files=True),
        "DELETE": Operation("Delete a version", errors=(412,)),
    },
    f"{_VERSION}rollback/": {
        "POST": Operation(
            "Submit an earlier version again as the newest",
            body="Rollback",
            statuses=(202,),
            errors=(409, 422),
        )
    },
    f"{_VERSION}reviewnotes/": {
        "GET": Operation("Review notes of a version", page_schema("ReviewNote"), PAGES),
        "POST": Operation("Reply", "ReviewNote", body="NoteReply"),
    },
    f"{_VERSION}reviewnotes/{{note}}/": {"GET": Operation("A review note", "ReviewNote")},
    f"{_VERSION}review/": {
        "POST": Operation("Decide about a version", "ReviewNote", body="VersionDecision", files=True)
    },
    f"{_ADDON}listingcontentreview/": {
        "GET": Operation("State of the content review of a listing", "ListingContentReview"),
        "PATCH": Operation(
            "Request another content review", "ListingContentReview", body="ReviewRequest", statuses=(202,)
        ),
    },
    f"{_ADDON}listingcontentreview/decision/": {
        "POST": Operation(
            "Decide about a listing", "ListingContentReview", body="ListingDecision", statuses=(200,)
        )
    },
    "addons/upload/": {
        "GET": Operation("The caller's uploads", page_schema("Upload"), PAGES),
        "POST": Operation("Upload a package", "Upload", body="NewUpload", files=True),
    },
    "addons/upload/{upload}/": {"GET": Operation("One of the caller's uploads", "Upload")},
    "addons/": {
        "POST": Operation(
            "Have a package of a new add-on signed", "Signing", body="NewSigning", errors=(409,), files=True
        )
    },
    "addons/{guid}/versions/{version}/": {
        "GET": Operation("Status of a package sent for signing", "Signing", errors=(400,)),
        "PUT": Operation(
            "Have a version signed",
            "Signing",
            body="NewSigning",
            statuses=(201, 202),
            errors=(409,),
            files=True,
        ),
    },
    "addons/{guid}/versions/{version}/uploads/{upload}/": {
        "GET": Operation("Status of one of several uploads", "Signing", errors=(400,))
    },
    "file/{file}/{name}": {
        "GET": Operation(
            "The file of a version", FILE, statuses=(200, 206, 302), kind="application/x-xpinstall"
        )
    },
}
