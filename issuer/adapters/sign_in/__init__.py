"""Where people sign in: an OpenID provider, or what stands in for one in a demo."""
