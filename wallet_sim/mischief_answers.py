"""How a whole answer goes out over the network: as it should, and in ways that must be caught.

`mischief` names them, each with the check that catches it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from keys import strict_json
from keys.jose import EncryptionKey, encrypt_jwe
from openid4vc.openid4vp.response import encrypt_response, response_form
from openid4vc.openid4vp.write_request import AuthorizationRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer over the network is made from.

    Attributes:
        request: what is answered.
        vp_token: query ids to presentations.
        acted_by: who answers for the holder; None for the holder.
    """

    request: AuthorizationRequest
    vp_token: Mapping[str, Sequence[str]]
    acted_by: str | None = None


def sealed(answer: Answer) -> dict[str, str]:
    """Return the answer encrypted for its receiver, as it should be."""
    told = encrypt_response(answer.request, answer.vp_token, acted_by=answer.acted_by)
    return response_form(told)


def in_the_clear(answer: Answer) -> dict[str, str]:
    """Post the presentations without encryption."""
    token = {query_id: list(texts) for query_id, texts in answer.vp_token.items()}
    form = {"vp_token": strict_json.dumps(token).decode("utf-8")}
    return form if answer.request.state is None else {**form, "state": answer.request.state}


def without_array(answer: Answer) -> dict[str, str]:
    """Write each presentation as a text of its own, as drafts before 1.0 had it."""
    members = {
        "vp_token": {query_id: texts[0] for query_id, texts in answer.vp_token.items()},
        "state": answer.request.state,
    }
    request = answer.request
    return response_form(
        encrypt_jwe(strict_json.dumps(members), request.encryption_jwk, enc=request.enc_values[0])
    )


def for_another_state(answer: Answer) -> dict[str, str]:
    """Say that it answers a request that was never made."""
    return sealed(replace(answer, request=replace(answer.request, state="s" * 43)))


def without_state(answer: Answer) -> dict[str, str]:
    """Leave out which request it answers."""
    return sealed(replace(answer, request=replace(answer.request, state=None)))


def to_another_key(answer: Answer) -> dict[str, str]:
    """Encrypt to a key that the receiver does not have, under the name of one that it has."""
    asked = answer.request
    stranger = {**EncryptionKey.generate().public_jwk, "kid": asked.encryption_jwk["kid"]}
    return sealed(replace(answer, request=replace(asked, encryption_jwk=stranger)))


def under_another_id(answer: Answer) -> dict[str, str]:
    """Answer a question that was not asked."""
    token = {f"{query_id}_x": texts for query_id, texts in answer.vp_token.items()}
    return sealed(replace(answer, vp_token=token))


def each_twice(answer: Answer) -> dict[str, str]:
    """Show every card twice in one answer."""
    token = {query_id: (*texts, *texts) for query_id, texts in answer.vp_token.items()}
    return sealed(replace(answer, vp_token=token))
