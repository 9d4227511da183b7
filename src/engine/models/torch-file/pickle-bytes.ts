import { type Damaged } from './problems';

/** The bytes of a pickle, read from one place on; nothing is taken before it is known to be there. */
export class PickleBytes {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #damaged: Damaged;

  constructor(bytes: Uint8Array, at: number, damaged: Damaged) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.#damaged = damaged;
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** A number that may be rounded: a length is beyond the file long before. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Big-endian, as pickles have it. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  text(length: number): string {
    return this.#decode(this.bytes(length));
  }

  /** Up to the next line break, which is passed. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.#ended();
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** Throws unless so many bytes are there; they stay where they are. */
  reach(length: number): void {
    const { at } = this;
    this.#take(length);
    this.at = at;
  }

  /** Whether a text stands anywhere from here on. */
  holds(text: string): boolean {
    const { buffer, byteOffset, length } = this.#bytes;
    return Buffer.from(buffer, byteOffset, length).indexOf(text, this.at, 'latin1') >= 0;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.#damaged('its pickle has a text that is not UTF-8');
    }
  }

  #take(length: number): number {
    if (length < 0) throw this.#damaged(`its pickle states a length of ${length} bytes`);
    const from = this.at;
    if (from + length > this.#bytes.length) throw this.#ended();
    this.at = from + length;
    return from;
  }

  #ended(): Error {
    return this.#damaged('its pickle ends before its last step: the file was truncated');
  }
}
