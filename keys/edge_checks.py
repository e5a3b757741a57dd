"""Why a request was not sent, or a key directory not used."""

from keys.failure import CheckFailed
from keys.specs import Section

# Outgoing requests --------------------------------------------------------------------------


class FetchRefused(CheckFailed):
    """We do not ask there, or do not take this answer; the subclasses say why."""

    code = "fetch_refused"
    spec = Section.FETCH_RULES


class UrlForbidden(FetchRefused):
    """The address is not an https URL that we would ask."""

    code = "fetch_url_forbidden"


class AddressForbidden(FetchRefused):
    """The host's name leads into a private network or to this machine."""

    code = "fetch_address_forbidden"


class RedirectForbidden(FetchRefused):
    """The other end sends us elsewhere."""

    code = "fetch_redirect_forbidden"


class ReplyTooLarge(FetchRefused):
    """The answer is longer than we read, or compressed against our request."""

    code = "fetch_reply_too_large"


class FetchFailed(CheckFailed):
    """The other end could not be reached or did not answer in time."""

    code = "fetch_failed"
    spec = Section.FETCH_RULES


# Key store ----------------------------------------------------------------------------------


class KeyStoreFailure(CheckFailed):
    """The key directory cannot be used; the subclasses say why."""

    code = "key_store_failure"
    spec = Section.KEY_STORE_RULES


class KeyStoreMissing(KeyStoreFailure):
    """There is no key directory here."""

    code = "key_store_missing"


class KeyStoreExists(KeyStoreFailure):
    """There is a key directory here already, and it is not overwritten by accident."""

    code = "key_store_exists"


class KeyStoreForeign(KeyStoreFailure):
    """Something that is no key store stands in its place, and is never replaced."""

    code = "key_store_foreign"


class KeyStoreUnsafe(KeyStoreFailure):
    """Others than the owner may read or replace a key file."""

    code = "key_store_unsafe"


class KeyStoreDamaged(KeyStoreFailure):
    """A file of the key directory is unreadable or was changed."""

    code = "key_store_damaged"


class PassphraseWrong(KeyStoreFailure):
    """The passphrase does not open this key directory."""

    code = "passphrase_wrong"


class PassphraseUnfit(KeyStoreFailure):
    """The passphrase is missing or too short."""

    code = "passphrase_unfit"


class KeyNotFound(KeyStoreFailure):
    """The key directory has no key or secret of this name."""

    code = "key_not_found"


class PlanMalformed(KeyStoreFailure):
    """The plan of organisations and receivers cannot be read."""

    code = "plan_malformed"
