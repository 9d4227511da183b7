import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { bfloat16Values, float16Values } from '../../../src/engine/models/half-precision';
import { initialise } from '../../../src/engine/models/initialise';
import { plainNames } from '../../../src/engine/models/foreign-names';
import { MemoryBytes } from '../../../src/engine/models/byte-source';
import { openWeights } from '../../../src/engine/models/open-weights';
import { decodeSafetensors } from '../../../src/engine/models/safetensors';
import { encodeModel } from '../../../src/engine/models/weights';
import type { Runtime } from '../../../src/engine/runtime/load';
import { StudioError } from '../../../src/shared/errors';
import { adaptModel, createModel } from '../networks';
import { testRuntime } from '../support';
import { coarse, foreignFile, type ForeignTensor } from './foreign-weights';

const given = (name: string) =>
  readFileSync(new URL(`../../fixtures/own-weights/${name}`, import.meta.url));

let runtime: Runtime;
/** The weights as a program that knows nothing of the studio writes them. */
let plain: ReadonlyMap<string, ForeignTensor>;
let resnet: ReadonlyMap<string, ForeignTensor>;
beforeAll(async () => {
  runtime = await testRuntime();
  plain = await weightsOf('mnist-cnn');
  resnet = await weightsOf('resnet18');
});

async function weightsOf(architecture: 'mnist-cnn' | 'resnet18') {
  const form = { inputShape: [32, 32, 3], classes: 10, stem: 'small' } as const;
  const model = createModel(runtime.kernels, architecture, undefined, form);
  initialise(runtime.kernels, model, 4);
  const { tensors } = decodeSafetensors(await encodeModel(model), 'made');
  model.dispose();
  return new Map([...tensors].map(([name, tensor]) => [name, ofType(name, coarse(tensor))]));
}

const isCount = (name: string) => name.endsWith('num_batches_tracked');
const ofType = (name: string, tensor: ForeignTensor): ForeignTensor =>
  isCount(name) ? { ...tensor, data: Float32Array.of(7), type: 'I64' } : tensor;

const renamed = (tensors: ReadonlyMap<string, ForeignTensor>, name: (old: string) => string) =>
  new Map([...tensors].map(([old, tensor]) => [name(old), tensor]));
const typed = (tensors: ReadonlyMap<string, ForeignTensor>, type: 'F16' | 'BF16' | 'F64') =>
  new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, type }]));

interface Options {
  architecture?: 'mnist-cnn' | 'resnet18';
  leaveOutExtra?: boolean;
}

/** The file that an import keeps, and what it says. */
async function adapted(bytes: Uint8Array, options: Options = {}) {
  const { architecture = 'mnist-cnn', ...rest } = options;
  const size = architecture === 'resnet18' ? ([32, 32] as const) : undefined;
  const asked = { file: 'theirs.safetensors', architecture, size, ...rest };
  const before = runtime.tf.memory().numTensors;
  const weights = await openWeights(new MemoryBytes(bytes), asked.file, null);
  const { model, adapted: words } = adaptModel(runtime.kernels, weights, asked);
  const kept = await encodeModel(model);
  model.dispose();
  expect(runtime.tf.memory().numTensors).toBe(before);
  return { kept: Buffer.from(kept), words: words.join(' ') };
}

