import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toWire } from '../../src/shared/arrays';
import { holdsBytes, packFrame, unpackFrame } from '../../src/shared/packed-frame';
import { replyMessage } from '../../src/shared/reply-text';

const pixels = toWire({ shape: [2, 3], data: new Uint8Array([0, 255, 123, 125, 34, 92]) });
const answer = { type: 'answer', id: 7, output: { indices: [4, 5], pixels } } as const;

/** Anything that JSON holds, and bytes in it. */
const output = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  ),
  value: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(fc.record({ inner: tie('value') }), { maxLength: 4 }),
    fc.array(fc.integer(), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ maxLength: 6 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

describe('a frame with pixels', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(output, (anything) => {
        const frame = { type: 'answer', id: 1, output: anything } as const;
        expect(unpackFrame(packFrame(frame).buffer)).toEqual(frame);
      }),
    );
  });

  it('carries them as bytes, and each once', () => {
    const packed = packFrame(answer);
    const header = new DataView(packed.buffer).getUint32(0, true);
    expect([...packed.subarray(4 + header)]).toEqual([...pixels.data]);
    const text = new TextDecoder().decode(packed.subarray(4, 4 + header));
    expect(JSON.parse(text).frame.output.pixels).toEqual({ ...pixels, data: null });
  });

  it('is none where it is damaged: too short, too long, or with bytes that have no place', () => {
    const packed = packFrame(answer);
    for (let length = 0; length < packed.length; length += 1) {
      expect(unpackFrame(packed.slice(0, length).buffer)).toBeUndefined();
    }
    expect(unpackFrame(new Uint8Array([...packed, 0]).buffer)).toBeUndefined();
    for (const path of [
      [],
      ['frame'],
      ['output', 'x'],
      ['output', '__proto__'],
      ['type', 'length'],
    ]) {
      const text = JSON.stringify({ frame: answer, pieces: [{ path, bytes: 0 }] });
      const header = new TextEncoder().encode(text);
      const made = new Uint8Array(4 + header.length);
      new DataView(made.buffer).setUint32(0, header.length, true);
      made.set(header, 4);
      expect(unpackFrame(made.buffer), path.join('.')).toBeUndefined();
    }
  });

  it('travels as bytes alone where there are any', () => {
    expect(holdsBytes(answer)).toBe(true);
    expect(replyMessage(answer)).toEqual(packFrame(answer));
    const plain = { type: 'answer', id: 7, output: { indices: [1, 2] } } as const;
    expect(replyMessage(plain)).toBe(JSON.stringify(plain));
  });

  it('is a failure under its id where an answer is too long', () => {
    expect(JSON.parse(String(replyMessage(answer, 100)))).toMatchObject({ type: 'failure', id: 7 });
  });
});
