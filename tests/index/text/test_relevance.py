"""Ranking: queries, and the order of a small index for each."""

import pytest

from conf.model.addons import AddonDoc
from tests.index.text.small_indexes import Listing, named

MILLION = 1_000_000
FILLING = "one two three four five six seven eight nine ten eleven twelve"


@pytest.fixture(scope="module")
def listing() -> Listing:
    return Listing(
        named("Tab", 0),
        named("Tab Tree", 3),
        named("Tab Tree Pro", MILLION),
        named("Tree Style Tab", 100_000),
        named("LastPass", 5),
        named("Last Pass Companion", MILLION),
        named("Video DownloadHelper", 900_000),
        named("uBlock Origin", 8 * MILLION),
        named("Adblock Plus", 5 * MILLION),
        named("Adblock", 10),
        named("Cookie AutoDelete", 200_000),
        named("Dark Reader", 700_000),
        named("Categories", 50),
        named("IE7Pro", 50),
        named("The Camelizer", 90_000),
        named("C++", 40),
        named("!!!", 40),
    )


@pytest.mark.parametrize(
    ("q", "first"),
    [
        pytest.param("Tab Tree", "Tab Tree", id="exact before the popular"),
        pytest.param("tab", "Tab", id="exact with no users at all"),
        pytest.param("  TAB   tree ", "Tab Tree", id="white space and case do not count"),
        pytest.param("adblock", "Adblock", id="exact before what starts so"),
        pytest.param("c++", "C++", id="signs of a name"),
        pytest.param("!!!", "!!!", id="nothing but signs"),
        pytest.param("tabtree", "Tab Tree", id="joined"),
        pytest.param("adblockplus", "Adblock Plus", id="joined, two words"),
        pytest.param("last pass", "Last Pass Companion", id="a name in other letters by popularity"),
        pytest.param("dark reade r", "Dark Reader", id="split"),
        pytest.param("dar kreader", "Dark Reader", id="split at the wrong place"),
        pytest.param("reader dark", "Dark Reader", id="swapped"),
        pytest.param("tab style tree", "Tree Style Tab", id="three words in another order"),
        pytest.param("tab trees", "Tab Tree Pro", id="plural asked, by popularity"),
        pytest.param("category", "Categories", id="singular asked"),
        pytest.param("cookies autodelete", "Cookie AutoDelete", id="plural inside"),
        pytest.param("ublok origin", "uBlock Origin", id="a letter left out"),
        pytest.param("ublockk origin", "uBlock Origin", id="a letter too many"),
        pytest.param("ublock orifin", "uBlock Origin", id="a letter replaced"),
        pytest.param("bulock origin", "uBlock Origin", id="first letters swapped"),
        pytest.param("xdblock plus", "Adblock Plus", id="first letter wrong"),
        pytest.param("ctaegories", "Categories", id="transposed"),
        pytest.param("ublok", "uBlock Origin", id="one mistyped word of two"),
        pytest.param("orgin", "uBlock Origin", id="the other mistyped"),
        pytest.param("video downloadhelpr", "Video DownloadHelper", id="typo in a compound"),
        pytest.param("helper", "Video DownloadHelper", id="part of a camelCase word"),
        pytest.param("block", "uBlock Origin", id="camelCase, one letter and a word"),
        pytest.param("delete", "Cookie AutoDelete", id="second part of a camelCase word"),
        pytest.param("ie", "IE7Pro", id="letters before digits"),
        pytest.param("pro 7", "IE7Pro", id="digits and letters apart"),
        pytest.param("down", "Video DownloadHelper", id="decompounded by the list"),
        pytest.param("the dark reader", "Dark Reader", id="stop word that is not in the name"),
        pytest.param("camelizer", "The Camelizer", id="stop word in the name only"),
        pytest.param("adbl", "Adblock Plus", id="beginning of a name, popularity decides"),
        pytest.param("tree st", "Tree Style Tab", id="beginning of a second word"),
        pytest.param("downloadhel", "Video DownloadHelper", id="beginning inside a name"),
        pytest.param("downloadhelpe", "Video DownloadHelper", id="long beginning inside a name"),
        pytest.param("video downloadhelpe", "Video DownloadHelper", id="long beginning of a last word"),
        pytest.param("lastpassc", "Last Pass Companion", id="beginning over a gap"),
    ],
)
def test_first(listing: Listing, q: str, first: str) -> None:
    assert listing.find(q)[0] == first


