import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MemoryBytes } from '../../../../src/engine/models/byte-source';
import { openWeights } from '../../../../src/engine/models/open-weights';
import { StudioError } from '../../../../src/shared/errors';
import { bytes, dict, int, legacyFile, list, row, text } from './pickles';

const storages = new Map([
  ['1', [1, 2]],
  ['2', [3, 4]],
]);
const first = dict(['w', row('1', 2)]);
const second = dict(['w', row('2', 2)]);

async function open(value: Buffer, key: string | null = null) {
  const used = [...storages].filter(([name]) => value.includes(text(name)));
  const file = new MemoryBytes(legacyFile(value, new Map(used)));
  const { tensors, notes } = await openWeights(file, 'their.pth', key);
  const values = [...tensors].map(([name, tensor]) => [name, ...tensor.read().data]);
  return { values, notes: notes.join(' ') };
}

async function refusal(work: Promise<unknown>): Promise<StudioError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StudioError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

describe('the weights are found', () => {
  test('as the whole file', async () => {
    expect(await open(first)).toEqual({ values: [['w', 1, 2]], notes: '' });
  });

  test('below two keys, with what is passed over', async () => {
    const found = await open(
      dict(['model', dict(['state_dict', first], ['size', int(3)])], ['epoch', int(7)]),
    );
    expect(found.values).toEqual([['w', 1, 2]]);
    expect(found.notes).toContain('The weights under model.state_dict were taken.');
    expect(found.notes).toContain('passed over: epoch.');
  });

  test('under a usual key beside tensors of an optimiser, a scaler and of no key', async () => {
    const value = dict(
      ['optimizer_state_dict', second],
      ['scaler', second],
      ['best', row('2', 2)],
      ['model_state_dict', first],
    );
    expect((await open(value)).values).toEqual([['w', 1, 2]]);
  });

  test('under an unusual key, where it is the only one', async () => {
    expect((await open(dict(['generator', first]))).values).toEqual([['w', 1, 2]]);
  });

  test('beside what is no tensor', async () => {
    const found = await open(dict(['w', row('1', 2)], ['extra', bytes('N')]));
    expect(found).toMatchObject({ values: [['w', 1, 2]] });
    expect(found.notes).toContain('extra');
  });
});

describe('of several sets one is asked for', () => {
  const both = dict(['generator', first], ['critic', second]);

  test('and taken', async () => {
    expect((await open(both, 'generator')).values).toEqual([['w', 1, 2]]);
    expect((await open(both, 'critic')).values).toEqual([['w', 3, 4]]);
  });

  test('and refused without', async () => {
    const { data } = await refusal(open(both));
    expect(data).toMatchObject({
      ...{ code: 'invalid-input', field: 'weightsKey', value: 'null' },
      details: { choices: 'generator\ncritic' },
    });
    expect(data.message).toContain('their.pth has several sets of weights: generator, critic');
  });

  test.each<[string, Buffer, string]>([
    ['that is not there', both, 'accepted: generator, critic'],
    ['of a file that is one set', first, 'accepted: none'],
    ['that holds no weights', dict(['critic', second], ['nothing', dict()]), 'accepted: critic'],
  ])('and refused %s', async (_, value, accepted) => {
    const { data } = await refusal(open(value, 'nothing'));
    expect(data).toMatchObject({ field: 'weightsKey', value: 'nothing' });
    expect(data.message).toContain(accepted);
  });

  test('but none of a safetensors file', async () => {
    const path = new URL('../../../fixtures/own-weights/sound/tiny.safetensors', import.meta.url);
    const file = new MemoryBytes(readFileSync(path));
    const { data } = await refusal(openWeights(file, 'tiny.safetensors', 'state_dict'));
    expect(data).toMatchObject({ field: 'weightsKey' });
    expect(data.message).toContain('tiny.safetensors holds one set');
  });
});

test.each<[string, Buffer, string]>([
  ['a list', list(row('1', 2)), 'not a state_dict'],
  ['tensors without names', dict([int(1), row('1', 2)]), 'under the key 1, which is no name'],
  ['nothing', dict(), 'no tensors by their names'],
])('%s is no state_dict', async (_, value, why) => {
  expect((await refusal(open(value))).message).toContain(why);
});
