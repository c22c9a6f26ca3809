import type { AudioFrame } from "../wire";

/** Frames of one turn out of PCM16 bytes that come in pieces of any length. Pure. */
export class PcmStream {
  /** The first byte of a sample whose second has not come. */
  private half: number | null = null;

  constructor(
    readonly turn: number,
    /** Samples of the turn before the next one. */
    public offset = 0,
  ) {}

  /** The whole samples that the piece completes; null where it completes none. */
  push(piece: Uint8Array): AudioFrame | null {
    const bytes = this.half === null ? piece : joined(this.half, piece);
    const count = Math.floor(bytes.length / 2);
    this.half = bytes.length % 2 ? bytes[bytes.length - 1]! : null;
    if (!count) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, count * 2);
    const samples = new Int16Array(count);
    for (let i = 0; i < count; i++) samples[i] = view.getInt16(2 * i, true);
    const frame = { turn: this.turn, offset: this.offset, samples };
    this.offset += count;
    return frame;
  }
}

function joined(first: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + rest.length);
  bytes[0] = first;
  bytes.set(rest, 1);
  return bytes;
}
