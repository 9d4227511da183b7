import { expect, it } from 'vitest';
import { MemoryBytes } from '../../../src/engine/models/byte-source';
import { inspectWeights } from '../../../src/engine/models/inspect-weights';
import { encodeSafetensors } from '../../../src/engine/models/safetensors';
import { networks } from '../networks';

const file = encodeSafetensors({
  tensors: new Map([['conv1.weight', { shape: [32, 1, 3, 3], data: new Float32Array(288) }]]),
  metadata: {},
});
const options = { file: 'x', networks, size: null, weightsKey: null };

it('tells how far it is, step by step to the end', async () => {
  const steps: string[] = [];
  const report = (done: number, total: number) => steps.push(`${done} of ${total}`);
  await inspectWeights(new MemoryBytes(file), { ...options, report });
  const total = 2 * networks.ids.length;
  expect(steps).toEqual(Array.from({ length: total }, (_, i) => `${i + 1} of ${total}`));
});

it('ends within a step once it is given up', async () => {
  const abort = new AbortController();
  const { signal } = abort;
  let done = 0;
  const report = () => {
    done += 1;
    if (done === 3) abort.abort();
  };
  const look = inspectWeights(new MemoryBytes(file), { ...options, signal, report });
  await expect(look).rejects.toMatchObject({ data: { code: 'cancelled' } });
  expect(done).toBe(3);
});
