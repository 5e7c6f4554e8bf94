"""The API behind hotel frontends: GraphQL, an event log without gaps, and Pusher for today's frontends."""
