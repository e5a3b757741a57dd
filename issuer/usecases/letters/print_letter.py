"""Set a letter as a page."""

from issuer.model import Caller
from issuer.ports import LetterPress
from issuer.ports.letters import LetterStyle
from issuer.usecases.letters.read_letter import ReadLetterContent


class PrintLetter:
    """Gives a letter as a PDF, as often as it is asked for while the letter can be used."""

    def __init__(self, *, read_content: ReadLetterContent, press: LetterPress) -> None:
        self._read_content = read_content
        self._press = press

    async def __call__(self, caller: Caller, letter_id: str, style: LetterStyle) -> bytes:
        """Return the letter as a tagged PDF.

        Raises:
            LetterNotFound, TypeNotInScope, LetterNotOpen: as `ReadLetterContent`.
            LetterNotSet: the press could not set it.
        """
        return await self._press.pdf(await self._read_content(caller, letter_id), style)
