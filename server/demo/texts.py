"""Names and texts of an add-on of the demonstration catalogue."""

from collections.abc import Sequence
from typing import Any, Final

from conf.model.addons import Translated
from server.demo import english, wording
from server.demo.dice import Dice
from server.demo.traits import Traits
from server.demo.wording import DEFAULT, Phrases

_THEMES: Final = frozenset({"statictheme", "persona", "theme"})
_SCENERY: Final = (
    "{q} {s}", "{s} by {c}", "{c} {s}", "{q} {s} {c}", "{s} and {o}", "{q} {s} over {o}", "{c}",
)  # fmt: skip
_TONGUES: Final = {
    "dictionary": ("{e} Dictionary", "{n} – {e} spelling", "{e} Dictionary ({c})", "{c}: {n}", "{n} ({c})"),
    "language": ("{e} Language Pack", "Language: {n} ({e})", "{n} Language Pack ({c})", "{c} {n}"),
}


class TextWriter:
    """Writes what an add-on says, in each of its locales. One for each add-on."""

    def __init__(self, traits: Traits, dice: Dice) -> None:
        self._traits = traits
        self._dice = dice
        topics = wording.topics()
        # Its own topic most of the time, and two others it mentions.
        self._english = [topics[traits.topic]] * 3 + [dice.pick(topics), dice.pick(topics)]
        self._languages = wording.languages()

    def _phrases(self, locale: str) -> Phrases:
        return self._dice.pick(self._english) if locale == DEFAULT else self._languages[locale]

    def _filled(self, text: str) -> str:
        return text.format(c=self._traits.coined.title()) if "{" in text else text

    def names(self) -> Translated:
        """A name in the default locale; in the others a translation or the same name."""
        default, *others = self._traits.locales
        name = self._name(default)
        names = {default: name}
        for locale in others:
            names[locale] = self._name(locale) if self._dice.chance(0.7) else name
        return names

    def _name(self, locale: str) -> str:
        traits, dice = self._traits, self._dice
        coined = traits.coined.title()
        if traits.tongue:
            text = dice.pick(_TONGUES[traits.type])
            return text.format(e=traits.tongue.english, n=traits.tongue.native, c=coined)
        if locale != DEFAULT:
            return self._filled(dice.pick(self._languages[locale].names))
        if traits.type in _THEMES:
            scene, other = dice.pick(wording.SCENES).title(), dice.pick(wording.SCENES).title()
            quality = dice.pick(wording.QUALITIES).title()
            return dice.pick(_SCENERY).format(q=quality, s=scene, o=other, c=coined)
        if traits.type == "search":
            return f"{coined} Search"
        return self._filled(dice.pick(self._english[0].names))

    def summaries(self) -> Translated | None:
        locales = [locale for locale in self._traits.locales if self._dice.chance(0.85)]
        return {locale: self._dice.pick(self._phrases(locale).summaries) for locale in locales} or None

    def descriptions(self) -> Translated | None:
        """In the default locale a page or a line, in others at times; one in four has markup."""
        default, *others = self._traits.locales
        dice = self._dice
        if self._traits.type in _THEMES and dice.chance(0.4):
            return None
        texts = {default: self._description(default, 2 + int(11 * dice.roll()))}
        for locale in others:
            if dice.chance(0.5):
                texts[locale] = self._description(locale, 2 + dice.below(4))
        return texts

    def _description(self, locale: str, sentences: int) -> str:
        first = self._paragraph(locale, (sentences + 1) // 2)
        if self._dice.chance(0.25):
            return first + self._markup(locale, sentences // 2)
        if sentences < 4:
            return first
        return first + "\n\n" + self._paragraph(locale, sentences // 2)

    def _sentences(self, locale: str, count: int) -> Sequence[str]:
        """Neighbours among the ready ones, which stand in no order."""
        ready = self._phrases(locale).sentences
        start = self._dice.below(len(ready) - count)
        return ready[start : start + count]

    def _paragraph(self, locale: str, sentences: int) -> str:
        return " ".join(self._sentences(locale, sentences))

    def _markup(self, locale: str, items: int) -> str:
        coined = self._traits.coined
        points = "</li><li>".join(self._sentences(locale, items or 1))
        address = f"https://{coined}.example/docs?lang={locale}&amp;page=1"
        return (
            f"\n\n<b>{coined.title()}</b>\n<ul><li>{points}</li></ul>\n"
            f'<a href="{address}" rel="nofollow">{coined}.example</a>'
        )

    def comments(self) -> Translated | None:
        if not self._dice.chance(0.1):
            return None
        locale = self._traits.locales[0]
        return {locale: self._paragraph(locale, 2)}

    def notes(self) -> Translated | None:
        """Release notes of one version."""
        if not self._dice.chance(0.6):
            return None
        locale = self._traits.locales[0]
        return {locale: self._dice.pick(self._phrases(locale).notes)}

    def policy(self, share: float) -> Translated | None:
        """A privacy policy or licence agreement, always English."""
        return {DEFAULT: self._legal(self._dice.pick(english.POLICY))} if self._dice.chance(share) else None

    def _legal(self, text: str) -> str:
        return text.format(n=wording.NOUNS[self._traits.topic], m=self._dice.pick(wording.NOUNS))

    def caption(self) -> Translated | None:
        if not self._dice.chance(0.4):
            return None
        locale = self._traits.locales[0]
        return {locale: self._dice.pick(self._phrases(locale).summaries)}

    def license(self) -> dict[str, Any]:
        """The texts of a custom licence."""
        name = f"{self._traits.coined.title()} Licence"
        return {"name": {DEFAULT: name}, "text": {DEFAULT: self._legal(english.LICENCE_TEXT)}}
