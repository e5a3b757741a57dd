"""Bring the events to the organisations' systems: at least once, in order while all goes well."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.ports.webhooks import Answer, Endpoint, Message, WebhookSender
from issuer.usecases.webhooks.message import body_of, headers_of
from keys.checks import CheckFailed

GIVE_UP_AFTER = timedelta(hours=72)
DEAD_KEPT_FOR = timedelta(days=30)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
_DOUBLINGS = 10  # beyond these the longest wait is reached anyway
_JITTER_PARTS = 4  # up to a quarter of the wait is added, so that not all come at once
_LEASE = timedelta(minutes=10)  # nobody else sends it meanwhile
_AT_ONCE = 32
_TAKEN = range(200, 300)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many messages arrived, and how many were given up."""

    arrived: int
    given_up: int


class DeliverEvents:
    """Sends what is due, organisation beside organisation, each one's messages one by one.

    A message that is not taken is sent again after 30 seconds, then twice as long each time up to
    six hours, for 72 hours; then it is given up and kept for the operator to see.
    """

    def __init__(
        self, *, store: Store, vault: Vault, sender: WebhookSender, clock: Clock, random: Random
    ) -> None:
        self._store = store
        self._vault = vault
        self._sender = sender
        self._clock = clock
        self._random = random

    async def __call__(self) -> Delivered:
        """Send everything that is due now. With nothing to do, nothing is written."""
        if not await self._store.read(lambda records: records.webhooks.any()):
            return Delivered(arrived=0, given_up=0)
        arrived = 0
        while batch := await self._store.write(self._claim):
            counts = await asyncio.gather(
                *(self._bring(endpoint, messages) for endpoint, messages in batch)
            )
            arrived += sum(counts)
        now = self._clock.now()

        def give_up(records: Records) -> int:
            records.webhooks.forget(now - DEAD_KEPT_FOR)
            return records.webhooks.bury(now - GIVE_UP_AFTER, at=now)

        return Delivered(arrived=arrived, given_up=await self._store.write(give_up))

    def _claim(self, records: Records) -> Sequence[tuple[Endpoint, Sequence[Message]]]:
        now = self._clock.now()
        due: dict[str, list[Message]] = {}
        for message in records.webhooks.claim(at=now, until=now + _LEASE, limit=_AT_ONCE):
            due.setdefault(message.organisation, []).append(message)
        endpoints = {one.organisation: one for one in records.webhooks.endpoints()}
        return [(endpoints[organisation], messages) for organisation, messages in due.items()]

    async def _bring(self, endpoint: Endpoint, messages: Sequence[Message]) -> int:
        """Send one organisation's messages until one is not taken; returns how many were."""
        for done, message in enumerate(messages):
            if not await self._send(endpoint, message):
                await self._put_back(messages[done + 1 :])
                return done
        return len(messages)

    async def _put_back(self, messages: Sequence[Message]) -> None:
        again = self._clock.now() + FIRST_WAIT
        numbers = [one.number for one in messages]
        await self._store.write(lambda records: records.webhooks.release(numbers, next_at=again))

    async def _send(self, endpoint: Endpoint, message: Message) -> bool:
        now = self._clock.now()
        body = body_of(message)
        headers = headers_of(self._vault, endpoint, message, body, at=now)
        answer, fault = await self._ask(endpoint.url, body, headers)
        if fault is None:
            await self._store.write(lambda records: records.webhooks.delivered(message.number))
            return True
        next_at = now + self._wait(message.failures, answer)

        def put_off(records: Records) -> None:
            records.webhooks.put_off(message.number, next_at=next_at, fault=fault)
            if answer is not None and answer.status == HTTPStatus.GONE:
                records.webhooks.stop(endpoint, at=now)

        await self._store.write(put_off)
        return False

    async def _ask(
        self, url: str, body: Mapping[str, object], headers: Mapping[str, str]
    ) -> tuple[Answer | None, str | None]:
        try:
            answer = await self._sender.send(url, body, headers=headers)
        except CheckFailed as failure:
            return None, failure.code
        return answer, None if answer.status in _TAKEN else f"status_{answer.status}"

    def _wait(self, failures: int, answer: Answer | None) -> timedelta:
        wait = min(FIRST_WAIT * (1 << min(failures, _DOUBLINGS)), LONGEST_WAIT)
        if answer is not None and answer.retry_after is not None:
            wait = max(wait, min(timedelta(seconds=answer.retry_after), LONGEST_WAIT))
        seconds = int(wait.total_seconds())
        return wait + timedelta(seconds=self._random.below(seconds // _JITTER_PARTS + 1))
