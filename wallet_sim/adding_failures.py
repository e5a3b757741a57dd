"""What goes wrong while a card is added by signing in at its issuer, or renewed."""

from typing import ClassVar

from wallet_sim.failures import Clause, WalletFailure


class ProviderMissing(WalletFailure):
    """The issuer wants to know whose wallet this is, and no provider vouches for it."""

    code: ClassVar[str] = "provider_missing"
    spec: ClassVar[str] = Clause.HAIP_4_3


class ServerChanged(WalletFailure):
    """The issuer has another authorization server than the one that knows this wallet."""

    code: ClassVar[str] = "server_changed"
    spec: ClassVar[str] = Clause.VCI_12_2


class TypeNotChosen(WalletFailure):
    """The issuer has several cards, and the person has not said which."""

    code: ClassVar[str] = "type_not_chosen"
    spec: ClassVar[str] = Clause.INPUT


class TypeNotThere(WalletFailure):
    """The issuer has no card of the type that the person named, or may not issue it."""

    code: ClassVar[str] = "type_not_there"
    spec: ClassVar[str] = Clause.INPUT


class SignInNeeded(WalletFailure):
    """The card is to be had by signing in, which takes a browser."""

    code: ClassVar[str] = "sign_in_needed"
    spec: ClassVar[str] = Clause.VCI_5


class SignInRefused(WalletFailure):
    """The issuer does not let this wallet begin."""

    code: ClassVar[str] = "sign_in_refused"
    spec: ClassVar[str] = Clause.VCI_5


class SignInUnknown(WalletFailure):
    """The browser came back from no sign-in that this wallet began, or for the second time."""

    code: ClassVar[str] = "sign_in_unknown"
    spec: ClassVar[str] = Clause.VCI_5


class SignInOver(WalletFailure):
    """Signing in took too long, or its result was used already."""

    code: ClassVar[str] = "sign_in_over"
    spec: ClassVar[str] = Clause.VCI_6_3


class SignInNotFinished(WalletFailure):
    """The browser did not come back in time."""

    code: ClassVar[str] = "sign_in_not_finished"
    spec: ClassVar[str] = Clause.VCI_5


class CannotListen(WalletFailure):
    """The browser's way back to the wallet on this computer cannot be opened."""

    code: ClassVar[str] = "cannot_listen"
    spec: ClassVar[str] = Clause.INPUT


class NotRenewable(WalletFailure):
    """The issuer gave nothing by which this card could be renewed."""

    code: ClassVar[str] = "not_renewable"
    spec: ClassVar[str] = Clause.INPUT


class RenewalOver(WalletFailure):
    """The issuer does not renew this card any more without signing in."""

    code: ClassVar[str] = "renewal_over"
    spec: ClassVar[str] = Clause.VCI_6_3


class RenewalTooEarly(WalletFailure):
    """The card is good for long, and the issuer gives no newer one yet."""

    code: ClassVar[str] = "renewal_too_early"
    spec: ClassVar[str] = Clause.VCI_8_3
