import { describe, expect, it } from 'vitest';
import { keepUpTo } from '../../../../../src/main/core/studies/design/keep-up-to';

const keeper = () => keepUpTo<{ size: number }>(10, ({ size }) => size);

describe('values kept by their last use', () => {
  it('go when there is no room, the ones not used for longest first', () => {
    const kept = keeper();
    for (const name of ['a', 'b', 'c']) kept.set(name, { size: 3 });
    expect(kept.get('a')).toEqual({ size: 3 });
    kept.set('d', { size: 4 });
    expect([...kept.keys()].sort()).toEqual(['a', 'c', 'd']);
  });

  it('are replaced under the same key, and stay however large when they are the newest', () => {
    const kept = keeper();
    kept.set('a', { size: 8 });
    kept.set('a', { size: 9 });
    expect(kept.get('a')).toEqual({ size: 9 });
    kept.set('b', { size: 50 });
    expect([kept.peek('a'), kept.peek('b')]).toEqual([undefined, { size: 50 }]);
    kept.delete('b');
    kept.set('a', { size: 10 });
    expect(kept.get('a')).toEqual({ size: 10 });
    kept.set('nothing', { size: 0 });
    expect([...kept.keys()]).toEqual(['nothing']);
  });
});
