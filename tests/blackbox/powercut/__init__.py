"""Power cuts: what a disk may have kept of all that a server wrote, at any moment (docs/powercut.md)."""
