import { describe, expect, it } from 'vitest';
import { arithmeticOn } from '../../../src/engine/runtime/arithmetic';

describe('what of an engine’s arithmetic is not the first', () => {
  const added = {
    operators: [{ id: 'smooth', version: 3 }, { id: 'gradient' }],
    metrics: [{ id: 'smooth', version: 2 }],
  };

  it('tells the versions of operators and metrics on every device, those of networks on ours', () => {
    const own = { 'operator smooth': 3, 'metric smooth': 2 };
    expect(arithmeticOn('cpu', { resnet18: 3 }, added)).toMatchObject({ resnet18: 3, ...own });
    expect(arithmeticOn('cuda', { resnet18: 3 }, added)).toMatchObject(own);
    expect(arithmeticOn('cuda', { resnet18: 3 }, added)).not.toHaveProperty('resnet18');
  });

  it('is refused where two have one name', () => {
    for (const device of ['cpu', 'cuda'] as const) {
      expect(() => arithmeticOn(device, { probability: 2 }, added)).toThrow(
        'two arithmetics are called probability',
      );
    }
  });
});
