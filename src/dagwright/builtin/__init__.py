"""The factories that come with Dagwright, one per module, written to be read as examples.

They are registered exactly as a third party's are, by the entry point group `dagwright.factories`, and use
nothing of Dagwright that is not public.
"""
