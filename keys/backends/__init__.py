"""Where private keys live; only `keys.opener` and `keys.devkeys` choose among these."""
