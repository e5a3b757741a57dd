"""What a wallet proves of itself: which product it is, and that its tokens are its own."""
