import { createHash } from 'node:crypto';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type OrderInput,
  stored,
  type WorkOrder,
  workOrder,
} from '../../../../../src/main/core/jobs/item-spec';
import {
  checkResult,
  type DoneResult,
} from '../../../../../src/main/core/machines/coordinator/check-result';
import { isForWorkers } from '../../../../../src/main/core/machines/coordinator/expected-files';
import { safetensorsProblem } from '../../../../../src/main/core/machines/coordinator/safetensors-problem';
import { decodeSafetensors } from '../../../../../src/engine/models/safetensors';
import { builtInCatalogues } from '../../../../../src/shared/catalogue/catalogues';
import { optimiserTensors, stateTensors } from '../../../../../src/shared/catalogue/network-size';
import { metric, MetricCatalogue } from '../../../../../src/shared/catalogue/metric';
import { type StateTensor } from '../../../../../src/shared/catalogue/network';
import { toErrorData } from '../../../../../src/shared/errors';
import { decodeNpy, encodeNpy } from '../../../../../src/shared/npy';
import { type Sight } from '../../../../../src/shared/model-input';
import { defaultRecipe } from '../../../../fixtures/datasets';
import { temporaryFolder } from '../../storage/helpers';
import { asLesserUser } from '../support/lesser-user';

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
  measured = metrics,
) {
  const folder = temporaryFolder();
  const files = Object.entries(contents).map(([name, bytes]) => {
    writeFileSync(join(folder, sha256(bytes)), bytes);
    return { name, sha256: sha256(bytes), bytes: bytes.length };
  });
  return checkResult(
    {
      networks,
      metrics: measured,
      operators,
      datasetForm: async () => ({ ...form, shape }),
    },
    order,
    { kind: 'done', worker: 'desk@host-1', seconds: 1, output: {}, files, ...more },
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

/** What a liar writes over a file's own bytes, as far as there are any. */
function overwrite(
  bytes: Buffer,
  change: { at: number; text: string } | { at: number; value: number },
) {
  if (change.at >= bytes.length) return;
  if ('text' in change) bytes.write(change.text, change.at, 'latin1');
  else bytes[change.at] = change.value;
}

/** Maps of one composition, or what is made of them. */
const mapping = (
  operation: 'maps' | 'pixel-orders',
  composition: string,
  file: 'map.npy' | 'orders.npy',
  indices: number[],
  sight?: Sight,
) => {
  const input: OrderInput<'pixel-orders'> = {
    split: 'train',
    indices,
    model: stored(key),
    composition,
    parameters: { n: 4, steps: 3 },
    reduction: 'absolute',
    seed: 0,
    ...(sight && { sight }),
  };
  const kind = file === 'map.npy' ? 'map' : 'order';
  return workOrder(operation, dataset, input, [{ file, kind, key }]) as unknown as WorkOrder;
};

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
      data: { code: 'corrupt-file', details: { worker: 'desk@host-1' } },
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

  it('is refused where a file has another content than its hash, is closed to us or went away again', async () => {
    const other = floats([3, 2], 0.25);
    const files = Object.entries(honest).map(([name, bytes]) => ({
      name,
      sha256: sha256(bytes),
      bytes: bytes.length,
    }));
    const folder = temporaryFolder();
    const checked = () =>
      checkResult(
        { networks, metrics, operators, datasetForm: async () => ({ ...form, shape: [2, 3, 1] }) },
        scoring,
        { kind: 'done', worker: 'w', seconds: 1, output: {}, files },
        (hash) => join(folder, hash),
      );
    // In words, not as the system says it.
    await expect(checked()).rejects.toMatchObject({
      data: {
        code: 'not-found',
        message: expect.stringContaining('scores.npy, which w sent, went away'),
      },
    });
    for (const { sha256: hash } of files) writeFileSync(join(folder, hash), other);
    await expect(checked()).rejects.toThrow('w sent scores.npy that is not taken: it has another');
    if (process.platform === 'win32') return;
    // Else the run would fail at it again whenever it is resumed.
    for (const { sha256: hash } of files) chmodSync(join(folder, hash), 0o000);
    asLesserUser(folder);
    await expect(checked()).rejects.toThrow('w sent scores.npy that is not taken: it cannot be');
  });

  it('is refused where a file is named twice', async () => {
    const [scores, tied] = Object.entries(honest).map(([name, bytes]) => ({
      name,
      sha256: sha256(bytes),
      bytes: bytes.length,
    }));
    if (!scores || !tied) throw new Error('no files');
    const files = [scores, tied, { ...tied, sha256: scores.sha256 }];
    await expect(check(scoring, honest, { files })).rejects.toThrow('a file is named twice');
  });

  it('is refused where it took longer than anything can', async () => {
    for (const seconds of [1e300, 1e8]) {
      await expect(check(scoring, honest, { seconds })).rejects.toThrow('its time is');
    }
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
    for (const accuracy of [NaN, Infinity, -Infinity]) {
      await expect(answer({ accuracy, count: 5 })).rejects.toThrow('malformed');
    }
    // The whole split has five images.
    for (const count of [-1, 0, 4, 6, 2 ** 53]) {
      await expect(answer({ accuracy: 0.5, count })).rejects.toThrow(
        count === 2 ** 53 ? 'malformed' : `its count is ${count}, not 5`,
      );
    }
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
    await expect(
      check(ordering, orders(0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0), { output: { gradients: 9 } }),
    ).rejects.toThrow('its gradients is 9, not 2');
  });

  it('holds every pixel of large images once, in numbers that can name them', async () => {
    const pixels = 200 * 200;
    const shape: [number, number, number] = [200, 200, 1];
    const ordering = mapping('pixel-orders', 'random', 'orders.npy', [0]);
    const rows = (change: (row: Uint32Array) => void = () => undefined) => {
      const data = Uint32Array.from({ length: pixels }, (_, i) => pixels - 1 - i);
      change(data);
      return { 'orders.npy': encodeNpy({ shape: [1, pixels], data }) };
    };
    const more = { output: { gradients: 0 } };
    await check(ordering, rows(), more, shape);
    // The high bit marks a tie.
    await check(
      ordering,
      rows((row) => (row[5] = (row[5] as number) | 0x8000_0000)),
      more,
      shape,
    );
    for (const value of [0, pixels, 0x7fff_ffff, 0xffff_ffff]) {
      const twice = rows((row) => (row[0] = value));
      await expect(check(ordering, twice, more, shape)).rejects.toThrow('every pixel once');
    }
    const short = {
      'orders.npy': encodeNpy({ shape: [1, pixels], data: new Uint16Array(pixels) }),
    };
    await expect(check(ordering, short, more, shape)).rejects.toThrow('uint16, not uint32');
  });

  it.each([
    ['gradient', 2, 3],
    ['integrate(smooth(guided))', 2 * 4 * 3, 3],
    ['random', 0, 1],
    ['sobel', 0, 1],
  ])(
    'of maps has the channels and costs of the composition: %s',
    async (name, gradients, depth) => {
      const order = mapping('maps', name, 'map.npy', [0, 1]);
      const colour: [number, number, number] = [2, 3, 3];
      const made = (channels: number, ...values: number[]) => ({
        'map.npy': floats([2, 2, 3, channels], ...values),
      });
      const sent = (
        contents: Readonly<Record<string, Uint8Array>>,
        output: object = { gradients },
      ) => check(order, contents, { output: { ...output } }, colour);
      await sent(made(depth));
      await expect(sent(made(4 - depth))).rejects.toThrow(`not [2, 2, 3, ${depth}]`);
      await expect(sent(made(depth, NaN))).rejects.toThrow('no finite number');
      await expect(sent(made(depth, 0, Infinity))).rejects.toThrow('no finite number');
      await expect(sent(made(depth), { gradients: gradients + 1 })).rejects.toThrow(
        'its gradients',
      );
      await expect(sent(made(depth), { gradients: 0.5 })).rejects.toThrow('malformed');
      await expect(sent({ 'map.npy': floats([2, 3, 2, depth]) })).rejects.toThrow('of shape');
    },
  );

  it('of a model that sees the centre of images is of that centre', async () => {
    const sight = { crop: 8 };
    const shape: [number, number, number] = [10, 12, 1];
    const maps = mapping('maps', 'sobel', 'map.npy', [0, 1], sight);
    const output = { gradients: 0 };
    await check(maps, { 'map.npy': floats([2, 8, 8, 1]) }, { output }, shape);
    await expect(
      check(maps, { 'map.npy': floats([2, 10, 12, 1]) }, { output }, shape),
    ).rejects.toThrow('of shape [2, 10, 12, 1], not [2, 8, 8, 1]');
    const orders = mapping('pixel-orders', 'sobel', 'orders.npy', [0], sight);
    const ranked = (pixels: number) => ({
      'orders.npy': encodeNpy({ shape: [1, pixels], data: Uint16Array.from(Array(pixels).keys()) }),
    });
    await check(orders, ranked(64), { output }, shape);
    await expect(check(orders, ranked(120), { output }, shape)).rejects.toThrow(
      'of shape [1, 120], not [1, 64]',
    );
  });

  it('of measured maps has a value of each, at each level of a curve', async () => {
    const [usual] = metrics.list;
    if (!usual) throw new Error('no metric');
    for (const [result, shape] of [
      ['curve', [3, 4, 2]],
      ['scalar', [3, 2]],
    ] as const) {
      const { defaults, presets } = usual;
      const levels = result === 'curve' ? [0, 0.1, 0.5, 1] : [0];
      const known = {
        ...usual,
        id: 'measured',
        result,
        defaults: { ...defaults, levels },
        presets: { ...presets, quick: { ...presets.quick, levels } },
      };
      const order = workOrder(
        'measure',
        dataset,
        { ...ranked, metric: known.id, parameters: {}, levels },
        [{ file: 'values.npy', kind: 'score', key }],
      ) as unknown as WorkOrder;
      const sent = (values: Uint8Array) =>
        check(order, { 'values.npy': values }, {}, [2, 3, 1], new MetricCatalogue([metric(known)]));
      await sent(floats([...shape]));
      await expect(sent(floats([...shape].reverse()))).rejects.toThrow('of shape');
      await expect(sent(floats([...shape], NaN))).rejects.toThrow('no finite number');
      await expect(
        sent(encodeNpy({ shape: [...shape], data: new Uint8Array(result === 'curve' ? 24 : 6) })),
      ).rejects.toThrow('uint8, not float32');
    }
  });

  it('of a dataset’s images is asked of nobody: they are here, and raters see them', () => {
    const order = workOrder('dataset-images', dataset, { split: 'validation', indices: [0, 1] }, [
      { file: 'images.npy', kind: 'images', key },
    ]) as unknown as WorkOrder;
    expect(isForWorkers(order)).toBe(false);
  });

  it('is refused by its name or taken as what was asked for, whatever its header says', async () => {
    const whole = honest['scores.npy'];
    const changes = fc.array(
      fc.oneof(
        // Of the header, which ends at byte 128.
        fc.record({ at: fc.nat(127), value: fc.nat(255) }),
        fc.record({ at: fc.nat(127), text: fc.constantFrom('(3, 2)', '-3', '1e9', '<f8', '|u1') }),
        fc.record({ cut: fc.nat(whole.length) }),
        fc.record({ more: fc.uint8Array({ maxLength: 40 }) }),
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (made) => {
        let bytes = Buffer.from(whole);
        for (const change of made) {
          if ('cut' in change) bytes = bytes.subarray(0, change.cut);
          else if ('more' in change) bytes = Buffer.concat([bytes, change.more]);
          else overwrite(bytes, change);
        }
        const contents = { ...honest, 'scores.npy': new Uint8Array(bytes) };
        const refused = await check(scoring, contents).then(() => null, toErrorData);
        if (refused) {
          expect(refused).toMatchObject({
            code: 'corrupt-file',
            details: { worker: 'desk@host-1', file: 'scores.npy' },
          });
          return;
        }
        const { shape, data } = decodeNpy(bytes);
        expect([shape, data.length]).toEqual([[3, 2], 6]);
        expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
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
    own: readonly StateTensor[] = tensors,
  ): Uint8Array {
    let at = 0;
    const header: Record<string, Entry | Record<string, string>> = { __metadata__: { made: 'x' } };
    for (const tensor of own) {
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

  it('are looked at value by value, however their header shifts them', () => {
    const normalised: StateTensor[] = [
      { name: 'mean', shape: [2], type: 'F32', trained: false },
      { name: 'variance', shape: [2], type: 'F32', trained: false, least: 0 },
      { name: 'batches', shape: [], type: 'I64', trained: false, least: 0 },
    ];
    const made = (
      [one, other]: [number, number],
      batches: bigint,
      padding: number,
      mean = [0, 0],
    ) => {
      const header = Buffer.from(
        `${JSON.stringify({
          mean: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          variance: { dtype: 'F32', shape: [2], data_offsets: [8, 16] },
          batches: { dtype: 'I64', shape: [], data_offsets: [16, 24] },
        })}${' '.repeat(padding)}`,
      );
      const bytes = Buffer.alloc(8 + header.length + 24);
      bytes.writeBigUInt64LE(BigInt(header.length));
      header.copy(bytes, 8);
      [...mean, one, other].forEach((value, i) =>
        bytes.writeFloatLE(value, 8 + header.length + 4 * i),
      );
      bytes.writeBigInt64LE(batches, 8 + header.length + 16);
      return bytes;
    };
    for (let padding = 0; padding < 8; padding += 1) {
      // As files are read: parts of a larger memory, too.
      for (const view of [
        (b: Buffer) => b,
        (b: Buffer) => Buffer.concat([b, b]).subarray(b.length),
      ]) {
        const problem = (...of: Parameters<typeof made>) =>
          safetensorsProblem(view(made(...of)), normalised);
        expect(problem([0, 0.5], 3n, padding)).toBeNull();
        expect(problem([0, 0.5], 3n, padding, [-1, -2])).toBeNull();
        expect(problem([0, -0.5], 3n, padding)).toBe('variance holds -0.5, where 0 is the least');
        expect(problem([0, NaN], 3n, padding)).toBe('variance holds what is no finite number');
        expect(problem([0, 0], 3n, padding, [0, Infinity])).toContain('mean holds what is no');
        expect(problem([0, 0], -1n, padding)).toBe('batches holds -1, where 0 is the least');
        expect(problem([0, 0], 2n ** 62n, padding)).toBe('batches holds a count beyond all bounds');
      }
    }
  });

  it('have no variance and no second moment below nothing', () => {
    for (const each of networks.list) {
      const of = { inputShape: [32, 32, 3] as const, classes: 10, options: {} };
      const least = (pattern: RegExp, list: readonly StateTensor[]) =>
        list.filter(({ name }) => pattern.test(name)).map(({ least: value }) => value);
      const buffers = least(/running_var|num_batches_tracked/, stateTensors(each, of));
      const moments = least(/^exp_avg_sq\./, optimiserTensors(each, of, { optimiser: 'adam' }));
      expect(moments.length).toBeGreaterThan(0);
      expect([...buffers, ...moments].every((value) => value === 0)).toBe(true);
    }
  });

  const epoch = (file: string) =>
    workOrder(
      'train-epoch',
      dataset,
      { recipe: defaultRecipe('mnist'), removal: {}, removalSeed: 0, epoch: 0, checkpoint: null },
      [{ file, kind: file === 'model.safetensors' ? 'weights' : 'optimiser', key }],
    ) as unknown as WorkOrder;
  const figures = { loss: 2, trainAccuracy: 0.5, validationAccuracy: 0.5, seconds: 3 };
  const about = { architecture: 'mnist-cnn', input: '{"mean":[0.1],"std":[0.3]}' };
  const shape: [number, number, number] = [28, 28, 1];

  it('say of what network they are, and how its input is normalised', async () => {
    const sent = (metadata: Record<string, string>, output: object = figures) => {
      const bytes = file((header) => (header['__metadata__'] = metadata));
      const made = { 'model.safetensors': bytes };
      return check(epoch('model.safetensors'), made, { output: { ...output } }, shape);
    };
    await sent(about);
    for (const [change, message] of [
      [{ architecture: 'resnet18' }, 'that it is a mnist-cnn'],
      [{ input: '' }, 'normalised'],
      [{ input: '{"mean":[0.1],"std":[0]}' }, 'normalised'],
      [{ input: '{"mean":[0.1,0.1],"std":[0.3,0.3]}' }, 'normalised'],
      [{ input: '{"mean":[1e999],"std":[1]}' }, 'normalised'],
      [{ size: '[1,1]' }, '28 x 28'],
      [{ more: '' }, 'its metadata holds "more"'],
    ] as const) {
      await expect(sent({ ...about, ...change })).rejects.toThrow(message);
    }
    await expect(sent({})).rejects.toThrow('that it is a mnist-cnn');
    for (const change of [
      { loss: NaN },
      { loss: null },
      { seconds: -1 },
      { seconds: 1e9 },
      { trainAccuracy: 1.01 },
      { validationAccuracy: -0.1 },
    ]) {
      await expect(sent(about, { ...figures, ...change })).rejects.toThrow(
        'desk@host-1 sent a result that is not taken',
      );
    }
  });

  it('come with the state of their optimiser', async () => {
    const of = { inputShape: shape, classes: 10, options: {} };
    const adam = optimiserTensors(network, of, { optimiser: 'adam' });
    const sent = (
      metadata: Record<string, string>,
      own: readonly StateTensor[] = adam,
      values?: (bytes: Uint8Array) => Uint8Array,
    ) => {
      const bytes = file((header) => (header['__metadata__'] = metadata), values, own);
      const made = { 'optimiser.safetensors': bytes };
      return check(epoch('optimiser.safetensors'), made, { output: figures }, shape);
    };
    const said = { optimiser: 'adam', step: '12' };
    await sent(said);
    for (const change of [
      { optimiser: 'sgd' },
      { step: '-1' },
      { step: '1e3' },
      { step: '' },
      { step: '9'.repeat(40) },
      { more: '' },
    ]) {
      await expect(sent({ ...said, ...change })).rejects.toThrow('the state of adam');
    }
    const sgd = optimiserTensors(network, of, { optimiser: 'sgd' });
    await expect(sent(said, sgd)).rejects.toThrow('which the network lacks');
    const negative = (bytes: Uint8Array) => {
      new DataView(bytes.buffer).setFloat32(bytes.length - 4, -1e-9, true);
      return bytes;
    };
    await expect(sent(said, adam, negative)).rejects.toThrow('where 0 is the least');
  });

  it('are refused or taken as what was asked for, whatever their header says', async () => {
    const whole = Buffer.from(file((header) => (header['__metadata__'] = about)));
    const length = 8 + Number(whole.readBigUInt64LE());
    const words = [
      '[0,',
      '-1',
      '1e99',
      '"F16"',
      '__proto__',
      '{"a":1}',
      '9007199254740993',
      '\\u0000',
    ];
    const changes = fc.array(
      fc.oneof(
        fc.record({ at: fc.nat(length), value: fc.nat(255) }),
        fc.record({ at: fc.nat(length), text: fc.constantFrom(...words) }),
        fc.record({ cut: fc.nat(whole.length) }),
        fc.record({ size: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      ),
      { minLength: 1, maxLength: 3 },
    );
    const expected = new Map(tensors.map(({ name, shape: of }) => [name, of]));
    fc.assert(
      fc.property(changes, (made) => {
        let bytes = Buffer.from(whole);
        for (const change of made) {
          if ('cut' in change) bytes = bytes.subarray(0, change.cut);
          else if ('size' in change) {
            if (bytes.length >= 8) bytes.writeBigUInt64LE(change.size);
          } else overwrite(bytes, change);
        }
        if (safetensorsProblem(bytes, tensors) !== null) return;
        const { tensors: read } = decodeSafetensors(bytes, 'model.safetensors');
        expect(new Map([...read].map(([name, { shape: of }]) => [name, of]))).toEqual(expected);
      }),
      { numRuns: 300 },
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
      'desk@host-1 sent model.safetensors that is not taken',
    );
  });
});