@pytest.mark.parametrize(
    ("addons", "q", "order"),
    [
        pytest.param(
            [named("Tab Wolf", 20), named("Wolf Tabulator Tab", 200_000)],
            "tab",
            ["Wolf Tabulator Tab", "Tab Wolf"],
            id="200,000 users above 20",
        ),
        pytest.param(
            [
                named("Tab Fox", 20, "Tab, tab and tab: a tab for every tab."),
                named("My Best Fox Tab", 200_000),
            ],
            "tab",
            ["My Best Fox Tab", "Tab Fox"],
            id="200,000 users above 20, whatever the texts repeat",
        ),
        pytest.param(
            [
                named("Plain Notes", 100),
                named("Chosen Notes", 100, promoted=[{"group": "recommended", "apps": ["firefox"]}]),
                named("Lined Notes", 100, promoted=[{"group": "line", "apps": ["firefox"]}]),
                named("Shown Notes", 100, promoted=[{"group": "spotlight", "apps": ["firefox"]}]),
            ],
            "notes",
            ["Chosen Notes", "Lined Notes", "Plain Notes", "Shown Notes"],
            id="recommended and line above equal ones, other groups not",
        ),
        pytest.param(
            [named("New Clock", 500, is_experimental=True), named("Old Clock", 500)],
            "clock",
            ["Old Clock", "New Clock"],
            id="experimental below an equal one",
        ),
        pytest.param(
            [named("New Clock", 0, is_experimental=True), named("Old Clock", 0)],
            "clock",
            ["Old Clock", "New Clock"],
            id="experimental below, without users",
        ),
        pytest.param(
            [named("Firefly", 10_000_000), named("Zebra", 0, "Speaks of a firefl.")],
            "firefl",
            ["Firefly", "Zebra"],
            id="a beginning is no fuzz",
        ),
        pytest.param(
            [
                named("Recording", 10_000_000, promoted=[{"group": "recommended", "apps": ["firefox"]}]),
                named(
                    "Zebra",
                    0,
                    description={"en-US": "recordign " + "other words " * 300},
                    is_experimental=True,
                ),
            ],
            "recordign",
            ["Zebra", "Recording"],
            id="fuzz below the poorest exact match",
        ),
        pytest.param(
            [named("Internationalisation", 10_000_000), named("Zebra", 0, "For internationalizers.")],
            "internationalizers",
            ["Zebra", "Internationalisation"],
            id="a long beginning has to be one",
        ),
        pytest.param(
            [
                named("Volume Mixers", 100),
                named("Volume", 100, description={"en-US": "A mixer."}),
                named("Volume Mixes", 100),
            ],
            "volume mixer",
            ["Volume Mixers", "Volume", "Volume Mixes"],
            id="words over several fields below one field, above fuzz",
        ),
        pytest.param(
            [named("Alpha", 100, "Screen shots."), named("Screen", 100), named("Beta Screen", 100)],
            "screen",
            ["Screen", "Beta Screen", "Alpha"],
            id="name, part of a name, summary",
        ),
        pytest.param(
            [
                named("Beta", 100, description={"en-US": "Useful gardens."}),
                named("Alpha", 100, "Useful gardens."),
                named("Garden", 1),
            ],
            "gardens",
            ["Garden", "Alpha", "Beta"],
            id="plural of a whole name, summary, description",
        ),
        pytest.param(
            [
                named("Alpha", 100, f"Red {FILLING} car {FILLING}"),
                named("Beta", 100, f"Red car {FILLING} {FILLING}"),
            ],
            "red car",
            ["Beta", "Alpha"],
            id="rescoring: words that stand together",
        ),
        pytest.param(
            [named("Tree of Tabs", 100), named("Tree Tabs Extra", 100), named("Tabs in a Tree", 100)],
            "tree tabs",
            ["Tree Tabs Extra", "Tree of Tabs", "Tabs in a Tree"],
            id="as a start, as a phrase, in any order",
        ),
    ],
)
def test_order(addons: list[AddonDoc], q: str, order: list[str]) -> None:
    assert Listing(*addons).find(q) == order


