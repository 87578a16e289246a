"""What callers report as abuse, and the words they do it with (contract/extras.md 2).

    {"kind": "report", "_id": 1, "target": "addon", "guid": "tab@example.org", "target_id": 7,
     "reporter_id": null, "country": "DE", "locale": "de", "created": "2026-01-02T03:04:05Z",
     "fields": {"message": "It opens windows.", "reason": "damage"}}

Reports are for operators alone.
"""

from typing import Final, TypedDict


class ReportDoc(TypedDict):
    """Collection `reports`."""

    _id: int
    target: str  # a key of TARGET_FIELDS
    guid: str | None  # of an add-on
    target_id: int | None  # None: an add-on that is not public
    reporter_id: int | None
    country: str | None  # two letters
    locale: str  # the language the reporter was answered in
    created: str
    fields: dict[str, str]  # those that were sent, as the API calls them


COMMON_FIELDS: Final = (
    *("lang", "reason", "message", "reporter_name", "reporter_email"),
    *("illegal_category", "illegal_subcategory"),
)
# What else is told of a target.
TARGET_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "addon": (
        *("addon_install_method", "addon_install_origin", "addon_install_source", "addon_install_source_url"),
        *("addon_name", "addon_signature", "addon_summary", "addon_version", "app", "appversion"),
        *("client_id", "install_date", "operating_system", "operating_system_version", "report_entry_point"),
        "location",
    ),
    "user": (),
    "rating": (),
    "collection": (),
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CONTENT_REASONS: Final = _words("hateful_violent_deceptive illegal feedback_spam something_else")
REASONS: Final[dict[str, tuple[str, ...]]] = dict.fromkeys(TARGET_FIELDS, _CONTENT_REASONS) | {
    "addon": _words(
        "damage spam settings broken policy deceptive unwanted other hateful_violent_deceptive illegal"
        " policy_violation something_else does_not_work feedback_spam"
    )
}
ENTRY_POINTS: Final = _words("uninstall menu toolbar_context_menu amo unified_context_menu")
LOCATIONS: Final = _words("amo addon both")
REPORTING_APPS: Final = _words("firefox android")
INSTALL_METHODS: Final = _words(
    "amwebapi link installtrigger install_from_file management_webext_api drag_and_drop sideload file_url url"
    " enterprise_policy distribution system_addon temporary_addon sync other"
)
INSTALL_SOURCES: Final = _words(
    "about_addons about_debugging about_preferences amo app_builtin app_global app_profile app_system_addons"
    " app_system_defaults app_system_local app_system_profile app_system_share app_system_user disco"
    " distribution enterprise_policy extension file_url gmp_plugin internal other plugin rtamo sync"
    " system_addon temporary_addon unknown winreg_app_global winreg_app_user"
)
SIGNATURES: Final = _words(
    "curated_and_partner curated partner non_curated unsigned broken unknown missing preliminary signed"
    " system privileged not_required"
)
OTHER: Final = "other"
ILLEGAL: Final = "illegal"  # the reason that has a category
# Category -> its own words; each has `other` as well.
ILLEGAL_CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "animal_welfare": (),
    "consumer_information": _words(
        "insufficient_information_on_traders noncompliance_pricing hidden_advertisement"
        " misleading_info_goods_services misleading_info_consumer_rights"
    ),
    "data_protection_and_privacy_violations": _words(
        "biometric_data_breach missing_processing_ground right_to_be_forgotten data_falsification"
    ),
    "illegal_or_harmful_speech": _words("defamation discrimination hate_speech"),
    "intellectual_property_infringements": _words(
        "design_infringement geographic_indications_infringement patent_infringement"
        " trade_secret_infringement"
    ),
    "negative_effects_on_civic_discourse_or_elections": _words(
        "violation_eu_law violation_national_law misinformation_disinformation_disinformation"
    ),
    "non_consensual_behaviour": _words(
        "non_consensual_image_sharing non_consensual_items_deepfake online_bullying_intimidation stalking"
    ),
    "pornography_or_sexualized_content": _words("adult_sexual_material image_based_sexual_abuse"),
    "protection_of_minors": _words(
        "age_specific_restrictions_minors child_sexual_abuse_material grooming_sexual_enticement_minors"
    ),
    "risk_for_public_security": _words(
        "illegal_organizations risk_environmental_damage risk_public_health terrorist_content"
    ),
    "scams_and_fraud": _words(
        "inauthentic_accounts inauthentic_listings inauthentic_user_reviews impersonation_account_hijacking"
        " phishing pyramid_schemes"
    ),
    "self_harm": _words("content_promoting_eating_disorders self_mutilation suicide"),
    "unsafe_and_prohibited_products": _words("prohibited_products unsafe_products"),
    "violence": _words(
        "coordinated_harm gender_based_violence human_exploitation human_trafficking"
        " incitement_violence_hatred"
    ),
    "other": (),
}
ILLEGAL_SUBCATEGORIES: Final = (
    OTHER,
    *(word for words in ILLEGAL_CATEGORIES.values() for word in words),
)
