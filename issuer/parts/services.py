"""The use cases that the surfaces call, put together."""

from datetime import timedelta

from issuer.model import Channel
from issuer.parts.after import make_after
from issuer.parts.authorization import (
    Outside,
    make_asking,
    make_authorization,
    make_give_token,
    make_outside,
    where_asked,
)
from issuer.parts.base import Parts
from issuer.parts.letters import make_letters
from issuer.parts.lives import make_four_eyes, make_lives
from issuer.parts.proving import make_proving
from issuer.parts.systems import make_systems
from issuer.settings import Settings
from issuer.usecases.addresses import Addresses
from issuer.usecases.change_status import ChangeStatus
from issuer.usecases.check_health import CheckHealth
from issuer.usecases.create_offer import CreateOffer
from issuer.usecases.deferred.waiting import DeferCredential
from issuer.usecases.describe_issuer import DescribeIssuer
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.give_nonce import GiveNonce
from issuer.usecases.issue_credential import IssueCredential
from issuer.usecases.make_copy import IssuingTools, MakeCopy
from issuer.usecases.name_status_lists import NameStatusLists
from issuer.usecases.offer_links import OfferLinks
from issuer.usecases.publish_status_list import PublishStatusList, StatusListTimes
from issuer.usecases.read_credential import ReadCredential
from issuer.usecases.read_offer import ReadOffer
from issuer.usecases.reoffer import ReofferTools
from issuer.usecases.request_keys import RequestKeys
from issuer.usecases.serve_offer import ServeOffer
from issuer.usecases.take_notification import TakeNotification
from issuer.usecases.withdraw_offer import WithdrawOffer
from issuer.web.services import Services

_CACHES_KEEP_AT_MOST = timedelta(seconds=60)


def make_services(parts: Parts, outside: Outside | None = None) -> Services:
    """Return the use cases that the surfaces call.

    Args:
        parts: what the service stands on.
        outside: whom it asks; left out, whom the settings name.
    """
    outside = outside or make_outside(parts)
    store, vault, clock, random = parts.store, parts.vault, parts.clock, parts.random
    catalogue, settings = parts.catalogue, parts.settings
    addresses = Addresses(settings.base_url)
    links = OfferLinks(vault=vault, addresses=addresses)
    proving = make_proving(
        parts,
        addresses,
        sign_in_at=where_asked(parts, outside),
        wallet_status=outside.wallet_status,
    )
    find_grant = FindGrant(store=store, vault=vault, clock=clock, prove_key=proving.prove_key)
    nonce_secret = parts.keys.secret("issuer-nonce")
    times = StatusListTimes(
        lifetime=timedelta(minutes=settings.status_lifetime_minutes),
        ttl=timedelta(seconds=settings.status_ttl_seconds),
    )
    tools = IssuingTools(
        vault=vault,
        signers=parts.keys,
        clock=clock,
        random=random,
        catalogue=catalogue,
        describe_type=DescribeType(catalogue=catalogue),
        addresses=addresses,
        nonce_secret=nonce_secret,
        status_list_size=settings.status_list_size,
    )
    request_keys = RequestKeys(vault=vault)
    lifetimes = _lifetimes(settings)
    create_offer = CreateOffer(
        store=store,
        vault=vault,
        clock=clock,
        random=random,
        catalogue=catalogue,
        lifetimes=lifetimes,
    )
    letters = make_letters(parts, addresses)
    four_eyes = make_four_eyes(settings.four_eyes, catalogue)
    make_copy = MakeCopy(store=store, tools=tools)
    asking_tools = make_authorization(parts, addresses, proving, outside)
    return Services(
        addresses=addresses,
        catalogue=catalogue,
        links=links,
        after=make_after(parts, addresses, create_offer, letters.create),
        systems=make_systems(parts, addresses, create_offer),
        letters=letters,
        lives=make_lives(
            parts,
            find_grant=find_grant,
            make_copy=make_copy,
            tools=tools,
            reoffer_tools=ReofferTools(
                vault=vault, clock=clock, random=random, catalogue=catalogue, lifetimes=lifetimes
            ),
        ),
        asking=make_asking(asking_tools),
        create_offer=create_offer,
        read_offer=ReadOffer(store=store, clock=clock),
        withdraw_offer=WithdrawOffer(store=store, clock=clock),
        change_status=ChangeStatus(
            store=store,
            vault=vault,
            clock=clock,
            catalogue=catalogue,
            four_eyes=four_eyes,
        ),
        read_credential=ReadCredential(store=store),
        serve_offer=ServeOffer(store=store, vault=vault, clock=clock, links=links),
        give_token=make_give_token(parts, asking_tools),
        give_nonce=GiveNonce(secret=nonce_secret, clock=clock, random=random),
        issue_credential=IssueCredential(
            find_grant=find_grant,
            make_copy=make_copy,
            defer=DeferCredential(store=store, tools=tools),
            tools=tools,
            prove_holders=proving.prove_holders,
            demands=proving.demands,
        ),
        take_notification=TakeNotification(
            store=store,
            find_grant=find_grant,
            vault=vault,
            clock=clock,
            four_eyes=four_eyes,
        ),
        publish_status_list=PublishStatusList(
            store=store, signers=parts.keys, clock=clock, addresses=addresses, times=times
        ),
        name_status_lists=NameStatusLists(store=store, catalogue=catalogue, addresses=addresses),
        describe_issuer=DescribeIssuer(
            catalogue=catalogue,
            addresses=addresses,
            signers=parts.keys,
            clock=clock,
            request_keys=request_keys,
            demands=proving.demands,
        ),
        request_keys=request_keys,
        proving=proving,
        describe_type=tools.describe_type,
        check_health=CheckHealth(store=store),
        copies_fresh_for=min(times.ttl, _CACHES_KEEP_AT_MOST),
    )


def _lifetimes(settings: Settings) -> dict[Channel, timedelta]:
    return {
        Channel.SCREEN: timedelta(minutes=settings.screen_offer_minutes),
        Channel.MESSAGE: timedelta(minutes=settings.message_offer_minutes),
        Channel.LETTER: timedelta(minutes=settings.letter_offer_minutes),
    }
