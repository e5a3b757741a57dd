"""Letters through the Python client of issuing systems."""

import kykylompakko_client as kyky
from tests.issuer.in_process import InProcess
from tests.issuer.letters import TYPE, open_letter
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, claims_of


def test_a_letter_is_made_printed_renewed_collected_and_withdrawn(
    world: World, wallet: TinyWallet
) -> None:
    wish = kyky.LetterWish(TYPE, claims_of(TYPE), "client-1", "in_person", ["Maija Testi Mallikas"])
    way, access = InProcess(world), kyky.ApiKey(world.api_key())
    with kyky.IssuerClient(BASE, "mallimaa", access, transport=way) as issuer:
        letters = issuer.letters
        made = letters.make(wish, key="visit-1")
        assert letters.make(wish, key="visit-1") == made
        for secret in (made.pin, made.link, made.typed_code, "Maija"):
            assert str(secret) not in repr((made, wish))
        assert letters.pdf(made.letter_id, "fi-plain").startswith(b"%PDF-")
        message = letters.message(made.letter_id, "sv")
        assert made.link in message.text
        assert message.subject == "Du kan ta emot ett kort i din plånbok"

        renewed = letters.renew(made.letter_id)
        assert letters.state(made.letter_id) == "renewed"
        told = {"link": renewed.link, "pin": renewed.pin}
        wallet.receive(open_letter(world, told))
        assert letters.state(renewed.letter_id) == "collected"
        again = letters.renew_for("client-1", TYPE, claims_of(TYPE))
        last = letters.renew(again.letter_id, claims_of(TYPE))
        assert letters.withdraw(last.letter_id) == "withdrawn"
