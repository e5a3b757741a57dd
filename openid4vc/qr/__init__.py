"""Presentations in QR codes, readable without network: `docs/qr-presentation.md` specifies them.

The desk: `challenge.write_challenge` makes what it shows; a `frames.FrameCollector` takes what it
scans; `answer.read_bound` or `answer.read_self_initiated` gives the text, the expected key binding
and the key for the one-time store, all for `sd_jwt.verify`.

The wallet: `read_challenge.read_challenge` says who asks what; `sd_jwt.key_binding.bind` and
`answer.write_bound` or `answer.write_self_initiated` make the answer; `frames.write_frames_within`
cuts it into digits to be drawn.

Underneath, `compaction` makes a presentation small and restores it to the very same text.
"""
