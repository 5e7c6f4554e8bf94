"""An advisory service as a process of its own: it answers as OSV and as npm's registry do.

    python -m tests.advisory_service jinja2==2.10 lodash@4.17.4

writes its address and knows one advisory for each of these. Told nothing, it knows of none.
"""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers what pip-audit and npm ask."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        asked = json.loads(body)
        self._answer(200, _of_npm(asked) if "advisories" in self.path else _of_osv(asked))

    def do_GET(self) -> None:
        self._answer(404, {})

    def log_message(self, format: str, *_: Any) -> None:
        pass

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _of_osv(asked: dict[str, Any]) -> dict[str, Any]:
    name = asked["package"]["name"]
    if f"{name}=={asked['version']}" not in sys.argv[1:]:
        return {}
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}}]
    return {
        "vulns": [
            {"id": f"PYSEC-{name}", "aliases": [f"GHSA-{name}"], "summary": "Bad.", "affected": affected}
        ]
    }


def _of_npm(asked: dict[str, list[str]]) -> dict[str, Any]:
    known = [f"{name}@{version}" for name, versions in asked.items() for version in versions]
    return {
        name: [
            {
                "id": 1,
                "url": f"https://advisories.example/GHSA-{name}",
                "title": "Bad.",
                "severity": "high",
                "vulnerable_versions": "*",
            }
        ]
        for name, _, _ in (package.partition("@") for package in known if package in sys.argv[1:])
    }


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