async function refusal(bytes: Uint8Array, options: Options = {}): Promise<StudioError> {
  const before = runtime.tf.memory().numTensors;
  const error = await adapted(bytes, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(runtime.tf.memory().numTensors).toBe(before);
  if (!(error instanceof StudioError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

describe('half precision', () => {
  test('every float16 by its formula, bfloat16 as the upper half of a float32', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const halves = float16Values(all);
    // IEEE 754-2008, 3.4: known values, then order.
    const known: [number, number][] = [
      [0x0000, 0],
      [0x8000, -0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3c00, 1],
      [0x3555, 0.333251953125],
      [0xc000, -2],
      [0x7bff, 65_504],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x7e00, NaN],
    ];
    for (const [bits, value] of known) expect(halves[bits]).toBe(value);
    for (let bits = 1; bits <= 0x7c00; bits += 1) {
      expect(halves[bits]).toBeGreaterThan(halves[bits - 1] ?? NaN);
      expect(halves[bits | 0x8000]).toBe(-(halves[bits] ?? NaN));
    }
    expect([...bfloat16Values(Uint16Array.of(0x3f80, 0xc040, 0x0001, 0xff80, 0x8000))]).toEqual([
      ...[1, -3, 2 ** -133, -Infinity, -0],
    ]);
  });

  test.each(['half', 'bfloat16', 'double'])('%s.safetensors holds the plain values', (name) => {
    const values = (file: string) =>
      [...decodeSafetensors(given(file), file).tensors].map(([key, { shape, data }]) => [
        ...[key, shape, [...data]],
      ]);
    expect(values(`sound/${name}.safetensors`)).toEqual(values('sound/tiny.safetensors'));
    expect(values('sound/tiny.safetensors')).toHaveLength(8);
  });
});

describe('a file of another program becomes the same model', () => {
  test.each<[string, () => Uint8Array, string]>([
    [
      'module.',
      () => foreignFile(renamed(plain, (name) => `module.${name}`)),
      'prefix module. was',
    ],
    ['_orig_mod.', () => foreignFile(renamed(plain, (name) => `_orig_mod.${name}`)), '_orig_mod.'],
    ['model.', () => foreignFile(renamed(plain, (name) => `model.${name}`)), 'prefix model. was'],
    [
      'all of them, one in another',
      () => foreignFile(renamed(plain, (name) => `model.module._orig_mod.${name}`)),
      'The prefix model.module._orig_mod. was taken off 8 names.',
    ],
    [
      'an attribute of a Lightning module',
      () => foreignFile(renamed(plain, (name) => `encoder.net.${name}`)),
      'The prefix encoder.net. was taken off 8 names.',
    ],
    [
      'a part that was compiled',
      () => foreignFile(renamed(plain, (n) => (n.startsWith('conv') ? `_orig_mod.${n}` : n))),
      'The prefix _orig_mod. was taken off 4 names.',
    ],
    ['F16', () => foreignFile(typed(plain, 'F16')), '8 tensors were of type F16'],
    ['BF16', () => foreignFile(typed(plain, 'BF16')), '8 tensors were of type BF16'],
    ['F64', () => foreignFile(typed(plain, 'F64')), '8 tensors were of type F64 and rounded'],
    [
      'foreign metadata, words of ours among it',
      () =>
        foreignFile(plain, {
          ...{ format: 'pt', author: 'Ä', architecture: 'ResNet-18', input: 'image', size: 'L' },
        }),
      'passed over: author, architecture, input, size.',
    ],
  ])('%s', async (_, bytes, words) => {
    const reference = await adapted(foreignFile(plain));
    expect(reference.words).toBe('');
    const found = await adapted(bytes());
    expect(found.words).toContain(words);
    expect(found.kept.equals(reference.kept)).toBe(true);
  });

  test('a resnet18 without its counts of batches, with a prefix and in half precision', async () => {
    const reference = await adapted(foreignFile(resnet), { architecture: 'resnet18' });
    const counted = [...resnet.keys()].filter(isCount);
    expect(counted).toHaveLength(20);
    const without = new Map([...resnet].filter(([name]) => !isCount(name)));
    // A count that half precision made infinite is as good as none.
    without.set('bn1.num_batches_tracked', { shape: [], data: Float32Array.of(Infinity) });
    const bytes = foreignFile(
      typed(
        renamed(without, (name) => `module.${name}`),
        'F16',
      ),
    );
    const { kept, words } = await adapted(bytes, { architecture: 'resnet18' });
    expect(words).toContain('The prefix module. was taken off 103 names.');
    expect(words).toContain('102 tensors were of type F16');
    expect(words).toContain(
      'start at 0: bn1.num_batches_tracked, layer1.0.bn1.num_batches_tracked',
    );
    const [ours, theirs] = [kept, reference.kept].map((file) => decodeSafetensors(file, 'kept'));
    const bytesOf = (values?: Float32Array) => Buffer.from(values?.buffer ?? new ArrayBuffer(0));
    for (const [name, { data }] of theirs?.tensors ?? []) {
      const expected = isCount(name) ? Float32Array.of(0) : data;
      expect(bytesOf(ours?.tensors.get(name)?.data).equals(bytesOf(expected)), name).toBe(true);
    }
  });

  test('what it has too much is refused by name, until it is agreed to leave it out', async () => {
    const more = new Map<string, ForeignTensor>([
      ...renamed(plain, (name) => `module.${name}`),
      ['n_averaged', { shape: [], data: Float32Array.of(3), type: 'I64' }],
      ['head.scale', { shape: [2], data: Float32Array.of(1, 2), type: 'I8' }],
    ]);
    const error = await refusal(foreignFile(more));
    expect(error.data).toMatchObject({
      ...{ code: 'invalid-input', field: 'leaveOutExtra' },
      details: { extra: 'head.scale' },
    });
    // AveragedModel's count is never a question.
    expect(error.message).toContain('mnist-cnn lacks: head.scale');
    const { kept, words } = await adapted(foreignFile(more), { leaveOutExtra: true });
    expect(words).toContain('2 tensors were left out: n_averaged, head.scale.');
    expect(kept.equals((await adapted(foreignFile(plain))).kept)).toBe(true);
  });

  test('two copies of the weights are never mixed', async () => {
    const other = renamed(plain, (name) => `module.${name}`);
    const changed = new Map(
      [...other].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map((v) => -v) }]),
    );
    // The plain one counts, and the other one is too much.
    const both = foreignFile(new Map([...plain, ...changed]));
    expect((await refusal(both)).message).toContain('lacks: module.conv1.weight');
    const { kept } = await adapted(both, { leaveOutExtra: true });
    expect(kept.equals((await adapted(foreignFile(plain))).kept)).toBe(true);
    // A single stray name does not stand for the whole of the other copy.
    const stray = [...plain].slice(0, 1);
    const one = await adapted(foreignFile(new Map([...stray, ...changed])), {
      leaveOutExtra: true,
    });
    expect(one.words).toContain('left out: conv1.weight.');
    expect(one.kept.equals((await adapted(foreignFile(changed))).kept)).toBe(true);
    const twice = new Map([...renamed(plain, (name) => `model.${name}`), ...changed]);
    const error = await refusal(foreignFile(twice), { leaveOutExtra: true });
    expect(error.message).toContain('more than once, under model., module.');
  });

  test('property: names come back whatever prefixes stand before them', () => {
    const prefix = fc
      .array(fc.constantFrom('module.', '_orig_mod.', 'model.'), { maxLength: 4 })
      .map((parts) => parts.join(''));
    const wanted = new Map([...plain.keys()].map((name) => [name, true]));
    fc.assert(
      fc.property(prefix, (before) => {
        const names = [...wanted.keys()].map((name) => before + name);
        const found = plainNames(names, wanted, () => new Error('ambiguous'));
        expect([...found.names]).toEqual([...wanted.keys()].map((name) => [name, before + name]));
      }),
    );
  });
});

