/**
 * How much a browser fetches before each view is there, and what of it weighs most. Fails above the limit.
 *
 *   npm run sizes
 */
import { gzipSync } from "node:zlib";
import { build } from "vite";

/**
 * Kilobytes of a first load, compressed. LiveKit's client comes only to those who enter a room, worklets to those who
 * talk; fonts are counted beside, as everything can be read and used before they are there.
 */
const LIMIT_KB = 150;
/** The module that shows each view. */
const VIEWS = { landing: "landing/main.tsx", talk: "views/main.tsx", watch: "watch/main.tsx", duel: "duel/main.tsx", flow: "flow/main.tsx", knowledge: "knowledge/main.tsx", health: "health/main.tsx" };
/** What is fetched later, if at all: letters that the pages do not show, and what handles sound. */
const LATER = /latin-ext|worklet/;
const FONT = /\.woff2$/;

const { output } = await build({ logLevel: "silent", build: { write: false } });
const files = new Map(output.map((file) => [file.fileName, file]));
const weights = new Map(output.map((file) => [file.fileName, weight(file)]));
const entry = output.find((file) => file.isEntry);

let isTooMuch = false;
for (const [view, module] of Object.entries(VIEWS)) {
  const chunk = output.find((file) => file.facadeModuleId?.endsWith(`/src/${module}`));
  if (!chunk) continue;
  const fetched = [...new Set([...fetchedWith(entry), ...fetchedWith(chunk), "index.html"])];
  const parts = fetched.map((name) => [name, weights.get(name)]).sort(([, a], [, b]) => b - a);
  const sum = (counts) => parts.filter(([name]) => FONT.test(name) === counts).reduce((all, [, size]) => all + size, 0);
  const total = sum(false);
  isTooMuch ||= total > LIMIT_KB * 1000;
  console.log(`${view.padEnd(8)} ${kilobytes(total)} of ${LIMIT_KB} KB, and ${kilobytes(sum(true)).trim()} of fonts`);
  for (const [name, size] of parts.filter(([, each]) => each > 2000)) console.log(`         ${kilobytes(size)} ${name}`);
}
if (isTooMuch) {
  console.error(`a first load may weigh ${LIMIT_KB} KB: fetch what is not shown at once when it is wanted, by import()`);
  process.exit(1);
}

/** The file with all that it imports, its styles, and the fonts and pictures of these. */
function fetchedWith(chunk, seen = new Set()) {
  if (seen.has(chunk.fileName)) return seen;
  seen.add(chunk.fileName);
  for (const name of chunk.imports) fetchedWith(files.get(name), seen);
  for (const name of [...chunk.viteMetadata.importedCss, ...chunk.viteMetadata.importedAssets]) {
    if (!LATER.test(name) && files.has(name)) seen.add(name);
    const styles = name.endsWith(".css") ? String(files.get(name).source) : "";
    for (const [, asset] of styles.matchAll(/url\("?(?:\.\/)?([^")]+)"?\)/g)) {
      const found = [...files.keys()].find((file) => file.endsWith(asset.split("/").at(-1)));
      if (found && !LATER.test(found)) seen.add(found);
    }
  }
  return seen;
}

/** Bytes on the wire. Fonts are compressed as they are. */
function weight(file) {
  const content = Buffer.from(file.type === "chunk" ? file.code : file.source);
  return FONT.test(file.fileName) ? content.length : gzipSync(content, { level: 9 }).length;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`.padStart(9);
}
