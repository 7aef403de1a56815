"""A text that people read, in the languages that the specification's tables come in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One text in English and in Traditional Chinese."""

    en: str
    zh_hant: str

    def in_language(self, code: str) -> str:
        """Give the text for a language code (``en``, ``zh-hant``, ``zh_TW``); English where there is no other."""
        return self.zh_hant if code.lower().startswith("zh") else self.en
