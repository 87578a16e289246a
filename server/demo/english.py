"""The English words of the demonstration catalogue: names, themes, tags, sentences.

All invented for it: parts of coined names, plain nouns, and sentences with gaps.
A list is one string, parted by spaces, or by `|` where its items have spaces.
server/demo/wording.py makes phrases of them.
"""

from typing import Final

# Coined words are one of each.
FIRST: Final = (
    "bal bex bor bram cal cor dax del dim dor elm fen fil fol gal gim glo gor hal hed hux ill jan jor kel"
    " kim lav lor lum mab mel mor nex nim nor olm orb pel pim quil rav rul sel sov tam tel tor ulm vam vel"
    " vim wex wol yar zam zel zor"
)
MIDDLE: Final = "a ba da do e fi ga i ka la li ma mi no o ri ta ti u va"
LAST: Final = "bit cron dex dle ffer gen ket la lo lyn mo ndo nest nix on phy ra rix sto ta tix vo wick xo"

NOUNS: Final = (
    "tab bookmark window sidebar toolbar download history search page reader note snippet screenshot"
    " password cookie tracker banner popup shortcut gesture session container profile proxy header script"
    " style font color palette theme zoom volume video audio playlist subtitle caption image gallery"
    " wallpaper clock calendar timer reminder agenda task checklist habit journal diary quote headline"
    " feed podcast weather forecast currency converter calculator dictionary translator spelling grammar"
    " citation reference footnote library archive backup clipboard keyboard mouse scroll cursor menu"
    " panel drawer shelf stack tree outline map route ticket coupon price basket wishlist review rating"
    " mailbox inbox address contact message chat emoji avatar badge status signal beacon router ping"
    " network address certificate cipher vault locker guard shield filter blocker cleaner sweeper broom"
    " switch toggle slider dimmer lantern lens magnifier ruler grid inspector console debugger profiler"
    " sandbox workbench template form field button link anchor frame pixel vector canvas brush stamp"
    " sketch puzzle chess solitaire quiz trivia scoreboard lyrics chord metronome recipe pantry garden"
    " compass lighthouse anchorage ferry canal bridge meadow orchard chestnut maple cedar willow heron otter"
    " badger falcon sparrow beetle comet nebula orbit eclipse aurora glacier canyon prairie tundra lagoon"
)
QUALITIES: Final = (
    "quiet swift gentle tidy patient bright calm clever compact curious daily deep discreet distant easy"
    " elegant even exact faithful fancy fast fluid frugal golden handy hidden honest humble instant keen"
    " light little lively local loyal lucid mellow merry midnight mindful minimal modest nimble northern"
    " open orderly pale paper plain playful polite portable pretty private proper proud pure rapid ready"
    " rolling round royal rustic serene sharp silent silver simple sleek slim smart smooth snug soft solid"
    " spare steady still subtle sunny sure tame tender thrifty tiny true upright useful velvet vivid warm"
    " wide wise witty woven young zesty"
)
SCENES: Final = (
    "sunrise sunset moonlight starlight rainfall snowfall thunder breeze autumn winter spring summer forest"
    " ocean island desert river valley mountain waterfall skyline city harbor lantern blossom petal clover"
    " fern moss coral pearl amber jade ruby sapphire copper marble velvet linen neon pastel retro gradient"
    " mosaic origami watercolor ink chalk graphite carbon plasma galaxy meteor horizon twilight"
)
TAGS: Final = (
    "accessibility|ad blocker|anti tracker|bookmark|calendar|chat|clipboard|color picker|container|cookies|"
    "css|custom style|dark mode|dictionary|download|education|emoji|feed|fonts|games|gestures|history|images|"
    "javascript|keyboard|language|library|lyrics|mail|maps|music|network|new tab|notes|password manager|"
    "pdf|podcast|privacy|productivity|proxy|reading|reminder|research|rss|screenshot|scroll|search|security|"
    "session|shopping|sidebar|social|spelling|sync|tabs|todo|translate|user interface|video|volume|weather|"
    "web development|zoom"
)

