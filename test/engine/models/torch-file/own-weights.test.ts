import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { withWeights } from '../../../../src/engine/models/open-weights';
import { decodeSafetensors } from '../../../../src/engine/models/safetensors';
import { adaptModel, encodeModel } from '../../../../src/engine/models/weights';
import type { Runtime } from '../../../../src/engine/runtime/load';
import { StudioError } from '../../../../src/shared/errors';
import { networks } from '../../networks';
import { relativeError, taken, tensor4d, testRuntime } from '../../support';
import { tinyNetworks } from './tiny-network';

const folder = new URL('../../../fixtures/own-weights/', import.meta.url);
const given = (file: string) => readFileSync(new URL(file, folder));
const texts = z.array(z.string()).default([]);
const entrySchema = z.object({
  file: z.string(),
  must: z.enum(['load', 'refuse', 'either']),
  what: z.string(),
  says: texts,
  at: texts,
  prefix: z.string().default(''),
  ignores: texts,
  choices: texts,
  equals: z.string().nullable().default(null),
});
type Entry = z.infer<typeof entrySchema>;
const { files } = z
  .object({ files: z.array(entrySchema) })
  .parse(JSON.parse(given('expected.json').toString()));

const plain = 'sound/tiny.safetensors';
/** For the reader alone, or of another network. */
const noTiny = new Set([
  'sound/edge-values.safetensors',
  'sound/edge-values.pth',
  'sound/mnist-cnn.pth',
]);

/** The most memory that this process ever had, in MB. */
const mostMemory = () => process.resourceUsage().maxRSS / 1024;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await testRuntime();
});

interface Asked {
  readonly weightsKey?: string | null;
  readonly leaveOutExtra?: boolean;
}

/** The values of a file by the names that it has. */
async function read(file: string, weightsKey: string | null = null) {
  const path = fileURLToPath(new URL(file, folder));
  return withWeights(path, { name: basename(file), weightsKey }, ({ tensors, notes }) => ({
    tensors: new Map([...tensors].map(([name, tensor]) => [name, tensor.read()])),
    notes: notes.join(' '),
  }));
}

/** The whole import into the network: what it keeps of the file, and says of it. */
async function imported(file: string, { weightsKey = null, leaveOutExtra = false }: Asked = {}) {
  const path = fileURLToPath(new URL(file, folder));
  const name = basename(file);
  const before = runtime.tf.memory().numTensors;
  try {
    const { model, adapted } = await withWeights(path, { name, weightsKey }, (weights) =>
      adaptModel(runtime.kernels, weights, {
        ...{ file: name, networks: tinyNetworks, architecture: 'tiny', leaveOutExtra },
      }),
    );
    const kept = decodeSafetensors(await encodeModel(model), 'kept').tensors;
    model.dispose();
    return { kept, words: adapted.join(' ') };
  } finally {
    expect(runtime.tf.memory().numTensors).toBe(before);
  }
}

async function refusal(work: Promise<unknown>): Promise<StudioError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StudioError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

const bits = (values?: Float32Array) => Buffer.from(values?.slice().buffer ?? new ArrayBuffer(0));

/** The very values of the file that an entry names, under its names. */
async function isEqual({ file, equals, prefix, ignores, at }: Entry): Promise<void> {
  const found = await read(file, at.length > 0 ? at.join('.') : null);
  for (const key of at) expect(found.notes).toContain(key);
  const values = decodeSafetensors(given(equals ?? plain), equals ?? plain).tensors;
  const names = [...found.tensors.keys()].filter((name) => !ignores.includes(name));
  expect(names.toSorted()).toEqual([...values.keys()].map((name) => prefix + name).toSorted());
  for (const [name, { shape, data }] of values) {
    const tensor = found.tensors.get(prefix + name);
    expect(tensor?.shape, name).toEqual(shape);
    expect(bits(tensor?.data).equals(bits(data)), name).toBe(true);
  }
}

