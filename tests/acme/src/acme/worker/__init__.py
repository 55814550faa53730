"""What acme's tasks do on a worker. Nothing here is a factory, and no factory imports it at module level."""
