"""What validation says of a package, by code: kind, text, explanation (contract/uploads.md 4).

Texts are English in every language, as programs that publish print them. What the linter
says in the same case has its code and its words.
"""

from typing import Final, NamedTuple


class Saying(NamedTuple):
    kind: str  # "error", "warning", "notice"
    text: str  # with placeholders of str.format
    description: str = ""


def _error(text: str, description: str = "") -> Saying:
    return Saying("error", text, description)


def _warning(text: str, description: str = "") -> Saying:
    return Saying("warning", text, description)


def _notice(text: str, description: str = "") -> Saying:
    return Saying("notice", text, description)


# Found by the server itself; the code as callers see it is in `id`.
OWN: Final[dict[str, Saying]] = {
    "unsupported_filetype": _error(
        "Unsupported file type, please upload a supported file (.crx, .xpi, .zip)."
    ),
    "bad_archive": _error("Invalid or corrupt add-on file."),
    "bad_compression": _error("Unsupported compression method in archive."),
    "bad_name": _error("Invalid file name in archive: {name}"),
    "encrypted": _error("Encrypted file in archive: {name}"),
    "special_file": _error("Links and special files are not allowed in archive: {name}"),
    "too_many_members": _error("The archive has more than {limit} files."),
    "member_too_large": _error("File exceeding size limit in archive: {name}"),
    "archive_too_large": _error("Uncompressed size is too large"),
    "theme_too_large": _error("Maximum size for WebExtension themes is {limit} MB."),
    "api_key_detected": _error(
        "Your developer API key was found in the submitted file. To protect your account, the key will be "
        "revoked."
    ),
    "no_manifest": _error("No manifest.json found"),
    "bad_manifest": _error("Could not parse the manifest file."),
    "type_refused": _error("You cannot submit this type of add-on"),
    "version_too_long": _error("Version numbers should have at most 255 characters."),
    "version_invalid": _error(
        "Version numbers should only contain letters, numbers, and these punctuation characters: +*.-_."
    ),
    "min_too_low": _error('Lowest supported "strict_min_version" is 42.0.'),
    "unknown_min": _error('Unknown "strict_min_version" {version} for {app}'),
    "unknown_max": _error('Unknown "strict_max_version" {version} for {app}'),
    "not_scanned": _notice("The code of this add-on was not scanned: this server has no linter."),
}
# Found by the linter too.
LINTED: Final[dict[str, Saying]] = {
    "DUPLICATE_XPI_ENTRY": _error(
        "Package contains duplicate entries",
        'The package contains multiple entries with the name "{name}". Zip it again without.',
    ),
    "FILE_TOO_LARGE": _error(
        "File is too large to parse.", "Scripts, styles and pages may have 5 MB; this one has more."
    ),
    "HIDDEN_FILE": _warning("Hidden file flagged", "Hidden files may tell of the system they come from."),
    "FLAGGED_FILE": _warning("Flagged filename found", "The file is of no use in an add-on."),
    "FLAGGED_FILE_EXTENSION": _warning("Flagged file extensions found", "Archives inside of archives."),
    "ALREADY_SIGNED": _warning("Package already signed", "Signatures that a package comes with are kept."),
    "MANIFEST_FIELD_REQUIRED": _error("\"{place}\" must have required property '{name}'"),
    "MANIFEST_FIELD_INVALID": _error('"{place}" {fault}'),
    "VERSION_FORMAT_INVALID": _error(
        "The version string should be simplified.", "One to four numbers between dots."
    ),
    "VERSION_FORMAT_DEPRECATED": _warning(
        "The version string should be simplified.", "One to four numbers between dots."
    ),
    "APPLICATIONS_DEPRECATED": _warning(
        'The "applications" property is deprecated.', 'Use "browser_specific_settings" instead.'
    ),
    "APPLICATIONS_INVALID": _error(
        'The "applications" property is no longer accepted in Manifest Version 3 and above.',
        'Use "browser_specific_settings" instead.',
    ),
    "EXTENSION_ID_REQUIRED": _error(
        "The extension ID is required in Manifest Version 3 and above.",
        'Name it in "browser_specific_settings.gecko.id".',
    ),
    "NO_DEFAULT_LOCALE": _error(
        'The "default_locale" is missing from the manifest.', 'There is a folder "_locales".'
    ),
    "NO_MESSAGES_FILE": _error(
        'The "messages.json" of the default locale is missing.', '"_locales/{locale}/messages.json"'
    ),
    "INVALID_MESSAGES_FILE": _error("Messages of a locale could not be parsed."),
    "MANIFEST_ICON_NOT_FOUND": _warning(
        "An icon defined in the manifest could not be found in the package.",
        'Icon could not be found at "{name}".',
    ),
    "ICON_NOT_SQUARE": _warning("Icons must be square.", 'Icon at "{name}" is not.'),
    "MANIFEST_BACKGROUND_FILE_NOT_FOUND": _error(
        "A background script defined in the manifest could not be found.", 'At "{name}".'
    ),
    "MANIFEST_CONTENT_SCRIPT_FILE_NOT_FOUND": _error(
        "A content script file defined in the manifest could not be found.", 'At "{name}".'
    ),
    "MANIFEST_BAD_PERMISSION": _error('"{place}" must be a list of texts'),
    "MANIFEST_PERMISSIONS": _warning('/permissions: Unknown permissions "{name}".'),
    "MANIFEST_UPDATE_URL": _error('"update_url" is not allowed.'),
    "MANIFEST_UNUSED_UPDATE": _notice('"update_url" of a listed add-on is not used.'),
    "MANIFEST_INSTALL_ORIGINS": _error(
        '/install_origins: Invalid install_origins "{name}" at {place}.',
        "An origin has a scheme, a host and perhaps a port, and nothing else.",
    ),
    "STRICT_MAX_VERSION": _notice('"strict_max_version" not required.'),
    "MISSING_DATA_COLLECTION_PERMISSIONS": _notice('The "data_collection_permissions" property is missing.'),
    "MANIFEST_DICT_NOT_FOUND": _error(
        "A dictionary file defined in the manifest could not be found.", 'At "{name}".'
    ),
    "MANIFEST_MULTIPLE_DICTS": _error("The manifest contains multiple dictionaries."),
    "MANIFEST_EMPTY_DICTS": _error('The manifest contains a "dictionaries" object, but it is empty.'),
    "MANIFEST_DICT_MISSING_ID": _error("The manifest contains a dictionary but no id property."),
}
# How the run itself ended.
TIMED_OUT: Final = ("validator", "unexpected_exception", "validation_timeout")
CRASHED: Final = ("validator", "unexpected_exception")
# Codes of the server's own that callers are told; others are "".
TOLD_CODES: Final = frozenset({"unsupported_filetype", "not_scanned", "api_key_detected"})
