import { describe, expect, test } from 'vitest';
import { splitCells, splitCellsByParts } from '../../../../../src/main/core/export/csv/cells';

describe('cells of a long text, some lines at a time', () => {
  const line = (i: number) =>
    i % 7 === 0 ? `"a, ""${i}""",4.0\r\n` : `${'x'.repeat(i % 90)},"4.0"\n`;
  const lines = Array.from({ length: 9000 }, (_, i) => (i % 11 === 3 ? '\n' : line(i)));
  const text = lines.join('');

  test('are those of the text as a whole, line by line', () => {
    expect(text.length).toBeGreaterThan(2 ** 18);
    expect([...splitCellsByParts(text, ',')]).toEqual(splitCells(text, ','));
    for (const short of ['', 'a', 'a\n', '\n\na,b']) {
      expect([...splitCellsByParts(short, ',')]).toEqual(splitCells(short, ','));
    }
  });

  test('are refused with the line of the text', () => {
    const wrong = `${text}a"b,c\n`;
    const said = (read: () => unknown) => {
      try {
        return read();
      } catch (error) {
        return String(error);
      }
    };
    expect(said(() => [...splitCellsByParts(wrong, ',')])).toContain('Line 9001 has a quote');
    expect(said(() => splitCells(wrong, ','))).toContain('Line 9001 has a quote');
  });
});
