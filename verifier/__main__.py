"""`python -m verifier` is `kyky-verifier`."""

from verifier.cli import main

main()
