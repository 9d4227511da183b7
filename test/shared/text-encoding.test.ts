import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText, splitLines } from '../../src/shared/text-encoding';
import { csvFixture, encoders } from '../fixtures/csv';

const refused = (message: RegExp, details: unknown = {}) =>
  expect.objectContaining({
    data: expect.objectContaining({
      code: 'invalid-input',
      field: 'encoding',
      message: expect.stringMatching(message) as string,
      details,
    }) as unknown,
  });

describe('the text of a file', () => {
  it('is the same from UTF-8, UTF-16 and, where that is chosen, Windows-1252', () => {
    const { text, encoding, notes } = readText(csvFixture('labels-utf8.csv'));
    expect([encoding, notes]).toEqual(['utf-8', []]);
    expect(text).toContain('Pilot,mnist,0,smoothgrad,visual-coherence,Jörg,Very Low\r\n');
    expect(readText(csvFixture('labels-utf16.csv'))).toEqual({
      ...{ text, encoding: 'utf-16le', notes: [] },
    });
    expect(readText(csvFixture('labels-cp1252.csv'), 'windows-1252')).toEqual({
      ...{ text, encoding: 'windows-1252', notes: [] },
    });
  });

  it('comes back whatever is in it, with a mark and without', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 6 });
    const words = fc.array(cell, { minLength: 1, maxLength: 8 }).map((cells) => cells.join(','));
    const lines = fc.array(words, { maxLength: 8 });
    fc.assert(
      fc.property(lines, fc.constantFrom(...Object.keys(encoders)), (rows, name) => {
        const text = ['study,rater', ...rows, ''].join('\n').replaceAll(/[\0\ufffd\ufeff]/g, '');
        const read = readText(encoders[name]?.(text) ?? new Uint8Array());
        expect(read).toEqual({ text, encoding: name.replace(' marked', ''), notes: [] });
      }),
      { numRuns: 300 },
    );
  });

  it('of Windows-1252 has all its characters, and none where it has none', () => {
    const bytes = Uint8Array.from({ length: 255 }, (_, i) => i + 1).filter(
      (byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte),
    );
    const { text } = readText(bytes, 'windows-1252');
    expect(text.slice(0x7f, 0x7f + 27)).toBe('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');
    expect(text.slice(0x7f + 27)).toBe(
      String.fromCharCode(...Array.from({ length: 96 }, (_, i) => 0xa0 + i)),
    );
    for (const byte of [0x81, 0x8d, 0x8f, 0x90, 0x9d]) {
      const file = Uint8Array.of(0x61, 0x0a, byte);
      expect(() => readText(file, 'windows-1252')).toThrow(refused(/not Windows-1252/));
      // It is not offered either.
      const named = byte.toString(16).toUpperCase();
      expect(() => readText(file)).toThrow(
        refused(
          new RegExp(`byte ${named} in line 2.*nor Windows-1252, which has no byte ${named}`),
        ),
      );
    }
  });

  it('is never taken for Windows-1252: the lines that tell are shown as it would be read', () => {
    const line = (image: number, question: string, label: string) =>
      `Pilot,mnist,${image},smoothgrad,${question},Jörg,${label}`;
    expect(() => readText(csvFixture('labels-cp1252.csv'))).toThrow(
      refused(/not UTF-8 or UTF-16 \(byte F6 in line 2\).*may be Windows-1252.*Nothing was/, {
        encoding: 'windows-1252',
        'line 2': line(0, 'visual-coherence', 'Very Low'),
        'line 3': line(0, 'edge-differentiation', 'Low'),
        'line 4': line(1, 'visual-coherence', 'Low'),
      }),
    );
    const long = Buffer.from(`${'x'.repeat(500)}\u00e9${'y'.repeat(500)}`, 'latin1');
    expect(() => readText(long)).toThrow(
      refused(/Windows-1252/, {
        encoding: 'windows-1252',
        'line 1': `…${'x'.repeat(60)}é${'y'.repeat(59)}…`,
      }),
    );
    const chosen = readText(encoders['utf-8']?.('Jörg') ?? new Uint8Array(), 'windows-1252');
    expect(chosen).toEqual({
      ...{ text: 'JÃ¶rg', encoding: 'windows-1252' },
      notes: [expect.stringContaining('whole UTF-8')],
    });
  });

  it('holds no character that was lost, and is text', () => {
    const file = (text: string) => new TextEncoder().encode(text);
    expect(() => readText(file('a\r\nJ\ufffdrg\r\n'))).toThrow(refused(/line 2 holds U\+FFFD/));
    expect(() => readText(Buffer.from('a,b\nJ\ufffdrg\n', 'utf16le'))).toThrow(
      refused(/line 2 holds U\+FFFD/),
    );
    expect(() => readText(file('study,rater\nsome,more\0text\n'))).toThrow(
      refused(/line 2 holds a zero byte/),
    );
    // Half a pair of UTF-16, and half a unit.
    expect(() => readText(Uint8Array.of(0xff, 0xfe, 0x3d, 0xd8))).toThrow(refused(/not UTF-8/));
    expect(() => readText(Uint8Array.of(0xff, 0xfe, 0x00))).toThrow(refused(/not UTF-8/));
    expect(() => readText(file('PK\u0003\u0004 and more'))).toThrow(
      refused(/spreadsheet \(\.xlsx/),
    );
    expect(() => readText(Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0))).toThrow(
      refused(/UTF-32/),
    );
    expect(() => readText(csvFixture('labels-utf16.csv'), 'windows-1252')).toThrow(
      refused(/begins with the mark of UTF-16 \(little-endian\).*cannot be Windows-1252/),
    );
    expect(() => readText(Uint8Array.of(0x61, 0xe9), 'utf-8')).toThrow(refused(/not UTF-8/));
    expect(readText(new Uint8Array())).toEqual({ text: '', encoding: 'utf-8', notes: [] });
  });

  it('has lines whatever system wrote it', () => {
    expect(splitLines('a\nb\r\nc\rd\n')).toEqual(['a', 'b', 'c', 'd']);
    expect(splitLines('a\n\nb')).toEqual(['a', '', 'b']);
    expect(splitLines('')).toEqual([]);
  });
});
