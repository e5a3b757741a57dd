"""Set-up scripts that the Makefile calls; nothing in the product imports them."""
