import { expect, it } from 'vitest';
import { methodId } from '../../../src/main/cli/methods';
import { importedMethodId, shortMethodId } from '../../../src/shared/catalogue/methods';

const imported = (digits: string) => importedMethodId(`imported-${digits.padEnd(64, '0')}`);
const known = [
  { id: 'sobel' },
  { id: 'composed-smooth-guided' },
  { id: imported('abcd1234') },
  { id: imported('abcd9') },
];
const found = (wanted: string) => methodId(known, wanted, '--methods');

it('a method is named by its id, imported maps by as much of it as no other has', () => {
  expect(found('sobel')).toBe('sobel');
  expect(found(imported('abcd9'))).toBe(imported('abcd9'));
  expect(found('imported-abcd1')).toBe(imported('abcd1234'));
  expect(found(shortMethodId(imported('abcd9')))).toBe(imported('abcd9'));
  // Of the others a beginning is another name.
  expect(() => found('composed-smooth')).toThrow(
    '--methods is "composed-smooth"; accepted: an id:',
  );
  expect(() => found('imported-abc')).toThrow('accepted: an id: sobel, ');
  expect(() => found('imported-ffff')).toThrow('imported-abcd123400000000');
  const both = `${imported('abcd1234')} and ${imported('abcd9')}`;
  expect(() => found('imported-abcd')).toThrow(both.slice(0, 30));
});
