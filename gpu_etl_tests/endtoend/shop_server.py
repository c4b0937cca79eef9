"""A small shop on loopback whose pages a test writes."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def product_page(name: str, sku: str, **offer: object) -> str:
    """A page that describes one product in schema.org's words."""
    offers = {"@type": "Offer", "availability": "https://schema.org/InStock", **offer}
    data = {"@context": "https://schema.org", "@type": "Product", "name": name, "sku": sku, "offers": offers}
    return f"""<!DOCTYPE html><html><head><title>{name}</title>
<script type="application/ld+json">{json.dumps(data)}</script></head><body><h1>{name}</h1></body></html>"""


class Shop:
    """Serves ``pages`` by path: text with status 200, or a status alone."""

    def __init__(self) -> None:
        self.pages: dict[str, str | int] = {"/robots.txt": "User-agent: *\nDisallow: /cart/\n"}
        self.wanted: dict[str, str] = {}
        """Headers without which it answers 401, but for robots.txt."""
        self.asked: Counter[str] = Counter()
        self.port = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def shop() -> Iterator[Shop]:
    """Start a shop on a free port; it is stopped at the end."""
    found = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.asked[self.path] += 1
            page = found.pages.get(self.path, 404)
            if self.path != "/robots.txt" and any(
                self.headers.get(name) != value for name, value in found.wanted.items()
            ):
                page = 401
            body = page.encode() if isinstance(page, str) else b"<html>no</html>"
            self.send_response(200 if isinstance(page, str) else page)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    found.port = server.server_port
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
