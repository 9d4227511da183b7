import { afterAll, describe, expect, it } from 'vitest';
import { Flatten } from '../../../src/engine/models/layers/flatten';
import { Linear } from '../../../src/engine/models/layers/linear';
import { Network } from '../../../src/engine/models/network';
import { valueAt } from '../../../src/shared/checked-reads';
import { maps, runtime } from './models';

/**
 * Logits (4 x1 + 3 x2 + 2 x3 + x4 - 5, 0), so that the first class's probability is sigmoid(f - 5),
 * times `sure`.
 */
function sigmoid(sure: number): Network {
  const { kernels } = runtime;
  const linear = new Linear(kernels, 'out', { inputs: [4], outputs: 2 });
  linear.parameters[0]?.write(Float32Array.of(4, 3, 2, 1, 0, 0, 0, 0).map((w) => w * sure));
  linear.parameters[1]?.write(Float32Array.of(-5 * sure, 0));
  return new Network(
    kernels,
    {
      architecture: 'mnist-cnn',
      inputShape: [1, 4, 1],
      classes: 2,
      layers: [new Flatten('flatten'), linear],
    },
    { mean: [0], std: [1] },
  );
}

const ones = new Float32Array(4).fill(1);
const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
const p = (z: number) => 1 / (1 + Math.exp(-z));

describe('completeness of a probability', () => {
  const network = sigmoid(1);
  const sure = sigmoid(10);
  afterAll(() => {
    network.dispose();
    sure.dispose();
  });
  // Worked by hand: |sum of a - (p(x) - p(0))| with p(x) = sigmoid(5), p(0) = sigmoid(-5).
  it.each([
    ['times-input(gradient)', {}, 0.920134],
    ['integrate(gradient)', { steps: 5 }, 0.033798],
    ['integrate(gradient)', { steps: 5, quadrature: 'midpoint' }, 0.004011],
    ['integrate(gradient)', { steps: 5, quadrature: 'riemann-right' }, 0.006164],
  ] as const)('%s %o', async (composition, parameters, expected) => {
    const map = await maps(network, ones, composition, { ...parameters, score: 'probability' });
    expect(Math.abs(sum(map) - (p(5) - p(-5)))).toBeCloseTo(expected, 6);
  });

  it('holds for the logarithm, whose difference is 50 here', async () => {
    const map = await maps(sure, ones, 'integrate(gradient)', {
      score: 'log-probability',
      steps: 500,
    });
    // log p(0) is -50, and log p(x) -2e-22.
    expect(sum(map)).toBeCloseTo(50, 2);
  });

  it('multiplies the input by a gradient of 2e-21, where float32 rounds 1 - p to 0', async () => {
    const map = await maps(sure, ones, 'times-input(gradient)', { score: 'probability' });
    const slope = Math.exp(-50);
    [40, 30, 20, 10].forEach((weight, i) => {
      expect(valueAt(map, i) / (weight * slope)).toBeCloseTo(1, 6);
    });
  });
});
