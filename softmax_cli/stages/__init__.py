"""Stages: whoever watches results pass and has something to say at the end."""
