"""Telling the organisations' systems what happened."""
