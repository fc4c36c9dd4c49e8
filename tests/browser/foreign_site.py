"""A web site that is not ours, and what its pages try."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = "MAP *.example 127.0.0.1"
"""Rule of Chromium's resolver: all names lead here, as their owner could make them."""

ATTACKS = """
async ({ base, job }) => {
  const json = JSON.stringify({ type: "generate_relics", payload: { theme: "stolen" } });
  const read = [];
  const frame = document.createElement("iframe");
  frame.name = "sink";
  document.body.append(frame);
  const attempt = async (name, action) => {
    try { if (await action()) read.push(name); } catch { /* blocked */ }
  };
  const send = (path, options) => fetch(base + path, { credentials: "include", ...options });
  const changes = [["/jobs", json], [`/jobs/${job}/cancel`], [`/jobs/${job}/retry`],
    [`/jobs/${job}/seen`], ["/jobs/cleanup", "{}"], ["/keys", '{"name":"x","role":"admin"}']];
  for (const [path, body] of changes) {
    for (const mode of ["cors", "no-cors"]) {
      await attempt(`${mode} POST ${path}`, async () =>
        (await send(path, { method: "POST", mode, body })).ok);
    }
    await attempt(`JSON POST ${path}`, async () => (await send(path, {
      method: "POST", body, headers: { "Content-Type": "application/json" } })).ok);
    navigator.sendBeacon(base + path, body ?? "");
    for (const enctype of ["text/plain", "application/x-www-form-urlencoded",
      "multipart/form-data"]) {
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", action: base + path, enctype, target: "sink" });
      if (body) {
        const input = document.createElement("input");
        input.name = body.replace("}}", '},"metadata":{"');
        input.value = '":"x"}}';
        form.append(input);
      }
      document.body.append(form);
      const loaded = new Promise((resolve) => { frame.onload = resolve; });
      form.submit();
      await loaded;
    }
  }
  for (const method of ["DELETE", "PUT"]) {
    await attempt(method, async () => (await send(`/jobs/${job}`, { method, body: json })).ok);
  }
  for (const path of ["/jobs", `/jobs/${job}`, "/usage", "/system"]) {
    await attempt(`GET ${path}`, async () => (await send(path)).ok);
    await attempt(`key GET ${path}`, async () =>
      (await send(path, { headers: { Authorization: "Bearer guess" } })).ok);
  }
  const loads = (tag, attributes) => new Promise((resolve) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
    document.body.append(element);
  });
  await attempt("img", () => loads("img", { src: `${base}/jobs/${job}` }));
  await attempt("script", () => loads("script", { src: `${base}/jobs` }));
  await attempt("style", () =>
    loads("link", { rel: "stylesheet", href: `${base}/jobs` }));
  await attempt("frame", async () => {
    const inner = Object.assign(document.createElement("iframe"), { src: `${base}/jobs/${job}` });
    const loaded = new Promise((resolve) => { inner.onload = resolve; });
    document.body.append(inner);
    await loaded;
    return inner.contentDocument.body.innerText.includes("theme");
  });
  await attempt("EventSource", () => new Promise((resolve) => {
    const source = new EventSource(`${base}/events`, { withCredentials: true });
    source.onmessage = () => resolve(true);
    source.onopen = () => resolve(true);
    source.onerror = () => { source.close(); resolve(false); };
  }));
  const sandboxed = new Promise((resolve) => {
    addEventListener("message", (event) => resolve(event.data), { once: true });
  });
  const opaque = document.createElement("iframe");
  opaque.sandbox = "allow-scripts allow-forms";
  opaque.srcdoc = `<script>(async () => {
    let ok = false;
    for (const path of ["/jobs", "/jobs/${job}/cancel"]) {
      try {
        const body = path === "/jobs" ? ${JSON.stringify(json)} : "";
        await fetch(${JSON.stringify(base)} + path, { method: "POST", mode: "no-cors", body });
        ok = (await fetch(${JSON.stringify(base)} + path, { method: "POST", body })).ok || ok;
      } catch {}
    }
    parent.postMessage(ok, "*");
  })()</scr` + `ipt>`;
  document.body.append(opaque);
  await attempt("null origin", () => sandboxed);
  return read;
}
"""
"""Returns the names of attempts that read something; changes show on the server."""


class Page(BaseHTTPRequestHandler):
    """Answers every path with an empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title><body>")

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


@contextmanager
def foreign_site() -> Iterator[int]:
    """Runs it; yields its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
