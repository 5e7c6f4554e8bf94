"""What is always true of bookings, rooms and shifts, whatever is asked for and however many ask at once.

One test asks for one thing after the other, and knows beforehand what each has to bring about; another has
many callers at once, and holds what they leave behind against what the log says. `HOTELMATE_TEST_LIVES` says
how many hotels live through each of them on each kind of database, `HOTELMATE_TEST_SEED` what befalls them.
"""
