"""The wallet's pages in a browser on this computer: the same words as at the command line."""