LANGUAGES = [
    ({"ja": "日本語辞書"}, ["日本語辞書", "日本語", "日本", "辞書", "語", "日本語 辞書"]),
    ({"zh-CN": "广告拦截器"}, ["广告拦截器", "广告", "拦截", "拦截器"]),
    ({"zh-TW": "分頁管理員"}, ["分頁管理員", "分頁", "管理"]),
    ({"ko": "탭 관리자"}, ["탭 관리자", "관리자", "관리", "탭"]),
    ({"ja": "ブックマーク・マネージャー"}, ["ブックマーク", "ﾌﾞｯｸﾏｰｸ", "マネージャー"]),
    ({"ru": "Менеджер закладок"}, ["менеджер закладок", "МЕНЕДЖЕР", "закладок", "закладки", "менеджр"]),
    ({"fr": "Éditeur d'images"}, ["éditeur d'images", "editeur", "ÉDITEUR", "image", "éditeur images"]),
    ({"de": "Größenänderung"}, ["größenänderung", "grossenanderung", "GRÖSSENÄNDERUNG", "größen"]),
    ({"pl": "Żółty słownik"}, ["żółty słownik", "zolty slownik", "słownik"]),
    ({"tr": "İndirme Yöneticisi"}, ["indirme yöneticisi", "INDIRME", "yoneticisi"]),
    ({"el": "Διαχείριση Καρτελών"}, ["διαχείριση", "διαχειριση καρτελων"]),
    ({"he": "מנהל כרטיסיות"}, ["מנהל", "כרטיסיות"]),
    ({"ar": "مدير التبويبات"}, ["مدير", "التبويبات"]),
    ({"th": "ตัวจัดการแท็บ"}, ["ตัวจัดการแท็บ", "จัดการ"]),
    ({"hi": "टैब प्रबंधक"}, ["टैब प्रबंधक", "प्रबंधक"]),
    ({"vi": "Trình quản lý thẻ"}, ["trình quản lý thẻ", "trinh quan ly the"]),
]


@pytest.mark.parametrize("locale", ["en-US", "ja", "de", "pl"])
@pytest.mark.parametrize("translated", [False, True], ids=["default name", "translated name"])
def test_names_in_any_language_are_found_from_any_language(locale: str, translated: bool) -> None:
    names = [
        ({"en-US": f"Thing {addon_id}"} | name) if translated else name
        for addon_id, (name, _) in enumerate(LANGUAGES)
    ]
    listing = Listing(*(named(name) for name in names))
    for addon_id, (_, queries) in enumerate(LANGUAGES, 1):
        for q in queries:
            assert addon_id in listing.engine.search(q, locale, (), 50).ids, q


@pytest.mark.parametrize(
    ("locale", "text", "q"),
    [
        ("de", "Verwaltet viele Lesezeichen und Häuser", "Haus"),
        ("fr", "Recherche dans les pages ouvertes", "page ouverte"),
        ("ru", "Управляет закладками", "закладки"),
        ("es", "Descargas rápidas", "descarga rapida"),
        ("cs", "Správa otevřených záložek", "záložka"),
        ("fi", "Kirjanmerkkien hallinta", "kirjanmerkki"),
        ("ja", "開いているタブを整理します", "タブ 整理"),
        ("ko", "열린 탭을 정리합니다", "정리"),
        ("zh-TW", "整理開啟的分頁", "分頁"),
        ("pt-BR", "Gerencia downloads e favoritos", "favorito"),
    ],
)
def test_texts_are_read_in_their_language(locale: str, text: str, q: str) -> None:
    translated = {"en-US": "Nothing of the kind.", locale: text}
    listing = Listing(named("Alpha", summary="", description=translated), named("Beta"))
    assert listing.find(q, locale) == ["Alpha"]


def test_translated_texts_are_searched_in_the_request_language_only() -> None:
    listing = Listing(named("Alpha", description={"en-US": "Nothing.", "de": "Lesezeichen"}))
    assert listing.find("Lesezeichen", "de") == ["Alpha"]
    assert listing.find("Lesezeichen", "fr") == []


def test_default_texts_are_searched_from_any_language() -> None:
    listing = Listing(named({"pl": "Alfa"}, description={"pl": "Zarządza zakładkami"}))
    assert listing.find("zakładkami", "ja") == ["Alfa"]


def test_markup_of_descriptions_is_not_text() -> None:
    listing = Listing(named("Alpha", description={"en-US": '<a href="https://example.org/">Caf&eacute;</a>'}))
    assert listing.find("href") == []
    assert listing.find("cafe") == ["Alpha"]


@pytest.mark.parametrize("q", ["", " ", "\t\n ", "\u3000", "\u200b"])
def test_an_empty_query_has_no_hits(listing: Listing, q: str) -> None:
    assert listing.find(q) == []


def test_trigrams_are_the_fallback(listing: Listing) -> None:
    assert listing.find("ookie autodelet") == ["Cookie AutoDelete"]
