"""The transports of GraphQL: how operations come in, are carried out, and are answered.

    endpoint -> http, sse, websocket    what each protocol says of requests, messages, codes and closing
                http -> multipart       requests with files
             -> execution               queries and mutations: whole, in one worker thread
             -> subscriptions           one execution of each event for all who follow the same

The schema is given to the endpoint; nothing in here knows its fields.
"""

from hotelmate.schema.transports.endpoint import GraphQLEndpoint
from hotelmate.schema.transports.limits import Limits

__all__ = ["GraphQLEndpoint", "Limits"]
