import os

os.environ["RATES_API_TOKEN"] = "t0ps3cret"
