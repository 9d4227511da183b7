import { describe, expect, it } from 'vitest';
import { areaOf, combinedOf } from '../../../src/engine/metrics/curves';
import { type RoadOptions, roadSeries } from '../../../src/engine/metrics/road';
import { hitOf, probabilityOf, scoreSeries } from '../../../src/engine/saliency/score-series';
import { degradeByMaps } from '../../../src/engine/removal/degrade';
import { valueAt } from '../../../src/shared/checked-reads';
import { uniform } from '../support';
import { G, meanOfNine, ordersOf } from './toys';

const levels = [0, 1 / 3, 2 / 3];
const nine: RoadOptions = {
  images: G,
  shape: [3, 3, 1],
  input: { mean: [0], std: [1] },
  indices: [0],
  orders: ordersOf(G, 9),
  levels,
  keep: false,
  noise: 0,
  seed: 0,
};

async function scoresOf(options: RoadOptions) {
  const readings = [probabilityOf([0]), hitOf([0])];
  const [p, hits] = await scoreSeries(roadSeries(options), meanOfNine, readings);
  return { p: [...(p ?? [])], hits: [...(hits ?? [])] };
}

function imageAt(options: RoadOptions, image: number, step: number) {
  const series = roadSeries(options);
  const into = new Float32Array(series.size);
  series.write(image, step, into);
  return into;
}

describe('ROAD', () => {
  it('has the curves, areas and hits of an image of nine pixels', async () => {
    const morf = await scoresOf(nine);
    const lerf = await scoresOf({ ...nine, keep: true });
    [0.5, 0.268941, 0.047426].forEach((value, l) => expect(morf.p[l]).toBeCloseTo(value, 6));
    [0.5, 0.731059, 0.952574].forEach((value, l) => expect(lerf.p[l]).toBeCloseTo(value, 6));
    expect(areaOf(levels, morf.p)).toBeCloseTo(0.180885, 6);
    expect(areaOf(levels, lerf.p)).toBeCloseTo(0.485782, 6);
    expect(combinedOf(levels, morf.p, lerf.p)).toBeCloseTo(0.341816, 6);
    // Of two equal logits the first counts.
    expect(morf.hits).toEqual([1, 0, 0]);
    expect(lerf.hits).toEqual([1, 1, 1]);
  });

  it('says nothing of an order where no level removes any', () => {
    expect(combinedOf([0], [0.5], [0.5])).toBeNull();
  });

  const shape = [8, 6, 3] as const;
  const images = uniform(2 * 144, 1);
  const maps = uniform(2 * 48, 2);
  const colour: RoadOptions = {
    images,
    shape,
    input: { mean: [0.1, 0.2, 0.3], std: [0.5, 1, 2] },
    indices: [4, 9],
    orders: ordersOf(maps, 48, [4, 9]),
    levels: [0, 0.5, 1],
    keep: false,
    noise: 0.01,
    seed: 3,
  };
  const plain = { ...colour, input: { mean: [0, 0, 0], std: [1, 1, 1] } };

  it('fills to the bit as the fill of training does, in colour too', () => {
    [0.5, 1].forEach((level, l) => {
      const filled = degradeByMaps({
        ...{ images, shape, indices: [4, 9], maps, level, seed: 3 },
        fill: 'noisy-linear',
      }).images;
      for (const image of [0, 1]) {
        const expected = filled.subarray(image * 144, (image + 1) * 144);
        expect(imageAt(plain, image, l + 1)).toEqual(expected);
      }
    });
    expect(imageAt(plain, 1, 0)).toEqual(images.subarray(144));
  });

  it('takes the first of the order or the last, and draws a location’s noise once for all', () => {
    const noiseOf = (keep: boolean, step: number) => {
      const noisy = imageAt({ ...plain, keep }, 0, step);
      const clean = imageAt({ ...plain, keep, noise: 0 }, 0, step);
      return noisy.map((value, i) => value - valueAt(clean, i));
    };
    const all = noiseOf(false, 2);
    for (const keep of [false, true]) {
      const half = noiseOf(keep, 1);
      const removed = [...half.keys()].filter((i) => half[i] !== 0);
      expect(removed).toHaveLength(72);
      for (const i of removed) expect(half[i]).toBeCloseTo(valueAt(all, i), 6);
      const places = new Set(removed.map((i) => Math.floor(i / 3)));
      const order = [...colour.orders.subarray(0, 48)];
      expect(places).toEqual(new Set(keep ? order.slice(24) : order.slice(0, 24)));
    }
  });

  it('adds its noise to pixels, which are normalised afterwards', () => {
    const pixels = imageAt(plain, 0, 1);
    const seen = imageAt(colour, 0, 1);
    seen.forEach((value, i) => {
      const c = i % 3;
      const { mean, std } = colour.input;
      expect(value).toBeCloseTo((valueAt(pixels, i) - valueAt(mean, c)) / valueAt(std, c), 5);
    });
  });

  it('has the image’s mean where nothing is left', () => {
    const means = imageAt({ ...plain, noise: 0 }, 0, 2).subarray(0, 3);
    [0, 1, 2].forEach((c) => {
      const own = images.subarray(0, 144).filter((_, i) => i % 3 === c);
      expect(means[c]).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / 48, 6);
    });
  });
});
