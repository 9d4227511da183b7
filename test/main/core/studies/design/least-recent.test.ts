import { describe, expect, it } from 'vitest';
import { LeastRecent } from '../../../../../src/main/core/studies/design/least-recent';

describe('values kept by their last use', () => {
  it('go when there is no room, the ones not used for longest first', () => {
    const kept = new LeastRecent<string>(10);
    for (const name of ['a', 'b', 'c']) kept.put(name, name, 3);
    expect(kept.get('a')).toBe('a');
    kept.put('d', 'd', 4);
    expect(['a', 'b', 'c', 'd'].map((name) => kept.peek(name))).toEqual([
      ...['a', undefined, 'c', 'd'],
    ]);
  });

  it('are replaced under the same key, and stay however large when they are the newest', () => {
    const kept = new LeastRecent<number>(10);
    kept.put('a', 1, 8);
    kept.put('a', 2, 9);
    expect(kept.get('a')).toBe(2);
    kept.put('b', 3, 50);
    expect([kept.peek('a'), kept.peek('b')]).toEqual([undefined, 3]);
    kept.drop('b');
    kept.put('a', 4, 10);
    expect(kept.get('a')).toBe(4);
  });
});