async function loads(entry: Entry): Promise<void> {
  const { file, equals, at, choices, says, prefix, ignores } = entry;
  if (equals !== null) await isEqual(entry);
  if (noTiny.has(file)) return;
  if (choices.length > 0) {
    const error = await refusal(imported(file));
    expect(error.data).toMatchObject({
      field: 'weightsKey',
      details: { choices: choices.join('\n') },
    });
    expect(error.message).toContain(basename(file));
  }
  if (says.length > 0) await refuses(entry);
  const asked = {
    weightsKey: choices.length > 0 ? at.join('.') : null,
    leaveOutExtra: says.length > 0,
  };
  const { kept, words } = await imported(file, asked);
  for (const [name, { data }] of decodeSafetensors(given(plain), plain).tensors) {
    expect(bits(kept.get(name)?.data).equals(bits(data)), name).toBe(true);
  }
  if (prefix !== '') expect(words).toContain(`The prefix ${prefix} was taken off`);
  for (const name of ignores) expect(words).toContain(name);
}

async function refuses({ file, says }: Entry): Promise<void> {
  const { data } = await refusal(imported(file));
  expect(['invalid-input', 'corrupt-file']).toContain(data.code);
  expect(data.message).toContain(basename(file));
  const message = data.message.toLowerCase().replaceAll(basename(file), '');
  if (says.length > 0) {
    expect(
      says.some((text) => message.includes(text.toLowerCase())),
      data.message,
    ).toBe(true);
  }
}

/** Rightly, or not at all. */
async function either(entry: Entry): Promise<void> {
  const loaded = await imported(entry.file).then(
    () => true,
    () => false,
  );
  if (!loaded) await refuses(entry);
  else if (entry.equals !== null) await isEqual(entry);
}

describe('every file of own-weights has its outcome', () => {
  const properties = Object.getOwnPropertyNames(Object.prototype);
  const outcomes = { load: loads, refuse: refuses, either };
  // Twice two seconds, for those that are read twice.
  test.each(files)('$file: $must ($what)', { timeout: 4000 }, async (entry) => {
    const memory = mostMemory();
    await outcomes[entry.must](entry);
    expect(mostMemory() - memory).toBeLessThan(300);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(properties);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(existsSync('pickle-was-run')).toBe(false);
  });
});

test('a whole model comes with the two lines of Python that save its state_dict', async () => {
  for (const name of ['whole-model.pth', 'whole-model-inside.pth', 'whole-model-legacy.pth']) {
    const { message } = await refusal(imported(`refused/${name}`));
    expect(message).toContain(`torch.load("${name}", map_location="cpu", weights_only=False)`);
    expect(message).toMatch(
      /torch\.save\(model\.state_dict\(\), "whole-model.*-state-dict\.pth"\)/,
    );
  }
});

test('a mnist-cnn predicts as PyTorch does', async () => {
  const file = 'sound/mnist-cnn.pth';
  const name = basename(file);
  const path = fileURLToPath(new URL(file, folder));
  const { model, adapted } = await withWeights(path, { name, weightsKey: null }, (weights) =>
    adaptModel(runtime.kernels, weights, { file: name, networks, architecture: 'mnist-cnn' }),
  );
  expect(adapted).toEqual([
    'The weights under state_dict were taken.',
    'Of the file was passed over: epoch.',
    'The prefix module. was taken off 8 names.',
  ]);
  const { logits } = z
    .object({ logits: z.array(z.array(z.number())) })
    .parse(JSON.parse(given('sound/mnist-cnn.json').toString()));
  const pixels = Float32Array.from({ length: 3 * 28 * 28 }, (_, i) => {
    const [column, row, image] = [i % 28, Math.floor(i / 28) % 28, Math.floor(i / 784)];
    return ((7 * row + 13 * column + 29 * image) % 256) / 255;
  });
  const found = runtime.tf.tidy(() => model.logits(tensor4d(runtime, pixels, [3, 28, 28, 1])));
  expect(relativeError(taken(found), logits.flat())).toBeLessThan(1e-5);
  model.dispose();
});
