"""What is said of add-ons and of what belongs to each: versions, authors, reviews, packages to be signed."""

from typing import Final

from handlers.api_description import parameters as known
from handlers.api_description.operations import Operation, Operations, Parameter
from handlers.api_description.parameters import PAGES
from handlers.api_description.schemas import FILE, STRING, array, choice, page_of, record, ref
from index.facts import VERSION_FILTERS

_FILTER: Final = Parameter(
    "filter", choice(name for name in VERSION_FILTERS if name), "More than approved listed versions."
)
_DETAIL: Final = (
    Parameter("appversion", STRING, "Of a language pack: the newest version that works in it."),
    known.GROUPED,
)
_CONFIRM: Final = Parameter("delete_confirm", STRING, "What `delete_confirm/` gave.", required=True)
_NOTE: Final = ref("ReviewNote")
_STATE: Final = ref("ListingContentReview")
_PERSON: Final = ref("Person")
_ADDON: Final = "addons/addon/{addon}/"
_VERSION: Final = f"{_ADDON}versions/{{version}}/"

OPERATIONS: Final[Operations] = {
    "addons/addon/": {
        "POST": Operation(
            "Submit a new add-on",
            ref("SubmittedAddon"),
            body=ref("NewAddon"),
            statuses=(201,),
            errors=(409,),
            files=True,
        )
    },
    _ADDON: {
        "GET": Operation("An add-on", ref("Addon"), _DETAIL),
        "PATCH": Operation(
            "Edit an add-on", ref("Addon"), body=ref("AddonChange"), errors=(412,), files=True
        ),
        "PUT": Operation(
            "Submit a version of an add-on, or a new add-on of this guid",
            ref("SubmittedAddon"),
            body=ref("NewAddon"),
            statuses=(200, 201),
            errors=(409, 412),
            files=True,
        ),
        "DELETE": Operation("Delete an add-on", query=(_CONFIRM,), statuses=(204,), errors=(412,)),
    },
    f"{_ADDON}delete_confirm/": {
        "GET": Operation("The first step of a deletion", record({"delete_confirm": STRING}))
    },
    f"{_ADDON}authors/": {"GET": Operation("Its authors", array(_PERSON))},
    f"{_ADDON}authors/{{user}}/": {
        "GET": Operation("One of its authors", _PERSON),
        "PATCH": Operation("Change an author's part", _PERSON, body=ref("AuthorChange")),
        "DELETE": Operation("Remove an author", statuses=(204,), errors=(400,)),
    },
    f"{_ADDON}pending-authors/": {
        "GET": Operation("Who is invited", array(_PERSON)),
        "POST": Operation("Invite an author", _PERSON, body=ref("Invitation"), statuses=(201,)),
    },
    f"{_ADDON}pending-authors/confirm/": {
        "POST": Operation("Accept one's invitation", errors=(400,)),
    },
    f"{_ADDON}pending-authors/decline/": {
        "POST": Operation("Decline one's invitation", errors=(400,)),
    },
    f"{_ADDON}pending-authors/{{user}}/": {
        "GET": Operation("One invitation", _PERSON),
        "PATCH": Operation("Change an invitation", _PERSON, body=ref("InvitationChange")),
        "DELETE": Operation("Withdraw an invitation", statuses=(204,)),
    },
    f"{_ADDON}previews/": {
        "POST": Operation(
            "Add a preview", ref("Preview"), body=ref("NewPreview"), statuses=(201,), files=True
        )
    },
    f"{_ADDON}previews/{{preview}}/": {
        "PATCH": Operation("Describe a preview", ref("Preview"), body=ref("PreviewChange")),
        "DELETE": Operation("Remove a preview", statuses=(204,)),
    },
    f"{_ADDON}eula_policy/": {
        "GET": Operation("EULA and privacy policy", ref("Policies")),
        "PATCH": Operation("Change them", ref("Policies"), body=ref("PoliciesChange")),
    },
    f"{_ADDON}versions/": {
        "GET": Operation("Its versions", page_of(ref("ListedVersion")), (_FILTER, *PAGES)),
        "POST": Operation(
            "Submit a version",
            ref("Version"),
            body=ref("NewVersion"),
            statuses=(201,),
            errors=(409,),
            files=True,
        ),
    },
    _VERSION: {
        "GET": Operation("A version", ref("Version")),
        "PATCH": Operation(
            "Edit a version", ref("Version"), body=ref("VersionChange"), errors=(412,), files=True
        ),
        "DELETE": Operation("Delete a version", statuses=(204,), errors=(412,)),
    },
    f"{_VERSION}rollback/": {
        "POST": Operation(
            "Have a version made the newest once more",
            body=ref("Rollback"),
            statuses=(202,),
            errors=(409, 422),
        )
    },
    f"{_VERSION}reviewnotes/": {
        "GET": Operation("What was said in its review", page_of(_NOTE), PAGES),
        "POST": Operation("Reply", _NOTE, body=ref("NoteReply"), statuses=(201,)),
    },
    f"{_VERSION}reviewnotes/{{note}}/": {"GET": Operation("A review note", _NOTE)},
    f"{_VERSION}review/": {
        "POST": Operation(
            "Decide about a version", _NOTE, body=ref("VersionDecision"), statuses=(201,), files=True
        )
    },
    f"{_ADDON}listingcontentreview/": {
        "GET": Operation("The review of its listing", _STATE),
        "PATCH": Operation("Ask for another look", _STATE, body=ref("ReviewRequest"), statuses=(202,)),
    },
    f"{_ADDON}listingcontentreview/decision/": {
        "POST": Operation("Decide about a listing", _STATE, body=ref("ListingDecision"))
    },
    "addons/upload/": {
        "GET": Operation("One's uploads", page_of(ref("Upload")), PAGES),
        "POST": Operation(
            "Upload a package", ref("Upload"), body=ref("NewUpload"), statuses=(201,), files=True
        ),
    },
    "addons/upload/{upload}/": {"GET": Operation("One of one's uploads", ref("Upload"))},
    "addons/": {
        "POST": Operation(
            "Have a package of a new add-on signed",
            ref("Signing"),
            body=ref("NewSigning"),
            statuses=(201,),
            errors=(409,),
            files=True,
        )
    },
    "addons/{guid}/versions/{version}/": {
        "GET": Operation("Follow a package that is signed", ref("Signing"), errors=(400,)),
        "PUT": Operation(
            "Have a version signed",
            ref("Signing"),
            body=ref("NewSigning"),
            statuses=(201, 202),
            errors=(409,),
            files=True,
        ),
    },
    "addons/{guid}/versions/{version}/uploads/{upload}/": {
        "GET": Operation("Follow one of several", ref("Signing"), errors=(400,))
    },
    "file/{file}/{name}": {
        "GET": Operation(
            "The file of a version", FILE, statuses=(200, 206, 302), kind="application/x-xpinstall"
        )
    },
}
