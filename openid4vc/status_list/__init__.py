"""Token Status List: the packed bits and the signed token around them."""
