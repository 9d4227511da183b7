import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stored, type WorkOrder, workOrder } from '../../../../../src/main/core/jobs/item-spec';
import {
  checkResult,
  type DoneResult,
} from '../../../../../src/main/core/machines/coordinator/check-result';
import { safetensorsProblem } from '../../../../../src/main/core/machines/coordinator/safetensors-problem';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { stateTensors } from '../../../../../src/shared/catalogue/network-size';
import { type StateTensor } from '../../../../../src/shared/catalogue/network';
import { encodeNpy } from '../../../../../src/shared/npy';
import { defaultRecipe } from '../../../../fixtures/datasets';
import { temporaryFolder } from '../../storage/helpers';

const { networks, metrics, operators } = builtInCatalogues;
const form = { classes: 10, train: 20, validation: 5 };
const dataset = { dataset: 'mnist', files: [] };
const key = 'a'.repeat(64);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What a worker sends of an order, file by file. */
async function check(
  order: WorkOrder,
  contents: Readonly<Record<string, Uint8Array>>,
  more: Partial<DoneResult> = {},
  shape: [number, number, number] = [2, 3, 1],
) {
  const folder = temporaryFolder();
  const files = Object.entries(contents).map(([name, bytes]) => {
    writeFileSync(join(folder, sha256(bytes)), bytes);
    return { name, sha256: sha256(bytes), bytes: bytes.length };
  });
  return checkResult(
    { networks, metrics, operators, datasetForm: async () => ({ ...form, shape }) },
    order,
    { kind: 'done', worker: 'desk-host-1', seconds: 1, output: {}, files, ...more },
    (hash) => join(folder, hash),
  );
}

const ranked = {
  split: 'validation' as const,
  indices: [0, 1],
  model: stored(key),
  level: 0.5,
  fill: 'image-mean' as const,
  reduction: 'absolute' as const,
  seed: 0,
  maps: [stored(key), stored(key), stored(key)],
  methods: ['A', 'B', 'C'],
};
const scoring = workOrder('score', dataset, ranked, [
  { file: 'scores.npy', kind: 'score', key },
  { file: 'tied.npy', kind: 'tied', key },
]) as unknown as WorkOrder;

const floats = (shape: number[], ...values: number[]) =>
  encodeNpy({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1))
      .fill(0.5)
      .map((v, i) => values[i] ?? v),
  });
const honest = { 'scores.npy': floats([3, 2]), 'tied.npy': floats([3, 2], 0) };

