"""Why a bundle for a desk without network is refused: one class, one code, one clause each."""

from typing import ClassVar

from keys.checks import CheckFailed


class BundleMalformed(CheckFailed):
    """The file is no bundle, or a part of it is missing or of another shape."""

    code: ClassVar[str] = "bundle_malformed"
    spec: ClassVar[str] = "Kykylompakko offline bundle 1"


class BundleNotOurs(CheckFailed):
    """Another organisation has signed the bundle."""

    code: ClassVar[str] = "bundle_not_ours"
    spec: ClassVar[str] = "Kykylompakko offline bundle 2"


class BundleFromFuture(CheckFailed):
    """By this machine's clock the bundle, or a part of it, is not made yet."""

    code: ClassVar[str] = "bundle_from_future"
    spec: ClassVar[str] = "Kykylompakko offline bundle 3"


class BundleOlder(CheckFailed):
    """A newer bundle was loaded before."""

    code: ClassVar[str] = "bundle_older"
    spec: ClassVar[str] = "Kykylompakko offline bundle 3"


class BundlePartRefused(CheckFailed):
    """A status list or certificate in the bundle is not what its issuer signed."""

    code: ClassVar[str] = "bundle_part_refused"
    spec: ClassVar[str] = "Kykylompakko offline bundle 4"
