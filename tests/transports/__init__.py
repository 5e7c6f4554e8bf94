"""The GraphQL transports, over real sockets, with a small schema in place of HotelMate's own."""
