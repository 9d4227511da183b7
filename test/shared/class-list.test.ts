import { describe, expect, it } from 'vitest';
import { mappedOutputs, readClassList, readMapping } from '../../src/shared/class-list';
import { matchClasses } from '../../src/shared/model-classes';
import { cropStart } from '../../src/shared/model-input';

const names = (text: string) => readClassList(text, 'classes', '--classes').map(({ name }) => name);
const plain = (...all: string[]) => all.map((name) => ({ name, alias: null }));

describe('lists of classes', () => {
  it('are read as text, JSON and CSV', () => {
    expect(names('cat\r\ndog, small\n\n')).toEqual(['cat', 'dog, small']);
    expect(names('\uFEFF["cat", "dog"]')).toEqual(['cat', 'dog']);
    expect(names('{"1": "dog", "0": "cat"}')).toEqual(['cat', 'dog']);
    expect(names('{"dog": 1, "cat": 0}')).toEqual(['cat', 'dog']);
    expect(names('index,name\n1,dog\n0,"cat, tabby"\n')).toEqual(['cat, tabby', 'dog']);
    expect(names('name\ncat\ndog\n')).toEqual(['cat', 'dog']);
    const imagenet = '{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]}';
    expect(readClassList(imagenet, 'f', '--classes')).toEqual([
      { name: 'tench', alias: 'n01440764' },
      { name: 'goldfish', alias: 'n01443537' },
    ]);
  });

  it.each([
    ['', 'no name'],
    ['cat\n\ndog', 'line 2 is empty'],
    ['["cat", 5]', 'class 1 is no name'],
    ['{"0": "cat", "2": "dog"}', 'the index 1 is missing'],
    ['{"0": "cat"', 'no sound JSON'],
    ['index,name\n0,cat\n0,dog', 'the index 0 stands twice'],
    ['index,name\nx,cat', 'line 2 has no index'],
    ['ca\u200Bt', 'invisible'],
  ])('refuse %j: %s', (text, why) => {
    expect(() => names(text)).toThrow(why);
  });

  it('find the outputs of a dataset’s classes by name, alias and loose spelling', () => {
    const outputs = [{ name: 'Polar Bear', alias: 'n1' }, ...plain('dog', 'crane', 'crane')];
    expect(matchClasses(['polar_bear', 'dog'], outputs).outputs).toEqual([0, 1]);
    expect(matchClasses(['n1'], outputs).outputs).toEqual([0]);
    expect(matchClasses(['crane', 'cow'], outputs)).toEqual({
      outputs: [null, null],
      ambiguous: [0],
    });
  });

  it('are mapped by a file, by names or numbers', () => {
    const pairs = readMapping('dataset,network\nkatze,cat\nhund,1\n', 'f', '--map-classes');
    const mapped = (given: [string, string][]) =>
      mappedOutputs(given, ['hund', 'katze'], plain('cat', 'dog'), 2, '--map-classes');
    expect(mapped(pairs)).toEqual([1, 0]);
    expect(readMapping('{"katze": "cat", "hund": 1}', 'f', 'x')).toEqual(pairs);
    expect(() => mapped([['maus', 'cat']])).toThrow('hund, katze');
    expect(() => mapped([['hund', 'cow']])).toThrow('a number from 0 to 1');
    expect(() => mapped([['hund', '0']])).toThrow('katze');
    expect(() => readMapping('a,b\n1,2', 'f', 'x')).toThrow('no such columns');
  });
});

describe('centre crops', () => {
  it('begin where torchvision’s CenterCrop does: a half goes to the even number', () => {
    // int(round((side - crop) / 2.0)) of Python.
    const made = [0, 1, 2, 3, 4, 5, 6, 7, 33, 34, 35].map((left) => cropStart(224 + left, 224));
    expect(made).toEqual([0, 0, 1, 2, 2, 2, 3, 4, 16, 17, 18]);
  });
});
