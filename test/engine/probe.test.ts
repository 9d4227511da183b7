import { beforeAll, expect, test } from 'vitest';
import { builtInAlgorithms } from '../../src/engine/catalogues';
import { probe } from '../../src/engine/probe';
import { type Runtime } from '../../src/engine/runtime/load';
import { testRuntime } from './support';

const { networks, operators } = builtInAlgorithms;
let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

test('a probe is the same twice, tells of its parts and leaves no tensor', async () => {
  const tensors = runtime.tf.memory().numTensors;
  const parts: string[] = [];
  const report = (done: number, total: number) => parts.push(`${done} of ${total}`);
  const one = await probe({ runtime, networks, operators, report });
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await probe({ runtime, networks, operators })).toBe(one);
  expect(parts).toEqual(['0 of 5', '1 of 5', '2 of 5', '3 of 5', '4 of 5']);
  expect(runtime.tf.memory().numTensors).toBe(tensors);
});

test('it ends soon when it is cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(probe({ runtime, networks, operators, signal })).rejects.toThrow();
});
