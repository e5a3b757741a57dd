"""Presentations in QR codes, readable without network: `docs/qr-presentation.md` specifies them.

A desk shows a challenge (`challenge`), a wallet shows an answer (`answer`); both travel as messages
in frames of decimal digits (`frames`), their texts made small and restored exactly (`compaction`).
"""
