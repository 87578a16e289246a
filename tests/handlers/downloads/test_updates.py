"""Update checks as Firefox and Thunderbird make them (contract/updates.md)."""

from typing import Any
from xml.etree import ElementTree

import pytest

from conf.vocabulary import APPS
from tests.client import Answer
from tests.handlers.downloads.published import SHA, SITE, STATES, check
from tests.handlers.signed_client import Api

PHP = "/update/VersionCheck.php"
EM = "{http://www.mozilla.org/2004/em-rdf#}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def ask(published: Api, state: str, path: str = PHP, **changed: Any) -> Answer:
    return published.get(f"{path}?{check(state, **changed)}")


def offered(answer: Answer) -> Any:
    """The version of the one update; None where there is none, {} where the add-on is none."""
    assert answer.status == 200
    if answer.json == {}:
        return {}
    [addon] = answer.json["addons"].values()
    return addon["updates"][0]["version"] if addon["updates"] else None


@pytest.mark.parametrize("path", [PHP, "/update/"])
def test_the_newest_version_and_all_that_is_said_of_it(published: Api, path: str) -> None:
    """contract/updates.md 1, 3 and 6"""
    answer = ask(published, "plain", path)
    assert answer.json == {
        "addons": {
            "x10@y": {
                "updates": [
                    {
                        "version": "1.1",
                        "update_link": f"{SITE}/firefox/downloads/file/1102/my_x-1.1.xpi",
                        "applications": {"gecko": {"strict_min_version": "58.0"}},
                        "update_hash": SHA,
                    }
                ]
            }
        }
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "max-age=3600"
    assert answer.headers["Vary"] == "Accept-Encoding"


THUNDERBIRD, ANDROID = APPS["thunderbird"].guid, APPS["android"].guid


@pytest.mark.parametrize(
    ("state", "changed", "version"),
    [
        # contract/updates.md 2
        pytest.param("plain", {"version": "1.1"}, "1.1", id="what the client has is no filter"),
        pytest.param(
            "plain", dict.fromkeys(("reqVersion", "version", "locale")), "1.1", id="three are needed"
        ),
        pytest.param("plain", {"appVersion": "x"}, None, id="no version is 0"),
        # contract/updates.md 3
        pytest.param("no@where", {}, {}, id="unknown"),
        pytest.param("disabled by its developer", {}, {}, id="disabled by its developer"),
        pytest.param("disabled by Mozilla", {}, {}, id="disabled by Mozilla"),
        pytest.param("deleted", {}, {}, id="deleted"),
        # contract/updates.md 4
        pytest.param("plain", {"appVersion": "57.0"}, "1.0", id="an older version for an older application"),
        pytest.param("plain", {"appVersion": "56.0"}, None, id="the minimum counts"),
        pytest.param("plain", {"appVersion": "56.0", "compatMode": "ignore"}, None, id="in every mode"),
        pytest.param("plain", {"appID": ANDROID}, None, id="another application"),
        pytest.param("plain", {"appID": ANDROID, "compatMode": "ignore"}, None, id="that too in every mode"),
        pytest.param("awaiting", {}, "1.0", id="awaiting review"),
        pytest.param("file disabled", {}, "1.0", id="file disabled"),
        pytest.param("unlisted", {}, "1.0", id="unlisted"),
        pytest.param("version deleted", {}, "1.0", id="version deleted"),
        pytest.param("lower number later", {}, "0.9", id="by upload, not by number"),
        pytest.param("dictionary", {}, "1.1", id="a type that declares nothing is for all"),
        pytest.param("thunderbird", {"appID": THUNDERBIRD}, "1.1", id="Thunderbird"),
        pytest.param("withheld", {}, "1.1", id="regions are the download's"),
        # contract/updates.md 5
        pytest.param("strict", {}, "1.0", id="strict file, normal"),
        pytest.param("strict", {"compatMode": "strict"}, "1.0", id="strict file, strict"),
        pytest.param("strict", {"compatMode": "ignore"}, "1.1", id="strict file, ignore"),
        pytest.param("strict", {"compatMode": "what"}, "1.1", id="strict file, another word"),
        pytest.param("strict", {"appVersion": "58.9.1"}, "1.1", id="strict file, star"),
        pytest.param("with a maximum", {}, "1.1", id="maximum, normal"),
        pytest.param("with a maximum", {"compatMode": "strict"}, "1.0", id="maximum, strict"),
        pytest.param("with a maximum", {"compatMode": None}, "1.0", id="maximum, no mode"),
    ],
)
def test_which_version(published: Api, state: str, changed: dict[str, Any], version: Any) -> None:
    assert offered(ask(published, state, **changed)) == version


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"id": ""},
        {"appID": None},
        {"appID": "{0000}"},
        {"appVersion": None},
        {"appVersion": ""},
    ],
    ids=str,
)
def test_what_a_check_must_say(published: Api, changed: dict[str, Any]) -> None:
    """contract/updates.md 2"""
    answer = ask(published, "plain", **changed)
    assert (answer.status, answer.json) == (400, {})
    assert answer.headers["Cache-Control"] == "max-age=3600"


def test_names_come_back_as_sent(published: Api) -> None:
    """contract/updates.md 3"""
    guid = STATES["braces"]["guid"]
    for sent in (guid, guid.upper()):
        assert list(ask(published, "braces", id=sent).json["addons"]) == [sent]


