print('rates')
