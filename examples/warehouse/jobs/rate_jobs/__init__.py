"""The jobs of the example: what would be in the image `rate-jobs`."""
