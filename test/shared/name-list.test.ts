import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownName, quoteName, someNames, splitNames } from '../../src/shared/name-list';

describe('a list of names', () => {
  it.each<[string, string[] | null]>([
    ['a,b', ['a', 'b']],
    [' a , ,b,', ['a', 'b']],
    ['', []],
    [' , ', []],
    ['"Smith, J",Bob', ['Smith, J', 'Bob']],
    [' "Smith, J" , Bob ', ['Smith, J', 'Bob']],
    ['"say ""x"", y"', ['say "x", y']],
    ['5" disc,b', ['5" disc', 'b']],
    ['"  kept  "', ['  kept  ']],
    ['integrate(smooth(guided)),sobel', ['integrate(smooth(guided))', 'sobel']],
    ['"open', null],
    [' "open', null],
    ['a,"b" c', null],
  ])('%j is read as %j', (text, names) => {
    expect(splitNames(text)).toEqual(names);
  });

  it('gives back whatever names were quoted for it', () => {
    const name = fc.string({ minLength: 1, unit: 'binary' });
    fc.assert(
      fc.property(fc.array(name), (names) => {
        expect(splitNames(names.map(quoteName).join(','))).toEqual(names);
      }),
    );
  });

  it('knows a name by its spelling, or else by its letters alone', () => {
    expect(knownName('a', ['A', 'a'])).toBe('a');
    expect(knownName('R7', ['r7'])).toBe('r7');
    expect(knownName('rX', ['rx', 'Rx'])).toBeNull();
    expect(knownName('b', ['a'])).toBeNull();
  });

  it('says the first of many, and how many more', () => {
    expect(someNames(['Smith, J', 'Bob'])).toBe('"Smith, J", Bob');
    const thousand = Array.from({ length: 1012 }, (_, i) => `R${i}`);
    expect(someNames(thousand)).toBe(
      'R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11 and 1,000 more',
    );
    expect(someNames([])).toBe('');
  });
});
