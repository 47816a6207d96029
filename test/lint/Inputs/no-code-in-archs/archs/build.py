print("specs are data")
