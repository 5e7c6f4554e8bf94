"""The real clients that HotelMate must please (pusher-js, graphql-ws, …), driven from Python."""