# Gaps: {q} a quality, {n} and {m} things in the singular, {c} the coined name.
# A sentence is an opening, a subject, a verb, an object and an ending, or one of SENTENCES.
# Gaps: {q} a quality, {n} the add-on's own thing, {m} another.
OPENINGS: Final = (
    "||||On every page, |After a restart, |In private windows, |With one key, |From the toolbar, "
    "|While you read, |On slow connections, |At night, |By default, |If you allow it, |In full screen, "
    "|On small displays, |Without an account, |When a page loads, |Before you close it, "
    "|In the background, |On request, |Each morning, |For single sites, |As an option, "
)
SUBJECTS: Final = "the {n}|each {q} {n}|this add-on|the {q} {n}|a {n}|your {n}|one {n}|the new {n}"
VERBS: Final = (
    "adds aligns announces archives arranges blocks bundles captures checks cleans closes collapses collects"
    " colours compares compresses converts copies counts covers cuts delays detects dims disables displays"
    " duplicates embeds encrypts enlarges expands exports filters fixes folds formats freezes groups guards"
    " hides highlights imports indexes inserts inverts isolates joins keeps labels limits links loads locks"
    " magnifies marks measures merges mirrors mutes names numbers opens outlines pauses pins plays previews"
    " prints protects ranks reads records refreshes reminds rejects reloads remembers removes renames repairs"
    " replaces resizes restores reverses rotates saves scans schedules shares shortens shows silences skips"
    " sorts splits stores styles summarises suspends swaps syncs tidies tracks translates trims unloads"
    " unlocks updates validates watches widens wraps"
)
OBJECTS: Final = (
    "the {m}|every {m}|one {m} after another|the last {m}|any {q} {m}|a copied {m}|what the {m} left"
)
ENDINGS: Final = (
    "|||without leaving the page|as soon as it is needed|and tells you when it is done"
    "|only where you ask for it"
    "|so nothing gets lost|in less than a second|until you turn it off|next to the address bar"
    "|by name, date or size|and never sends it anywhere|with a single click|even without a connection"
    "|instead of opening another window|in the colours of your theme|and takes the settings along"
    "|on all your machines|before the page can notice|with a shortcut of your choice"
    "|and undoes it just as fast"
    "|so the screen stays calm|in a list you can search|according to rules you write"
    "|without using much memory"
    "|and works with the keyboard alone|for as long as the browser runs|even on pages with many frames"
)
SENTENCES: Final = (
    "Nothing leaves your computer: each {n} and each {m} is stored in the browser alone.",
    "The options let you choose colours, fonts and a {q} layout for the {n}.",
    "Made for people who keep too many pages open and lose the {n} they need.",
    "It takes about a minute to set up the {n}, and no account is needed.",
    "Please report a broken {n} with the address of the page and the version number.",
    "There are no advertisements here, no tracking, and no {n} that watches your {m}.",
    "The source code is public; translations and ideas for the {n} are welcome.",
    "If the {n} is missing, open the menu, choose customise and drag it back.",
)
SUMMARIES: Final = (
    "A {q} {n} for every {m} you open.",
    "Keeps your {n} {q} and your {m} in order.",
    "Shows a {n} beside each {m}, without getting in the way.",
    "Turn any {m} into a {q} {n} with one click.",
    "Find, sort and share each {n}; the {m} stays private.",
    "The {q} {n}: less noise, more {m}.",
)
NOTES: Final = (
    "Fixes a {n} that was lost when the {m} closed.",
    "The {n} opens faster, and the {m} has a new icon.",
    "Adds a {q} {m} to the options page.",
    "Translations updated; the {n} no longer overlaps the {m}.",
    "Works with the newest browser again. Thanks to all who reported the {n}.",
)
POLICY: Final = (
    "This add-on stores its settings in the browser profile and nowhere else. It does not collect, send or"
    " sell personal data. The {n} is kept until you remove it.",
    "Settings are synchronised through your own account if you allow it. The {n} and the {m} never reach us.",
)
LICENCE_TEXT: Final = (
    "You may use, copy and share this add-on free of charge. Changed copies must carry another name. There is"
    " no warranty for the {n} or the {m}."
)
# What users write, by score.
OPINIONS: Final = {
    1: "It lost my {n} twice.|Does nothing here: no {n}, no {m}.|Every page is slow since the update.",
    2: "The {n} works at times.|Good idea, but the {m} is gone after each restart.|Too many options.",
    3: "Does what it says; the {m} could be faster.|Fine on a large screen.|Useful, now and then.",
    4: "I use the {n} each day. A shortcut for the {m} would help.|Very good.|Nearly perfect.",
    5: "The best {n} there is.|Just works, for years now.|Small, {q} and quick. Thank you!|No {m} got lost.",
}
ANSWERS: Final = (
    "Thank you for telling us. Version {v} keeps the {n}; please try it.",
    "The {m} is stored by the browser. The help page says how to bring it back.",
    "Sorry for the trouble: this was a fault of ours and is mended.",
)
BIOGRAPHIES: Final = (
    "Makes small tools for large windows.",
    "Likes a {q} {n}, and tea.",
    "Writes add-ons at night and documentation never.",
    "Keeps a {m} for everything.",
)
OCCUPATIONS: Final = "Librarian|Gardener|Student|Engineer|Baker|Teacher|Translator|Cartographer"
PLACES: Final = "Lisbon|Tampere|Osaka|Lviv|Ghent|Porto Alegre|Windhoek|Leipzig"
# What reviewers and developers write to each other about a version: the kind of note, then the text.
CONVERSATION: Final = (
    ("more-information-requested", "What is the permission for the {n} needed for?"),
    ("developer-reply", "The {n} is read when the {m} opens; nothing is sent anywhere."),
    ("notes-for-reviewers-changed", "To test: open the {m}, then the {n}."),
    ("source-code-uploaded", ""),
    ("reviewer-reply", "Thank you, this is clear now."),
)
APPROVED: Final = "Approved. Please remove the unused {m} in the next version."
REJECTED: Final = "The {n} is loaded from another server, which is not allowed."
POLICY_NAMES: Final = ("Add-ons must be self-contained and must not load code from elsewhere.",)
