import { describe, expect, test } from 'vitest';
import { type TorchStorage } from '../../../../src/engine/models/torch-file/tensors';
import { unpickle } from '../../../../src/engine/models/torch-file/unpickle';
import {
  Opaque,
  PickleDict,
  PickleList,
  PickleTuple,
  type PickleValue,
} from '../../../../src/engine/models/torch-file/values';
import { StudioError } from '../../../../src/shared/errors';
import { bytes, call, dict, global, int, list, pickle, steps, text, tuple } from './pickles';

const problem = (message: string) => new StudioError({ code: 'corrupt-file', message });

function valueOf(value: Buffer, protocol = 2): PickleValue {
  return unpickle(pickle(value, protocol), 0, {
    damaged: problem,
    strange: (name, isModel) => problem(`${name}${isModel ? ', a model' : ''}`),
    storages: new Map<string, TorchStorage>(),
  }).value;
}

describe('plain values are what they are in Python', () => {
  // pickletools: LONG1 is in two's complement, its lowest byte first.
  test.each<[string, Buffer, PickleValue]>([
    ['LONG1 of no byte', bytes('\x8a\x00'), 0],
    ['LONG1 255', bytes('\x8a\x02\xff\x00'), 255],
    ['LONG1 -256', bytes('\x8a\x02\x00\xff'), -256],
    ['LONG1 -1', bytes('\x8a\x01\xff'), -1],
    ['LONG1 2^53 + 1', bytes('\x8a\x07\x01\x00\x00\x00\x00\x00\x20'), 2n ** 53n + 1n],
    ['LONG4 -128', bytes('\x8b\x01\x00\x00\x00\x80'), -128],
    ['BININT', int(-2147483648), -2147483648],
    ['BININT2', bytes('M\x01\x02'), 513],
    ['BINFLOAT', bytes('G\xbf\xe0\x00\x00\x00\x00\x00\x00'), -0.5],
    ['a text of Python 2', bytes('U\x03abc'), 'abc'],
    ['a text with a byte order mark', text('\uFEFFa'), '\uFEFFa'],
    ['DUP and POP', bytes('K\x0720'), 7],
    ['MEMOIZE and BINGET', bytes('K\x07\x940h\x00'), 7],
  ])('%s', (_, value, expected) => {
    expect(valueOf(value, 4)).toBe(expected);
  });

  test('containers', () => {
    const value = valueOf(tuple(list(int(1), text('a')), dict(['__proto__', bytes('N')])));
    if (!(value instanceof PickleTuple)) throw new Error('no tuple');
    const [first, second] = value.items;
    expect(first instanceof PickleList && first.items).toEqual([1, 'a']);
    expect(second instanceof PickleDict && [...second.entries]).toEqual([['__proto__', null]]);
  });

  test('an OrderedDict of pairs, as Python 2 wrote it', () => {
    const made = call(
      global('collections', 'OrderedDict'),
      list(list(text('b'), int(1)), list(text('a'), int(2))),
    );
    const value = valueOf(made);
    const pairs = [
      ['b', 1],
      ['a', 2],
    ];
    expect(value instanceof PickleDict && [...value.entries]).toEqual(pairs);
  });
});

test('what is passed over is never built', () => {
  const space = steps(
    global('argparse', 'Namespace'),
    bytes(')\x81'),
    dict(['lr', int(1)]),
    bytes('b'),
  );
  for (const made of [space, bytes('\x8f(K\x01\x90'), bytes('(K\x01\x91')]) {
    expect(valueOf(made, 4)).toBeInstanceOf(Opaque);
  }
});

describe('refused', () => {
  test.each<[string, Buffer, string]>([
    ['a call of a class', call(global('torch', 'Tensor'), int(1)), 'torch.Tensor, which is no'],
    ['an object of no class', steps(global('torch', 'float32'), bytes(')\x81')), 'no class'],
    ['what is below a mark', bytes('K\x01(0'), 'never put on its stack'],
    ['an OrderedDict of one text', call(global('collections', 'OrderedDict'), text('a')), 'pairs'],
    ['an opcode of text', bytes('I1\n'), '0x49 at byte 2'],
    ['a whole model', steps(global('__main__', 'Net'), text('_modules')), '__main__.Net, a model'],
    ['more steps than any', bytes('N0'.repeat(500_000)), 'more than 1000000 steps'],
    ['a number of many bytes', bytes('\x8b\x01\x04\x00\x00'), '1025 bytes'],
  ])('%s', (_, value, why) => {
    expect(() => valueOf(value)).toThrow(why);
  });
});
