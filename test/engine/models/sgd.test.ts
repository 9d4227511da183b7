import { beforeAll, describe, expect, test } from 'vitest';
import { createOptimiser } from '../../../src/engine/models/create-optimiser';
import { Parameter, plainLayout } from '../../../src/engine/models/parameter';
import { Sgd, type SgdOptions } from '../../../src/engine/models/sgd';
import type { Runtime } from '../../../src/engine/runtime/load';
import { testRuntime } from '../support';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

/** p after each step with gradients that are given, from p = (1, -2). */
async function run(options: SgdOptions, gradients: number[][], rates?: number[]) {
  const { tf, kernels } = runtime;
  const before = tf.memory().numTensors;
  const parameter = new Parameter(kernels, plainLayout('p', [2], 1));
  parameter.write(Float32Array.of(1, -2));
  const optimiser = new Sgd(kernels, [parameter], options);
  const seen: number[][] = [];
  for (const [step, values] of gradients.entries()) {
    const gradient = tf.tensor1d(values);
    const learningRate = rates?.[step];
    if (learningRate !== undefined) optimiser.set({ learningRate });
    optimiser.apply(new Map([[parameter, gradient]]));
    gradient.dispose();
    seen.push([...(await parameter.read())]);
  }
  optimiser.dispose();
  parameter.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return seen;
}

function close(seen: number[][], expected: number[][]): void {
  expect(seen).toHaveLength(expected.length);
  seen.forEach((values, step) =>
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[step]?.[i] ?? NaN, 6)),
  );
}

test('what was read before a step stays what it was', async () => {
  const { tf, kernels } = runtime;
  const parameter = new Parameter(kernels, plainLayout('p', [2], 1));
  parameter.write(Float32Array.of(1, -2));
  const optimiser = new Sgd(kernels, [parameter], { learningRate: 0.1, momentum: 0.5 });
  const gradient = tf.tensor1d([1, 2]);
  const moments: unknown[] = [];
  const seen = [parameter.value.dataSync(), await parameter.read()];
  for (let step = 0; step < 2; step += 1) {
    optimiser.apply(new Map([[parameter, gradient]]));
    moments.push((await optimiser.read()).moments);
  }
  expect(seen).toEqual([Float32Array.of(1, -2), Float32Array.of(1, -2)]);
  expect(moments[0]).not.toEqual(moments[1]);
  gradient.dispose();
  optimiser.dispose();
  parameter.dispose();
});

describe('SGD, worked by hand', () => {
  const gradients = [
    [1, 2],
    [-1, 0],
  ];

  test('plain: p - 0.1 g', async () => {
    close(await run({ learningRate: 0.1 }, gradients), [
      [0.9, -2.2],
      [1, -2.2],
    ]);
  });

  test('momentum 0.5: v = (1, 2), then (-0.5, 1)', async () => {
    close(await run({ learningRate: 0.1, momentum: 0.5 }, gradients), [
      [0.9, -2.2],
      [0.95, -2.3],
    ]);
  });

  test("Nesterov's: g + 0.5 v = (1.5, 3), then (-1.25, 0.5)", async () => {
    close(await run({ learningRate: 0.1, momentum: 0.5, nesterov: true }, gradients), [
      [0.85, -2.3],
      [0.975, -2.35],
    ]);
  });

  test('decay 0.1 is added to the gradient before momentum, by the parameter as it stands', async () => {
    // g + 0.1 p = (1.1, 1.8); p = (0.89, -2.18); then g + 0.1 p = (-0.911, -0.218), v = (-0.361, 0.682).
    close(await run({ learningRate: 0.1, momentum: 0.5, weightDecay: 0.1 }, gradients), [
      [0.89, -2.18],
      [0.9261, -2.2482],
    ]);
  });

  test('another learning rate multiplies the whole average', async () => {
    close(await run({ learningRate: 1, momentum: 0.5 }, gradients, [0.1, 0.01]), [
      [0.9, -2.2],
      [0.905, -2.21],
    ]);
  });
});

test('goes on from its own state, and refuses another optimiser’s', async () => {
  const { tf, kernels } = runtime;
  const before = tf.memory().numTensors;
  const parameter = new Parameter(kernels, plainLayout('p', [2], 1));
  const settings = { kind: 'sgd', momentum: 0.9, weightDecay: 0, learningRate: 0.1 } as const;
  const gradient = tf.tensor1d([1, 2]);
  const first = createOptimiser(kernels, [parameter], settings);
  first.apply(new Map([[parameter, gradient]]));
  const state = await first.read();
  const values = await parameter.read();
  expect(state.step).toBe(1);
  expect([...(state.moments.get('momentum_buffer.p') ?? [])]).toEqual([1, 2]);
  first.apply(new Map([[parameter, gradient]]));
  const through = await parameter.read();

  parameter.write(values);
  const second = createOptimiser(kernels, [parameter], settings, state);
  second.apply(new Map([[parameter, gradient]]));
  expect(await parameter.read()).toEqual(through);
  const adam = { kind: 'adam', learningRate: 0.1 } as const;
  expect(() => createOptimiser(kernels, [parameter], adam, state)).toThrow('one of sgd');
  const lacking = { ...state, moments: new Map() };
  expect(() => createOptimiser(kernels, [parameter], settings, lacking)).toThrow('lacks');
  for (const owner of [first, second, parameter, gradient]) owner.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
