print("rates")
