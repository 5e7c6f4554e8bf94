"""Where connections come from."""

from ipaddress import IPv6Address, ip_address

from starlette.types import Scope


def client_address(scope: Scope) -> str | None:
    """Return where a request or socket comes from, as trusted proxies say it; None without addresses."""
    client = scope.get("client")
    return client[0] if client else None


def network_of(address: str) -> str:
    """Return the address by which a caller is counted: of IPv6 the /64, as each caller has a whole one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