describe('refused by the tensor’s name', () => {
  test.each<[string, (tensors: Map<string, ForeignTensor>) => void, string]>([
    ['missing', (t) => t.delete('module.linear2.bias'), 'lacks linear2.bias'],
    [
      'missing beside one too many',
      (t) =>
        t.set('module.linear3.bias', t.get('module.linear2.bias') ?? none) &&
        t.delete('module.linear2.bias'),
      'lacks linear2.bias, and has tensors that mnist-cnn lacks: module.linear3.bias',
    ],
    [
      'of another shape',
      (t) => t.set('module.conv2.bias', { shape: [3], data: new Float32Array(3) }),
      'module.conv2.bias of shape [3], not [64]',
    ],
    [
      'with a NaN',
      (t) =>
        t.set('module.conv2.bias', {
          shape: [64],
          data: new Float32Array(64).fill(NaN),
          type: 'F16',
        }),
      'module.conv2.bias that is not a finite number',
    ],
    [
      'with a float16 infinity',
      (t) =>
        t.set('module.conv1.bias', {
          shape: [32],
          data: new Float32Array(32).fill(Infinity),
          type: 'F16',
        }),
      'module.conv1.bias that is not a finite number',
    ],
    [
      'of a type that holds no weights',
      (t) => t.set('module.conv1.bias', { shape: [32], data: new Float32Array(32), type: 'I8' }),
      'module.conv1.bias of type I8; F32, F64, F16, BF16, I64, I32 are accepted',
    ],
  ])('%s', async (_, change, text) => {
    const tensors = renamed(plain, (name) => `module.${name}`);
    change(tensors);
    expect((await refusal(foreignFile(tensors))).message).toContain(text);
  });

  const none: ForeignTensor = { shape: [0], data: new Float32Array(0) };
});

describe('other formats are told by their content', () => {
  test.each([
    ['hdf5.pth', 'HDF5'],
    ['onnx.pth', 'ONNX'],
    ['lfs-pointer.pth', 'git lfs pull'],
    ['web-page.pth', 'web page'],
    ['tar-2016.pth', 'tar archive'],
  ])('%s', async (name, what) => {
    const error = await attempt(name);
    expect(error.data).toMatchObject({ code: 'invalid-input', field: 'file' });
    expect(error.message).toContain(`${name} is not a file of weights: it is`);
    expect(error.message).toContain(what);
  });

  test.each(['safetensors.pth', 'zip.safetensors'])('whatever its name: %s', async (name) => {
    expect((await open(name)).tensors.size).toBe(8);
  });

  const open = (name: string) => openWeights(new MemoryBytes(given(`refused/${name}`)), name, null);

  async function attempt(name: string): Promise<StudioError> {
    try {
      await open(name);
    } catch (error) {
      if (error instanceof StudioError) return error;
    }
    throw new Error(`${name} was read`);
  }
});
