import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryBytes } from '../../../../src/engine/models/byte-source';
import { openWeights } from '../../../../src/engine/models/open-weights';
import { StudioError } from '../../../../src/shared/errors';
import { bytes, call, dict, int, legacyFile, list, row, steps, text, tuple } from './pickles';

/** Files per kind: `npm run soak` makes more. */
const runs = Number(process.env['SOAK_FILES'] ?? 2000);
const timeout = 60_000 + runs * 20;

const folder = new URL('../../../fixtures/own-weights/', import.meta.url);
const given = ['sound', 'hostile', 'broken']
  .flatMap((part) =>
    readdirSync(new URL(part, folder))
      .filter((name) => !name.endsWith('.json'))
      .map((name) => readFileSync(new URL(`${part}/${name}`, folder))),
  )
  // Of the large ones a run would be all that there is.
  .filter(({ length }) => length > 0 && length < 20_000)
  .flatMap((bytes) => [bytes, withoutSums(bytes)]);

/** A zip whose every CRC-32 is 0, as writers may leave it: else a changed byte is found at once. */
function withoutSums(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const entry = 'PK\x01\x02';
  for (let at = changed.indexOf(entry, 0, 'latin1'); at >= 0;) {
    changed.fill(0, at + 16, at + 20);
    at = changed.indexOf(entry, at + 1, 'latin1');
  }
  return changed;
}

/** Read as an import reads it: it ends in a sentence that names the file, or in values. */
async function isRead(bytes: Uint8Array): Promise<void> {
  const properties = Object.getOwnPropertyNames(Object.prototype).length;
  try {
    const weights = await openWeights(new MemoryBytes(bytes), 'mutant.pth', null);
    // No network here has more values than these.
    const small = [...weights.tensors.values()].filter(
      ({ shape }) => shape.reduce((total, side) => total * side, 1) < 100_000,
    );
    for (const tensor of small.slice(0, 100)) tensor.read();
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    expect(error.message).toContain('mutant.pth');
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(properties);
}

const file = fc.constantFrom(...given);
const byte = fc.nat(255);
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
interface Change {
  readonly kind: 'set' | 'flip' | 'insert' | 'delete' | 'cut' | 'repeat';
  /** Of the file's length, from 0 to 1. */
  readonly at: number;
  readonly with: number;
}
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: place, with: byte }),
  fc.record({ kind: fc.constant('flip' as const), at: place, with: fc.nat(7) }),
  fc.record({ kind: fc.constant('insert' as const), at: place, with: byte }),
  fc.record({ kind: fc.constant('delete' as const), at: place, with: fc.nat(40) }),
  fc.record({ kind: fc.constant('cut' as const), at: place, with: byte }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, with: fc.nat(200) }),
);

function changed(bytes: Buffer, { kind, at, with: value }: Change): Buffer {
  const from = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
  switch (kind) {
    case 'set':
      return Buffer.concat([before, Buffer.of(value), after.subarray(1)]);
    case 'flip':
      return Buffer.concat([before, Buffer.of((after[0] ?? 0) ^ (1 << value)), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.of(value), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(value)]);
    case 'cut':
      return before;
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, value), after]);
  }
}

/** The opcodes of pickles, which random bytes seldom hit. */
const opcodes = Buffer.from(
  '.(012NJKMGabcdehijlqrstuxXBCTUQR)}]\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97',
  'latin1',
);
const names = [
  'ccollections\nOrderedDict\n',
  'ctorch._utils\n_rebuild_tensor_v2\n',
  'ctorch._utils\n_rebuild_parameter\n',
  'ctorch._tensor\n_rebuild_from_type_v2\n',
  'ctorch\nFloatStorage\n',
  'ctorch\nTensor\n',
  'cargparse\nNamespace\n',
  'cposix\nsystem\n',
  '\x8c\x07storage',
  '\x8c\x01w',
  'K\x02\x85',
  '}\x8c\x09__proto__Ns',
].map((text) => Buffer.from(text, 'latin1'));
const anyStep = fc.oneof(
  fc.constantFrom(...opcodes).map((code) => Buffer.of(code)),
  fc.constantFrom(...names),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
);
/** The magic number and form of the files before PyTorch 1.6, whose pickles stand in the open. */
const legacyHead = Buffer.from(
  '80028a0a6cfc9c46f9206aa850192e80024de9032e80027d580d0000006c6974746c655f656e6469616e88732e8002',
  'hex',
);

const odd = [0, 1, 2, 3, -1, 2 ** 31 - 1];
const leaf = fc.oneof(
  fc.constantFrom(...odd).map(int),
  fc
    .constantFrom('N', '\x88', 'G\x3f\xe0\x00\x00\x00\x00\x00\x00', '}', ']', ')', '\x8f')
    .map(bytes),
  fc.constantFrom('storage', '1', '2', 'w', '__proto__', 'state_dict').map(text),
  fc.constantFrom(...names.slice(0, 7)),
  fc.constantFrom(row('1', 2), row('2', 2), row('2', 3)),
);
/** Values of well-formed pickles in which anything is done with anything. */
const { value } = fc.letrec<{ value: Buffer }>((tie) => {
  const some = fc.array(tie('value'), { maxLength: 7 });
  const pair = fc.tuple(tie('value'), tie('value'));
  return {
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      some.map((items) => tuple(...items)),
      some.map((items) => list(...items)),
      fc.array(pair, { maxLength: 4 }).map((pairs) => dict(...pairs)),
      fc.tuple(tie('value'), some).map(([called, items]) => call(called, ...items)),
      pair.map(([made, state]) => steps(made, state, bytes('b'))),
      pair.map(([made, args]) => steps(made, args, bytes('\x81'))),
      pair.map(([made, item]) => steps(made, item, bytes('a'))),
      some.map((items) => steps(tuple(...items), bytes('Q'))),
      tie('value').map((made) => steps(made, bytes('q\x00'))),
      fc.constant(bytes('h\x00')),
    ),
  };
});

describe('no file ends in anything but values or a sentence', () => {
  const settings = { numRuns: runs };

  test('files of every kind with bytes changed, moved and cut', { timeout }, async () => {
    const changes = fc.array(change, { minLength: 1, maxLength: 8 });
    const mutants = fc.asyncProperty(file, changes, (bytes, list) =>
      isRead(list.reduce(changed, bytes)),
    );
    await fc.assert(mutants, settings);
  });

  test('pickles of opcodes in any order', { timeout }, async () => {
    const parts = fc.array(anyStep, { maxLength: 60 });
    const pickles = fc.asyncProperty(parts, (made) =>
      isRead(Buffer.concat([legacyHead, ...made, Buffer.from('.\x80\x02].', 'latin1')])),
    );
    await fc.assert(pickles, settings);
  });

  test('well-formed pickles in which anything is done with anything', { timeout }, async () => {
    const storages = new Map([
      ['1', [1, 2]],
      ['2', [3, 4]],
    ]);
    const pickles = fc.asyncProperty(value, (made) => {
      const used = [...storages].filter(([key]) => made.includes(text(key)));
      return isRead(legacyFile(dict(['w', row('1', 2)], ['made', made]), new Map(used)));
    });
    await fc.assert(pickles, settings);
  });
});
