"""What HotelMate's speed is measured with: `make bench`, or `python -m bench --help`.

Each row starts the servers that it compares, gives them one core and what loads them another, and lets them
take turns in short rounds, so that whatever else the machine does meets all of them. Needs Linux.
"""
