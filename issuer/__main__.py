"""`python -m issuer` is `kyky-issuer`."""

from issuer.cli import main

main()
