"""Release archives as install.sh expects them, and a server on 127.0.0.1 that serves them well or badly."""

import hashlib
import http.server
import io
import socket
import tarfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-musl"
ARCHIVE = f"datakit-inject-{TARGET}.tar.gz"
# Below the share folder: what of the project is installed there.
SHARE = {
    "bash-completion/completions/datakit-inject": "completions/datakit-inject.bash",
    "zsh/site-functions/_datakit-inject": "completions/_datakit-inject",
    "fish/vendor_completions.d/datakit-inject.fish": "completions/datakit-inject.fish",
    "man/man1/datakit-inject.1": "docs/datakit-inject.1",
}


def program(version="9.9.9"):
    return f"#!/bin/sh\necho 'datakit-inject {version}'\n".encode()


def archive(binary, leave_out=""):
    """A release archive: the program, its completions and its manual page."""
    files = {"datakit-inject": binary}
    for path in SHARE.values():
        files[path] = (ROOT / path).read_bytes()
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as tar:
        for path, content in files.items():
            if path == leave_out:
                continue
            entry = tarfile.TarInfo(f"datakit-inject-{TARGET}/{path}")
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return written.getvalue()


GOOD = archive(program())


class Releases(http.server.BaseHTTPRequestHandler):
    """Serves `files`; a file in `cut` ends in the middle, one in `hang` stops there and waits."""

    files, cut, hang, asked = {}, {}, set(), []
    gone = threading.Event()

    def do_GET(self):
        Releases.asked.append(self.path)
        content = Releases.files.get(self.path)
        if content is None:
            return self.send_error(404)
        self.send_response(200)
        if Releases.cut.get(self.path) != "without length":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.path not in Releases.cut and self.path not in Releases.hang:
            return self.wfile.write(content)
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        if self.path in Releases.hang:
            self.connection.settimeout(20)
            # An empty read is the other side's end of the connection.
            if self.connection.recv(1) == b"":
                Releases.gone.set()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_):
        pass


def publish(content=GOOD, checksum=None, version=None):
    """Puts an archive and its checksum on the server, and nothing else."""
    folder = f"/releases/download/v{version}/" if version else "/releases/latest/download/"
    line = f"{hashlib.sha256(content).hexdigest()}  {ARCHIVE}\n".encode()
    Releases.files = {folder + ARCHIVE: content, folder + ARCHIVE + ".sha256": line if checksum is None else checksum}
    Releases.cut, Releases.hang, Releases.asked = {}, set(), []
    Releases.gone.clear()
    return folder + ARCHIVE


def serve():
    """Starts the server; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Releases)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