def test_what_only_some_entries_have(published: Api) -> None:
    """contract/updates.md 6"""

    def entry(state: str, **changed: str) -> Any:
        [addon] = ask(published, state, **changed).json["addons"].values()
        return addon["updates"][0]

    strict = entry("strict", appVersion="58.0")
    assert strict["applications"]["gecko"] == {"strict_min_version": "58.0", "strict_max_version": "58.*"}
    page = f"{SITE}/%APP_LOCALE%/firefox/addon/my-%C3%A9/versions/1.1/updateinfo/"
    assert entry("with notes")["update_info_url"] == page
    elsewhere = entry("not hashed")
    assert elsewhere["update_link"] == "https://elsewhere.example/x.xpi"
    assert "update_hash" not in elsewhere
    link = entry("thunderbird", appID=THUNDERBIRD)["update_link"]
    assert link.startswith(f"{SITE}/thunderbird/downloads/file/")
    assert [
        entry("a file a platform", appOS=system)["update_link"][-10:-6] for system in ("Linux", "WINNT")
    ] == [
        "5000",
        "5001",
    ]


def test_the_older_form(published: Api) -> None:
    """contract/updates.md 7"""

    def parsed(state: str, **changed: str) -> ElementTree.Element:
        answer = ask(published, state, reqVersion="1", **changed)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/xml"
        return ElementTree.fromstring(answer.body)

    assert len(parsed("no@where")) == 0
    [nothing] = parsed("plain", appVersion="1.0").findall("*")
    assert nothing.attrib == {"about": "urn:mozilla:extension:x10@y"}
    assert list(nothing.find(f"{EM}updates/{RDF}Seq") or ()) == []
    listed, release = parsed("plain").findall("*")
    [one] = listed.findall(f"{EM}updates/{RDF}Seq/*")
    assert one.attrib["resource"] == release.attrib["about"] == "urn:mozilla:extension:x10@y:1.1"
    assert release.findtext(f"{EM}version") == "1.1"
    facts = {fact.tag.removeprefix(EM): fact.text for fact in release.find(f"{EM}targetApplication/*") or ()}
    assert facts == {
        "id": APPS["firefox"].guid,
        "minVersion": "58.0",
        "maxVersion": "*",
        "updateLink": f"{SITE}/firefox/downloads/file/1102/my_x-1.1.xpi",
        "updateHash": SHA,
    }


def test_checks_are_cached_and_compared(published: Api) -> None:
    """contract/updates.md 8"""
    answer = ask(published, "plain")
    path = f"{PHP}?{check('plain')}"
    again = published.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    head = published.head(path, headers={"Authorization": "Bearer broken", "Accept": "text/html"})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(answer.body))
    assert published.post(path).status == 405


@pytest.mark.parametrize(
    ("path", "status", "place"),
    [
        ("/update?id=1", 301, "/update/?id=1"),
        ("/update/VersionCheck.php/?id=1", 301, "/update/VersionCheck.php?id=1"),
        ("/en-US/firefox/update/VersionCheck.php?id=1", 302, "/update/VersionCheck.php?id=1"),
        ("/fr/update/", 302, "/update/"),
        ("/update/?id=a%40b&lang=fr&app=firefox", 302, "/update/?id=a%40b"),
    ],
)
def test_addresses_with_too_much_in_them(published: Api, path: str, status: int, place: str) -> None:
    """contract/updates.md 1"""
    answer = published.get(path)
    assert (answer.status, answer.headers["Location"]) == (status, place)


def test_an_addon_s_own_manifest(published: Api) -> None:
    """contract/updates.md 9"""
    answer = published.get("/api/updates/x16@y.json", headers={"Origin": "https://a.example"})
    assert answer.headers["Cache-Control"] == "max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    updates = answer.json["addons"]["x16@y"]["updates"]
    assert [(one["version"], one["applications"]["gecko"]) for one in updates] == [
        ("1.1", {"strict_min_version": "58.0"}),
        ("1.0", {"strict_min_version": "57.0"}),
    ]
    [only] = published.get("/api/updates/x13%40y.json").json["addons"]["x13@y"]["updates"]
    assert only["version"] == "1.0"
    for hidden in ("deleted", "disabled by Mozilla"):
        assert published.get(f"/api/updates/{STATES[hidden]['guid']}.json").status == 404


def test_release_notes_for_the_client_to_show(published: Api) -> None:
    """contract/updates.md 10"""
    [update] = ask(published, "with notes").json["addons"]["x21@y"]["updates"]
    place = update["update_info_url"].removeprefix(SITE)
    answer = published.get(place.replace("%APP_LOCALE%", "de"))
    assert answer.headers["Content-Type"] == "application/xhtml+xml"
    assert answer.headers["Cache-Control"] == "max-age=3600"
    text = ElementTree.fromstring(answer.body).find("{*}body/{*}p")
    assert text is not None
    assert "".join(text.itertext()) == "Faster.Safer & sound."
    assert [child.tag.partition("}")[2] for child in text] == ["br", "br", "b"]
    assert b"Plus rapide." in published.get(place.replace("%APP_LOCALE%", "fr-CA")).body
    by_id = published.get(f"/fr/firefox/addon/{STATES['with notes']['_id']}/versions/1.1/updateinfo/")
    assert by_id.status == 301
    assert published.get(by_id.headers["Location"]).status == 200
    for gone in ("my-x13/versions/1.1", "my-x10/versions/9.9", "no/versions/1.1", "my-x18/versions/1.1"):
        assert published.get(f"/fr/firefox/addon/{gone}/updateinfo/").status == 404
