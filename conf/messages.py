"""Every text the API says, by key, in English; other locales from the catalogues.

    text("invalid_parameter", name="app")        -> 'Invalid "app" parameter.'
    text("not_found", "fr")                      -> "Pas trouvé."
    counted("throttled", 1, "en-US")             -> "... available in 1 second."

The English texts are the contract, letter for letter, where a reference gives
them in full; section comments name it. Placeholders are those of str.format.
A text without a translation is said in English. Pure; any thread.
"""

from typing import Final

from conf.locales import DEFAULT_LOCALE
from conf.translations import loader

TEXTS: Final[dict[str, str]] = {
    # Every endpoint (contract/requests.md 4 and 13).
    "read_only": "Some features are temporarily disabled while we perform website maintenance. "
    "We'll be back to full capacity shortly.",
    "storage_unavailable": "The site cannot store changes at the moment. Please try again shortly.",
    "package_not_shown": "This package takes more than it may to be looked into. Download it instead.",
    "starting": "The server is starting: its index is not ready yet. Please try again shortly.",
    "not_found": "Not found.",
    "invalid_page": "Invalid page.",
    "not_authenticated": "Authentication credentials were not provided.",
    "bad_credentials": "Incorrect authentication credentials.",
    "permission_denied": "You do not have permission to perform this action.",
    "method_not_allowed": 'Method "{method}" not allowed.',
    "precondition_failed": "This was changed meanwhile: it is not what If-Match names.",
    "form_not_ours": "This form is of another session, or was not sent by a page of the console. "
    "Go back, load the page again, and send it once more.",
    "changes_missed": "This is too long ago: read the export again.",
    "not_acceptable": "Could not satisfy the request Accept header.",
    "unsupported_media_type": 'Unsupported media type "{type}" in request.',
    "json_parse_error": "JSON parse error - {reason}",
    "form_parse_error": "Multipart form parse error - {reason}",
    "throttled": "Request was throttled. Expected available in {count} seconds.",
    "busy": "Too many files are being checked. Please try again later.",
    "throttled_one": "Request was throttled. Expected available in {count} second.",
    "legal_reasons": "Unavailable for legal reasons.",
    "server_error": "Internal Server Error",
    "bad_request": "Bad request.",
    "conflict": "The object was changed by another request at the same time. Please try again.",
    "host_invalid": "Invalid Host header.",
    "host_unknown": 'The host "{host}" is not served here. Operators: see ALLOWED_HOSTS.',
    "request_timeout": "The request took too long to arrive.",
    "url_too_long": "Request URL exceeds {limit} bytes.",
    "too_many_parameters": "The request has more than {limit} parameters.",
    "too_many_values": 'The "{name}" parameter has more than {limit} values.',
    "language_code_invalid": "Invalid language code.",
    "headers_too_large": "Request headers exceed {limit} bytes.",
    "body_too_large": "Request content length exceeds {limit}.",
    # Credentials (contract/auth.md 1.3 and 2.2).
    "no_credentials": "Invalid Authorization header. No credentials provided.",
    "credentials_with_spaces": "Invalid Authorization header. Credentials string should not contain spaces.",
    "signature_expired": "Signature has expired.",
    "signature_undecodable": "Error decoding signature.",
    "session_unknown": "Valid user session not found matching the provided session key.",
    "jwt_issuer_missing": "JWT iss (issuer) claim is missing.",
    "jwt_issuer_unknown": "Unknown JWT iss (issuer).",
    "jwt_claim_missing": 'Invalid JWT: Token is missing the "{claim}" claim.',
    "jwt_issued_in_future": "JWT iat (issued at time) is invalid. Make sure your system clock is "
    "synchronized with something like TLSdate.",
    "jwt_too_long": "JWT exp (expiration) is too long.",
    "jwt_wrong_type": "Wrong type for one or more keys in payload",
    "jwt_invalid": "Invalid JWT Token.",
    "jwt_not_refreshable": "API key based tokens are not refreshable, don't include `orig_iat` in their "
    "payload.",
    "api_key_invalid": "Invalid API Key.",
    "account_disabled": "User account is disabled.",
    "agreement_unread": "User has not read developer agreement.",
    # Signing in (contract/auth.md 8).
    "provider_away": "The identity provider does not answer at the moment. Please try again shortly.",
    "event_invalid": "Invalid token.",
    # Search parameters (contract/search.md 11).
    "invalid_parameter": 'Invalid "{name}" parameter.',
    "invalid_type_category": 'Invalid combination of "type" and "category" parameters.',
    "invalid_app_type_category": 'Invalid combination of "app", "type" and "category" parameters.',
    "return_to_amo_disabled": "Return To AMO is currently disabled",
    "return_to_amo_invalid": "Invalid Return To AMO guid (not in base64url format?)",
    "query_too_long": "Maximum query length exceeded.",
    "random_not_alone": 'The "random" "sort" parameter can not be combined.',
    "random_needs_promoted": 'The "sort" parameter "random" can only be specified when the "featured" or '
    '"promoted" parameter is also present, and the "q" parameter absent.',
    "random_needs_featured": 'The "sort" parameter "random" can only be specified when the "featured" '
    'parameter is also present, and the "q" parameter absent.',
    # Other reads (contract/addons.md 4, 7, 8, 10).
    "filter_invalid": 'Invalid "filter" parameter specified.',
    "filter_out_of_context": 'The "filter" parameter is not valid in this context.',
    "language_app_invalid": "Invalid or missing app parameter.",
    "language_app_invalid_with_appversion": "Invalid or missing app parameter while appversion parameter is "
    "set.",
    "language_appversion_invalid": "Invalid appversion parameter.",
    "language_type_invalid": "Invalid or missing type parameter while appversion parameter is set.",
    "featured_invalid": "Invalid app, category and/or type parameter(s).",
    "page_size_invalid": "Invalid page_size parameter",
    "guid_invalid": "Invalid guid parameter",
    "browser_invalid": "Invalid browser parameter",
    "grouped_ratings_invalid": "show_grouped_ratings parameter should be a boolean",  # text open there
    "anonymous_name": "Firefox user {id}",
    "by_authors": "by",
    # Any field of any write (contract/writes.md 1.3, 3.1, 3.2).
    "required": "This field is required.",
    "null": "This field may not be null.",
    "blank": "This field may not be blank.",
    "invalid_data": "Invalid data. Expected a dictionary, but got {type}.",
    "not_an_object": "You must provide an object of {{lang-code:value}}.",
    "unknown_language": 'The language code "{language}" is invalid.',
    "too_long": "Ensure this field has no more than {limit} characters.",
    "too_short": "Ensure this field has at least {limit} characters.",
    "too_small": "Ensure this value is greater than or equal to {limit}.",
    "too_big": "Ensure this value is less than or equal to {limit}.",
    "too_many": "Ensure this field has no more than {limit} elements.",
    "default_locale_required": 'A value in the default locale of "{language}" is required.',
    "default_locale_required_if_others": 'A value in the default locale of "{language}" is required if other '
    "translations are set.",
    "not_a_string": "Not a valid string.",
    "not_a_boolean": "Must be a valid boolean.",
    "not_an_integer": "A valid integer is required.",
    "not_a_list": 'Expected a list of items but got type "{type}".',
    "empty_list": "This list may not be empty.",
    "not_a_choice": '"{value}" is not a valid choice.',
    "not_a_url": "Enter a valid URL.",
    "not_an_email": "Enter a valid email address.",
    "not_a_uuid": "“{value}” is not a valid UUID.",
    "null_characters": "Null characters are not allowed.",
    "no_file": "No file was submitted.",
    # Who may submit (contract/writes.md 1.4; the first text's end is open there).
    "agreement_outdated": "Please read and accept our Firefox Add-on Distribution Agreement as well as our "
    "Review Policies and Rules by visiting {url}",
    "email_restricted": "The email address used for your account is not allowed for submissions.",
    # Uploads (contract/uploads.md 2).
    "upload_missing": 'Missing "upload" key in multipart file data.',
    "channel_missing": 'Missing "channel" arg.',
    # Signing (contract/uploads.md 7).
    "validation_says": "{message}",
    "signing_version": "Version does not match the manifest file.",
    "signing_guid": "Invalid Add-on ID in URL or package",
    "signing_long_guid": "Please specify your Add-on ID in the manifest if it's longer than {limit} "
    "characters.",
    "signing_disabled": "You cannot add versions to an add-on that has status: {status}.",
    "signing_invisible": 'You cannot add listed versions to an add-on set to "Invisible" state.',
    "signing_incomplete": "You cannot add a listed version to this add-on via the API due to missing "
    "metadata. Please submit via the website",
    "signing_not_owner": "You do not own this add-on.",
    "signing_no_addon": 'Could not find Add-on with ID "{guid}".',
    "signing_no_upload": "No uploaded file for that add-on and version.",
    # Add-ons (contract/writes.md 3 and 4).
    "upload_invalid": "Upload is not valid.",
    "version_not_greater": "Version {version} must be greater than the previous approved version {approved}.",
    "compatibility_in_manifest": "Can not override compatibility information set in the manifest for this "
    "application ({app})",
    "upload_unknown": "Object with uuid={value} does not exist.",
    "guid_duplicate": "Duplicate add-on ID found.",
    "guid_reserved": "You cannot submit an add-on using an ID ending with this suffix: {suffix}",
    "guid_missing": "A GUID must be specified in the manifest.",
    "guid_mismatch": "GUID mismatch between the URL and manifest.",
    "guid_of_another": "The add-on ID in your manifest.json ({guid}) does not match the ID of your add-on on "
    "AMO ({expected})",
    "locale_fixed": "The locale of an existing dictionary/language pack cannot be changed",
    "trademark": "Add-on names cannot contain the Mozilla or Firefox trademarks.",
    "mozilla_signed": "You cannot submit a Mozilla Signed Extension",
    "language_pack_forbidden": "You cannot submit a language pack",
    "required_if_listed": "This field is required for add-ons with listed versions.",
    "name_without_letters": "Ensure this field contains at least one letter or number character.",
    "slug_invalid": "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
    "slug_denied": "This slug cannot be used. Please choose another.",
    "slug_taken": "addon with this slug already exists.",
    "url_not_external": "This field can only be used to link to external websites. URLs on {site} are not "
    "allowed.",
    "contributions_domain": "URL domain must be one of [{domains}].",
    "contributions_sponsors": "URL path for GitHub Sponsors must contain /sponsors/.",
    "contributions_https": "URLs must start with https://.",
    "urls_not_allowed": "URLs are not allowed.",
    "category_invalid": "Invalid category name.",
    "category_app_invalid": "Invalid app name.",
    "category_other_alone": 'The "other" category cannot be combined with another category',
    "category_too_many": "You can have only {limit} categories.",
    "image_kind": "Images must be either PNG or JPG.",
    "one_image": "A preview has one image: send each with a call of its own.",
    "image_animated": "Images cannot be animated.",
    "image_broken": "Upload a valid image. The file you uploaded was either not an image or a corrupted "
    "image.",
    "image_not_square": "Images must be square (same width and height).",
    "image_too_many_pixels": "Images can have only {limit} pixels.",
    "image_too_big": "Please use images smaller than {limit}MB.",
    "upload_unsupported": "Files cannot be uploaded to this server.",
    "delete_token_missing": '"delete_confirm" token must be supplied for add-on delete.',
    "delete_token_invalid": '"delete_confirm" token is invalid.',
    "deletion_unconfirmed": "Type {id} to delete it.",
    "not_for_type": "This cannot be set for add-ons of this type.",
    # Versions (contract/writes.md 5).
    "addon_text_too_long": "The texts of an add-on may have no more than {limit} characters together.",
    "addon_links_too_many": "The texts of an add-on may have no more than {limit} links together.",
    "addon_too_large": "An add-on and its versions may have no more than {limit} bytes together.",
    "version_text_too_long": "The texts of a version may have no more than {limit} characters together.",
    "version_links_too_many": "The texts of a version may have no more than {limit} links together.",
    "rolled_back": "Rolled back to version {version}.",
    "rollback_type": "Only extensions can be rolled back.",
    "rollback_unapproved": "Only a version that is approved and not disabled can be rolled back to.",
    "rollback_no_package": "The package of this version is not stored here.",
    "version_exists": "Version {version} already exists.",
    "version_deleted": "Version {version} was uploaded before and deleted.",
    "version_invalid": "Enter a valid version number.",
    "hash_invalid": "Enter a hash of the form sha256:<64 hexadecimal digits>.",
    "type_mismatch": "The type ({type}) does not match the type of your add-on on AMO ({expected})",
    "listed_while_disabled": "Listed versions cannot be submitted while add-on is disabled.",
    "listed_while_rejected": "Listed versions cannot be submitted while add-on listing is rejected.",
    "metadata_incomplete": "Addon metadata is required to be set to create a listed version: {fields}.",
    "both_licenses": "Both `license` and `custom_license` cannot be provided together.",
    "license_unknown": "License with slug={value} does not exist.",
    "license_kind": "Wrong add-on type for this license.",
    "license_required": "This field, or custom_license, is required for listed versions.",
    "compatibility_fixed": "This type of add-on does not allow custom compatibility.",
    # Abuse reports (contract/extras.md 2).
    "app_parameter": "Invalid application parameter",
    "version_parameter": "Invalid version parameter",
    "notification_mandatory": "Attempting to set [{name}] to {value}. Mandatory notifications can't be "
    "modified",
    "notification_unknown": "Notification [{name}] does not exist",
    "unsubscribe_invalid": "Invalid token or hash.",
    "unsubscribe_question": "Do you want no more mail of the kind {name}?",
    "unsubscribe_button": "Unsubscribe",
    "unsubscribe_done": "You will get no more mail of the kind {name}.",
    "email_unknown": "Email address not found.",
    "version_blocked": "Version {version} matches {link} for this add-on. You can contact "
    "amo-admins@mozilla.com for additional information.",
    # Reviewers (contract/reviewers.md 6 and 7).
    "draft_comment_and_canned": "You can't submit a comment if `canned_response` is defined.",
    "draft_empty": "You can't submit an empty comment.",
    "draft_line_without_file": "You can't submit a line number without associating it to a filename.",
    "too_many_drafts": "A version may have no more than {limit} draft comments.",
    "version_not_found": "Version not found.",
    "unexpected_field": "Unexpected field.",
    "property_required": "'{name}' is a required property",
    "property_type": "{value} is not of type '{type}'",
    "annotation_unmatched": "Annotation keys not in matchedRules: {keys}",
    "scanner_result_updated": "Scanner result has already been updated",
    "invalid_filter": "invalid value for {name}",
    "unknown_pk": 'Invalid pk "{value}" - object does not exist.',
    # Collections (contract/extras.md 4).
    "collection_name_empty": "Name cannot be empty.",
    "collection_name_denied": "This name cannot be used.",
    "collection_slug_invalid": "The custom URL must consist of letters, numbers, underscores or hyphens.",
    "collection_slug_denied": "This custom URL cannot be used.",
    "collection_slug_taken": "This custom URL is already in use by another one of your collections.",
    "collection_addon_unknown": 'Invalid pk or slug "{value}" - object does not exist.',
    "collection_addon_twice": "This add-on already belongs to the collection",
    "collection_full": "A collection may have no more than {limit} add-ons.",
    "collection_text_too_long": "The notes of a collection may have no more than {limit} characters "
    "together.",
    "too_many_collections": "An account may have no more than {limit} collections.",
    "sort_not_alone": 'You can only specify one "sort" argument. Multiple orderings are not supported',
    "report_too_long": "Please ensure this field has no more than {limit} characters.",
    "report_not_illegal": 'This value must be omitted or set to "null" when the `reason` is not "illegal".',
    "report_subcategory": "This value cannot be used in combination with the supplied `illegal_category`.",
    "invalid_value": "Invalid value",
    "date_format": "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
    "compatibility_invalid": "Invalid value",
    "compatibility_app": "Invalid app specified",
    "compatibility_min": "Unknown min app version specified",
    "compatibility_max": "Unknown max app version specified",
    "source_kind": "Unsupported file type, please upload an archive file (.zip, .tar.gz, .tgz, .tar.bz2).",
    "source_broken": "Invalid or broken archive.",
    "source_reviewed": "Source cannot be changed because this version has been reviewed by Mozilla.",
    "version_file_disabled": "File is already disabled.",
    "promoted_version_delete": "The latest approved version of this {group} add-on cannot be deleted because "
    "the previous version was not approved for {group} promotion. Please contact AMO Admins if you need help "
    "with this.",
    "promoted_version_disable": "The latest approved version of this {group} add-on cannot be disabled "
    "because the previous version was not approved for {group} promotion. Please contact AMO Admins if you "
    "need help with this.",
    # Authors (contract/writes.md 7).
    "owner_needed": "Add-ons need at least one owner.",
    "listed_author_needed": "Add-ons need at least one listed author.",
    "account_not_found": "Account not found.",
    "author_twice": "An author can only be present once.",
    "author_without_name": "The account needs a display name before it can be added as an author.",
    # Ratings (contract/writes.md 9).
    "rating_version": "This version of the add-on doesn't exist or isn't public.",
    "rating_own_addon": "You can't leave a review on your own add-on.",
    "rating_twice": "You can't leave more than one review for the same version of an add-on.",
    "rating_addon_fixed": "You can't change the add-on of a review once it has been created.",
    "rating_version_fixed": "You can't change the version of the add-on reviewed once the review has been "
    "created.",
    "rating_denied_word": "The review text cannot contain the word: {words}",
    "rating_denied_words": "The review text cannot contain any of the words: {words}",
    "rating_reply_to_reply": "You can't reply to a review that is already a reply.",
    "rating_flag_invalid": "Invalid flag [{value}] - must be one of [{choices}]",
    "rating_flag_without_text": "This rating can't be flagged because it has no review text.",
    "rating_flag_note": 'A short explanation must be provided when selecting "Other" as a flag reason.',
    "rating_list_of_nothing": "Need an addon or user parameter",
    "parameter_not_an_integer": "{name} parameter should be an integer.",
    "parameter_not_integers": "{name} parameter should be an integer or a list of integers "
    "(separated by a comma).",
    "parameter_not_the_caller": "{name} parameter value should be equal to the user id of the authenticated "
    "user",
    # Accounts (contract/writes.md 10).
    "display_name_denied": "This display name cannot be used.",
    "display_name_unprintable": "Must contain at least one printable character.",
    "reviewer_name_denied": "This reviewer name cannot be used.",
    "no_links": "No links are allowed.",
    "homepage_not_external": "The homepage field can only be used to link to external websites.",
    # Activity (contract/activity.md 1.6, 1.7, 2, 3.2).
    "review_team": "Add-ons Review Team",
    "review_not_rejected": "This add-on's listing has not been rejected.",
    "version_not_awaiting": "This version does not await a review.",
    "admin_review_comment": "This add-on will also be looked at by an administrator. Its review may take "
    "longer than usual.",
    "mail_without_message": "Message not present in the POST data.",
    # Why an inbound mail bounces; these are always sent in English (contract/activity.md 3.3).
    "mail_malformed": "Invalid or malformed json message object.",
    "mail_without_token": "TO: address does not contain activity email uuid ({addresses}).",
    "mail_token_unknown": "UUID found in email address TO: header but is not a valid token ({token}).",
    "mail_user_banned": "Your account is not allowed to send replies.",
    "mail_token_expired": "You can't reply to this email as the reply token is no longer valid because "
    "{reason}.",
    "mail_token_overused": "there have been too many replies",
    "mail_version_missing": "it's for a non-existing version of the addon",
    "mail_forbidden": "You don't have permission to reply to this add-on. You have to be a listed developer "
    "currently, or an AMO reviewer.",
    # Labels of review notes; the key is `action_` and the action of conf/actions.py.
    "action_approved": "Approved",
    "action_rejected": "Rejected",
    "action_review_requested": "Review requested",
    "action_more_information_requested": "More information requested",
    "action_super_review_requested": "Super review requested",
    "action_comment": "Commented",
    "action_review_note": "Review note",
    "action_developer_reply": "Developer Reply",
    "action_reviewer_reply": "Reviewer Reply",
    "action_notes_for_reviewers_changed": "Notes for reviewers changed",
    "action_source_code_uploaded": "Source code uploaded",
    "action_preliminarily_approved": "Preliminarily approved",
    "action_retained": "Retained",
    "action_approved_but_waiting": "Approved but waiting",
    "action_un_rejected": "Un-rejected",
    "action_content_rejected": "Content rejected",
    "action_content_reject_scheduled": "Content reject scheduled",
    "action_rejection_scheduled": "Rejection scheduled",
    "action_rejected_automatically_after_delay_expired": "Rejected automatically after delay expired",
    "action_content_rejected_automatically_after_delay_expired": "Content rejected automatically after delay "
    "expired",
    "action_pending_rejection_cleared": "Pending rejection cleared",
    "action_pending_rejection_changed": "Pending rejection changed",
    "action_version_re_signed": "Version re-signed",
    "action_version_rollback": "Version rollback",
    "action_version_rollback_failure": "Version rollback failure",
    "action_admin_add_on_review_requested": "Admin add-on-review requested",
    "action_admin_content_review_requested": "Admin content-review requested",
    "action_admin_theme_review_requested": "Admin theme-review requested",
    "action_information_request_altered": "Information request altered",
    "action_information_request_removed": "Information request removed",
    "action_listing_rejected": "Listing rejected",
    "action_rejected_listing_approved": "Rejected listing approved",
}


def text(key: str, locale: str = DEFAULT_LOCALE, **values: object) -> str:
    """The text of a key in a supported locale, its placeholders filled.

    An unknown key, or a placeholder without value, is a KeyError.
    """
    english = TEXTS[key]
    template = english if locale == DEFAULT_LOCALE else loader.text(key, locale) or english
    return template.format(**values)


def counted(key: str, count: int, locale: str = DEFAULT_LOCALE, **values: object) -> str:
    """As text(), of the key's `_one` form for a count of one; `count` is a placeholder."""
    return text(f"{key}_one" if count == 1 else key, locale, count=count, **values)
