"""The application: the one place where the parts meet.

    connection -> entrance -> GraphQL, REST, pages, pictures, the embedded Channels server
    commit -> distribution -> streams, bridge, ended rights -> peers (other processes)

`application` builds the parts and runs them, `destinations` decides where the bridge sends, `figures` and
`upkeep` are what is measured and what is removed beside the connections.
"""

from hotelmate.app.application import Application

__all__ = ["Application"]
