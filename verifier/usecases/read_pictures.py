"""Find the codes of an answer in pictures of a client's phone."""

from collections.abc import Sequence

from openid4vc.qr.frames import MAGIC
from verifier.ports import PictureReader
from verifier.usecases.failures import NoCodeRead


class ReadPictures:
    """See the module text."""

    def __init__(self, reader: PictureReader) -> None:
        self._reader = reader

    async def __call__(self, pictures: Sequence[bytes]) -> list[str]:
        """Return the texts of the codes; a poster's code in the background is left out.

        Raises:
            NoCodeRead: there is no QR code in any of them.
            PictureTooLarge, PictureUnreadable: see their classes.
        """
        texts = [text for picture in pictures for text in await self._reader.read(picture)]
        if not texts:
            raise NoCodeRead
        return [text for text in texts if text.startswith(MAGIC)] or texts
