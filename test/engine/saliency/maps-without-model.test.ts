import { describe, expect, it } from 'vitest';
import { baselineOf } from '../../../src/engine/saliency/baseline';
import { reduceChannels } from '../../../src/engine/saliency/reduction';
import { valueAt } from '../../../src/shared/checked-reads';
import { analyticModel, maps } from './models';

const blank = (shape: readonly [number, number, number]) =>
  analyticModel({ shape, logits: () => [0], gradient: (x) => x });

describe('random', () => {
  const model = blank([4, 4, 3]);
  const draw = (indices: number[], seed = 0) =>
    maps(model, new Float32Array(indices.length * 48), 'random', {}, { indices, seed });

  it('is one uniform draw per image and seed, [N, H, W, 1]', async () => {
    const map = await draw([3, 9, 3]);
    expect(map).toHaveLength(3 * 16);
    expect(map.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(map.subarray(0, 16)).toEqual(map.subarray(32));
    expect(map.subarray(0, 16)).not.toEqual(map.subarray(16, 32));
    expect(await draw([9])).toEqual(map.slice(16, 32));
    expect(await draw([9], 1)).not.toEqual(map.slice(16, 32));
  });
});

describe('sobel', () => {
  it('is the gradient magnitude, worked by hand', async () => {
    // A step from 0 to 1 between columns 2 and 3: |g_x| = 1 + 2 + 1 beside it, g_y = 0.
    const step = Float32Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 0 : 1));
    const edges = await maps(blank([4, 4, 1]), step, 'sobel');
    expect([...edges]).toEqual(new Array(4).fill([0, 4, 4, 0]).flat());
    // One bright pixel in the middle of 3 x 3: corners see it at (1, 1): √(1 + 1); sides at 2; the
    // middle sees nothing. Borders repeat, so a corner also sees no more than its neighbours.
    const spot = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const around = await maps(blank([3, 3, 1]), spot, 'sobel');
    const corner = Math.fround(Math.SQRT2);
    expect([...around]).toEqual([corner, 2, corner, 2, 0, 2, corner, 2, corner]);
    const flat = await maps(blank([3, 5, 1]), new Float32Array(15).fill(0.7), 'sobel');
    expect(Math.max(...flat)).toBe(0);
  });

  it('takes the mean over channels, of bytes as of floats', async () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 0 : 255)).map((v) => v);
    const colour = Uint8Array.from([...bytes].flatMap((value) => [value, 0, 0]));
    const edges = await maps(blank([4, 4, 3]), colour, 'sobel');
    expect(edges).toHaveLength(16);
    expect(edges[1]).toBeCloseTo(4 / 3, 6);
  });
});

describe('baseline', () => {
  const shape = [2, 2, 2] as const;
  const image = Float32Array.of(1, 10, 2, 20, 3, 30, 4, 40);
  const input = { mean: [0.5, 0.25], std: [0.5, 0.25] };
  const of = (kind: Parameters<typeof baselineOf>[0]) => [...baselineOf(kind, image, shape, input)];

  it('zero, black, white and image-mean', () => {
    expect(of('zero')).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(of('black')).toEqual([-1, -1, -1, -1, -1, -1, -1, -1]);
    expect(of('white')).toEqual([1, 3, 1, 3, 1, 3, 1, 3]);
    expect(of('image-mean')).toEqual([2.5, 25, 2.5, 25, 2.5, 25, 2.5, 25]);
  });

  it('blur keeps constants and the mass of an inner spot, and is a Gaussian', () => {
    const size = [41, 41, 1] as const;
    const plain = { mean: [0], std: [1] };
    const constant = baselineOf('blur', new Float32Array(1681).fill(0.3), size, plain);
    expect(constant.every((value) => Math.abs(value - 0.3) < 1e-6)).toBe(true);
    const spot = new Float32Array(1681);
    spot[20 * 41 + 20] = 1;
    const blurred = baselineOf('blur', spot, size, plain);
    expect(blurred.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    const at = (dy: number, dx: number) => valueAt(blurred, (20 + dy) * 41 + 20 + dx);
    // Standard deviation a tenth of 41: exp(-d² / (2 · 4.1²)) at distance d.
    expect(at(3, 4) / at(0, 0)).toBeCloseTo(Math.exp(-25 / (2 * 4.1 ** 2)), 5);
    expect(at(-3, 4)).toBe(at(3, -4));
  });
});

describe('reduction', () => {
  it('takes channels together', () => {
    const map = Float32Array.of(1, -2, 0.5, -1, -3, 0);
    expect([...reduceChannels(map, 3, 'absolute')]).toEqual([3.5, 4]);
    expect([...reduceChannels(map, 3, 'signed')]).toEqual([-0.5, -4]);
    expect([...reduceChannels(map, 3, 'positive')]).toEqual([1.5, 0]);
    expect([...reduceChannels(map, 3, 'max-absolute')]).toEqual([2, 3]);
    expect([...reduceChannels(map, 1, 'absolute')]).toEqual([1, 2, 0.5, 1, 3, 0]);
  });

  it('keeps NaN for later to refuse', () => {
    for (const kind of ['absolute', 'signed', 'positive', 'max-absolute'] as const) {
      expect(reduceChannels(Float32Array.of(NaN, 1), 2, kind)[0]).toBeNaN();
    }
  });
});
