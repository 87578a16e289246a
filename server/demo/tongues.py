"""Languages that the dictionaries and language packs of the demonstration catalogue are for."""

from typing import Final, NamedTuple


class Tongue(NamedTuple):
    locale: str
    english: str
    native: str


_TABLE: Final = """
    af|Afrikaans|Afrikaans
    ar|Arabic|العربية
    ast|Asturian|Asturianu
    be|Belarusian|Беларуская
    bg|Bulgarian|Български
    bn|Bengali|বাংলা
    br|Breton|Brezhoneg
    bs|Bosnian|Bosanski
    ca|Catalan|Català
    cs|Czech|Čeština
    cy|Welsh|Cymraeg
    da|Danish|Dansk
    de|German|Deutsch
    el|Greek|Ελληνικά
    en-CA|English (Canada)|English (CA)
    en-GB|English (Great Britain)|English (GB)
    en-US|English (United States)|English (US)
    eo|Esperanto|Esperanto
    es-AR|Spanish (Argentina)|Español (Argentina)
    es-ES|Spanish (Spain)|Español (España)
    es-MX|Spanish (Mexico)|Español (México)
    et|Estonian|Eesti keel
    eu|Basque|Euskara
    fa|Persian|فارسی
    fi|Finnish|Suomi
    fr|French|Français
    fy-NL|Frisian|Frysk
    ga-IE|Irish|Gaeilge
    gd|Scottish Gaelic|Gàidhlig
    gl|Galician|Galego
    gu|Gujarati|ગુજરાતી
    he|Hebrew|עברית
    hi|Hindi|हिन्दी
    hr|Croatian|Hrvatski
    hsb|Upper Sorbian|Hornjoserbsce
    hu|Hungarian|Magyar
    hy|Armenian|Հայերեն
    id|Indonesian|Bahasa Indonesia
    is|Icelandic|Íslenska
    it|Italian|Italiano
    ja|Japanese|日本語
    ka|Georgian|ქართული
    kab|Kabyle|Taqbaylit
    kk|Kazakh|Қазақ
    ko|Korean|한국어
    lt|Lithuanian|Lietuvių
    lv|Latvian|Latviešu
    mk|Macedonian|Македонски
    mr|Marathi|मराठी
    ms|Malay|Melayu
    nb-NO|Norwegian Bokmål|Norsk bokmål
    nl|Dutch|Nederlands
    nn-NO|Norwegian Nynorsk|Norsk nynorsk
    oc|Occitan|Occitan
    pa-IN|Punjabi|ਪੰਜਾਬੀ
    pl|Polish|Polski
    pt-BR|Portuguese (Brazil)|Português (Brasil)
    pt-PT|Portuguese (Portugal)|Português (Portugal)
    rm|Romansh|Rumantsch
    ro|Romanian|Română
    ru|Russian|Русский
    sk|Slovak|Slovenčina
    sl|Slovenian|Slovenščina
    sq|Albanian|Shqip
    sr|Serbian|Српски
    sv-SE|Swedish|Svenska
    ta|Tamil|தமிழ்
    te|Telugu|తెలుగు
    th|Thai|ไทย
    tr|Turkish|Türkçe
    uk|Ukrainian|Українська
    ur|Urdu|اردو
    uz|Uzbek|O‘zbek
    vi|Vietnamese|Tiếng Việt
    zh-CN|Chinese (Simplified)|简体中文
    zh-TW|Chinese (Traditional)|正體中文
"""
TONGUES: Final = tuple(Tongue(*line.strip().split("|")) for line in _TABLE.strip().splitlines())
