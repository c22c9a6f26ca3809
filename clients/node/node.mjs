// What the scripts need of node: the command line, the recordings, the report.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOUNDS = ['question', 'long', 'interruption', 'weather'];

// The address of the server, with /v1 at its end, and the recordings: Int16Array by name.
export function given() {
  const [baseUrl, folder] = process.argv.slice(2);
  if (!folder) {
    console.error(`usage: node ${process.argv[1]} BASE_URL SOUNDS; see clients/run.py`);
    process.exit(2);
  }
  return { baseUrl: baseUrl.replace(/\/$/, ''), sounds: Object.fromEntries(SOUNDS.map((n) => [n, read(folder, n)])) };
}

// Recordings are WAV files as clients/run.py writes them: 44 bytes of header, then samples.
function read(folder, name) {
  const data = readFileSync(join(folder, `${name}.wav`));
  return new Int16Array(data.buffer.slice(data.byteOffset + 44, data.byteOffset + data.length));
}

// The version of an installed package.
export function version(name) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

// Prints what was seen as one JSON object and ends: with 1 when something was missing.
export function finish(report) {
  console.log(JSON.stringify(report));
  process.exit(report.missing.length ? 1 : 0);
}