describe('what a worker sends', () => {
  it('is taken where it is what was asked for', async () => {
    expect(await check(scoring, honest)).toMatchObject({
      files: [{ name: 'scores.npy' }, { name: 'tied.npy' }],
    });
  });

  it.each<[string, Readonly<Record<string, Uint8Array>>, string]>([
    [
      'a file that nobody asked for',
      { ...honest, 'extra.npy': honest['tied.npy'] },
      'nobody asked',
    ],
    ['a path for a name', { ...honest, '../studio.sqlite': honest['tied.npy'] }, 'nobody asked'],
    [
      'too few files',
      { 'scores.npy': honest['scores.npy'] },
      'tied.npy that is not taken: it is missing',
    ],
    ['another shape', { ...honest, 'scores.npy': floats([2, 3]) }, 'of shape [2, 3], not [3, 2]'],
    ['far too much', { ...honest, 'scores.npy': floats([400, 2]) }, 'are the most'],
    [
      'another type',
      { ...honest, 'scores.npy': encodeNpy({ shape: [3, 2], data: new Int32Array(6) }) },
      'it holds int32, not float32',
    ],
    ['what is no number', { ...honest, 'scores.npy': floats([3, 2], NaN) }, 'no finite number'],
    ['infinity', { ...honest, 'tied.npy': floats([3, 2], Infinity) }, 'no finite number'],
    ['a share above 1', { ...honest, 'tied.npy': floats([3, 2], 1.5) }, 'not between 0 and 1'],
    ['no array at all', { ...honest, 'tied.npy': Buffer.from('hello') }, 'tied.npy'],
    ['nothing', { ...honest, 'tied.npy': new Uint8Array(0) }, 'tied.npy'],
  ])('is refused where it is %s, naming who sent it', async (_, contents, message) => {
    const refused = expect(check(scoring, contents)).rejects;
    await refused.toMatchObject({
      data: { code: 'corrupt-file', details: { worker: 'desk-host-1' } },
    });
    await expect(check(scoring, contents)).rejects.toThrow(message);
  });

  it('is refused where its size is not the one stated, or a name leads elsewhere', async () => {
    const files = Object.entries(honest).map(([name, bytes]) => ({
      name,
      sha256: sha256(bytes),
      bytes: bytes.length - 1,
    }));
    await expect(check(scoring, honest, { files })).rejects.toThrow('bytes, not the');
    const folder = temporaryFolder();
    const bytes = honest['scores.npy'];
    writeFileSync(join(folder, 'elsewhere'), bytes);
    symlinkSync(join(folder, 'elsewhere'), join(folder, sha256(bytes)));
    await expect(
      checkResult(
        { networks, metrics, operators, datasetForm: async () => ({ ...form, shape: [2, 3, 1] }) },
        scoring,
        {
          kind: 'done',
          worker: 'w',
          seconds: 1,
          output: {},
          files: ['scores.npy', 'tied.npy'].map((name) => ({
            name,
            sha256: sha256(bytes),
            bytes: bytes.length,
          })),
        },
        (hash) => join(folder, hash),
      ),
    ).rejects.toThrow('w sent scores.npy that is not taken');
  });

  it('is refused where its answer is malformed or beyond all bounds', async () => {
    const evaluating = workOrder('evaluate', dataset, {
      model: stored(key),
      split: 'validation',
      removal: {},
      removalSeed: 0,
    }) as unknown as WorkOrder;
    const answer = (output: Record<string, unknown>) => check(evaluating, {}, { output });
    expect(await answer({ accuracy: 0.5, count: 5 })).toMatchObject({ accuracy: 0.5, count: 5 });
    await expect(answer({ accuracy: 1.5, count: 5 })).rejects.toThrow('not between 0 and 1');
    await expect(answer({ accuracy: '1', count: 5 })).rejects.toThrow('malformed');
    await expect(answer({ accuracy: null, count: 5 })).rejects.toThrow('malformed');
    await expect(answer({})).rejects.toThrow('malformed');
  });

  it('holds every pixel once where it orders them', async () => {
    const ordering = workOrder(
      'pixel-orders',
      dataset,
      {
        split: 'train',
        indices: [0, 1],
        model: stored(key),
        composition: 'gradient',
        parameters: {},
        reduction: 'absolute',
        seed: 0,
      },
      [{ file: 'orders.npy', kind: 'order', key }],
    ) as unknown as WorkOrder;
    const orders = (...rows: number[]) => ({
      'orders.npy': encodeNpy({ shape: [2, 6], data: Uint16Array.from(rows) }),
    });
    const output = { gradients: 2 };
    await check(ordering, orders(0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0), { output });
    for (const rows of [
      [0, 1, 2, 3, 4, 4, 5, 4, 3, 2, 1, 0],
      [0, 1, 2, 3, 4, 6, 5, 4, 3, 2, 1, 0],
    ]) {
      await expect(check(ordering, orders(...rows), { output })).rejects.toThrow(
        'does not hold every pixel once',
      );
    }
  });
});

