/** The built page, as files. */
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const STATIC = fileURLToPath(new URL("../../src/antiphon/hosts/static/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Addresses of views: the same page, which looks at them. */
const VIEWS = ["/", "/watch", "/flow", "/knowledge", "/health"];

/** Answers with the file at `path`, or that there is none. */
export async function giveFile(path, response) {
  const file = normalize(join(STATIC, VIEWS.includes(path) ? "index.html" : path));
  try {
    if (!file.startsWith(STATIC)) throw new Error("outside");
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": "default-src 'self'; connect-src 'self' ws: wss:",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