describe('weights that a worker sends', () => {
  const network = networks.get('mnist-cnn');
  const tensors = stateTensors(network, { inputShape: [28, 28, 1], classes: 10, options: {} });
  const size = ({ shape, type }: StateTensor) =>
    shape.reduce((a, b) => a * b, 1) * (type === 'F32' ? 4 : 8);

  interface Entry {
    dtype: string;
    shape: number[];
    data_offsets: [number, number];
  }
  /** A file of the tensors, whose header and values a liar may change. */
  function file(
    change: (header: Record<string, Entry | Record<string, string>>) => void = () => undefined,
    values: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
  ): Uint8Array {
    let at = 0;
    const header: Record<string, Entry | Record<string, string>> = { __metadata__: { made: 'x' } };
    for (const tensor of tensors) {
      const end = at + size(tensor);
      header[tensor.name] = {
        dtype: tensor.type,
        shape: [...tensor.shape],
        data_offsets: [at, end],
      };
      at = end;
    }
    change(header);
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return new Uint8Array(Buffer.concat([length, text, values(new Uint8Array(at))]));
  }
  const first = tensors[0]?.name ?? '';
  const entry = (header: Record<string, unknown>, name = first) => header[name] as Entry;

  it('are taken where they are the network’s', () => {
    expect(safetensorsProblem(file(), tensors)).toBeNull();
  });

  it.each<[string, Uint8Array, string]>([
    ['another tensor', file((h) => (h['other'] = entry(h))), 'which the network lacks'],
    ['one less', file((h) => Reflect.deleteProperty(h, first)), 'it lacks'],
    ['another type', file((h) => (entry(h).dtype = 'F16')), 'is of type F16'],
    ['another shape', file((h) => entry(h).shape.push(1)), 'is of shape'],
    ['a negative offset', file((h) => (entry(h).data_offsets[0] = -1)), 'is malformed'],
    [
      'places beyond its end',
      file((h) => (entry(h).data_offsets = [1e9, 1e9 + entry(h).data_offsets[1]])),
      'lies outside the file',
    ],
    [
      'places that overlap',
      file((h) => {
        const [one, two] = tensors.filter(({ shape }) => shape.join() === '64');
        if (one && two) entry(h, two.name).data_offsets = entry(h, one.name).data_offsets;
        else entry(h).data_offsets = [4, 4 + entry(h).data_offsets[1]];
      }),
      'overlap or leave gaps',
    ],
    ['bytes behind it', file(undefined, (b) => new Uint8Array([...b, 1])), 'bytes follow'],
    ['what is no number', file(undefined, (b) => b.fill(255, 0, 4)), 'no finite number'],
    ['metadata that is none', file((h) => (h['__metadata__'] = [] as never)), 'metadata'],
    [
      'a header that is a list',
      new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 91, 93]),
      'not a JSON object',
    ],
    [
      'a header beyond all measure',
      new Uint8Array([0, 0, 0, 0, 0, 0, 0, 16, 1]),
      'its header claims',
    ],
    ['too little', new Uint8Array(4), 'too few'],
  ])('are refused with %s', (_, bytes, message) => {
    expect(safetensorsProblem(bytes, tensors)).toContain(message);
  });

  it('are refused, never a fault of ours, whatever bytes they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof safetensorsProblem(bytes, tensors)).toBe('string');
      }),
    );
    const whole = file();
    fc.assert(
      fc.property(fc.nat(600), fc.nat(255), (at, value) => {
        const changed = whole.slice();
        changed[at] = value;
        const problem = safetensorsProblem(changed, tensors);
        expect(problem === null || typeof problem === 'string').toBe(true);
      }),
    );
  });

  it('of an epoch come with their figures', async () => {
    const order = workOrder(
      'train-epoch',
      dataset,
      {
        recipe: defaultRecipe('mnist'),
        removal: {},
        removalSeed: 0,
        epoch: 0,
        checkpoint: null,
      },
      [{ file: 'model.safetensors', kind: 'weights', key }],
    ) as unknown as WorkOrder;
    await expect(check(order, { 'model.safetensors': Buffer.from('weights') })).rejects.toThrow(
      'desk-host-1 sent model.safetensors that is not taken',
    );
  });
});
