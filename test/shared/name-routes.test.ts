import { describe, expect, it } from 'vitest';
import { type RouteName, routes } from '../../src/shared/routes';
import { parse } from '../../src/shared/errors';
import { datasetSubsetSchema } from '../../src/shared/catalogue/datasets';
import { raterCodeSchema } from '../../src/shared/ratings/rating-routes';

const id = (kind: string) => `${kind}_${'a'.repeat(16)}`;
const config = { datasets: [{ dataset: 'mnist', model: id('model') }] };

/** Every route that takes a name, with the rest of its input. */
const naming: readonly (readonly [RouteName, object])[] = [
  ['datasets.importImages', { path: '/images' }],
  ['datasets.rename', { dataset: 'birds' }],
  ['models.rename', { model: id('model') }],
  ['models.import', { dataset: 'mnist', upload: id('upload') }],
  ['methods.compose', { composition: 'gradient' }],
  ['methods.import', { dataset: 'mnist', files: [{ upload: id('upload') }] }],
  ['roar.start', { settings: { dataset: 'mnist' } }],
  ['roar.rename', { run: id('run') }],
  ['experiments.rename', { experiment: id('experiment') }],
  ['studies.create', { config }],
  ['studies.rename', { study: id('study') }],
];

describe('routes that take a name', () => {
  it('are all of these', () => {
    const found = Object.entries(routes).filter(
      // A file's name identifies nothing here: it is kept as it is. A join's is letters and digits.
      ([route, { input }]) =>
        route !== 'uploads.begin' &&
        !route.endsWith('Join') &&
        'shape' in input &&
        'name' in input.shape,
    );
    expect(found.map(([name]) => name).sort()).toEqual(naming.map(([name]) => name).sort());
  });

  it.each(naming)('%s: in plain text, without what nobody sees', (route, input) => {
    const named = (name: string) => parse(routes[route].input, { ...input, name });
    expect(named('\u00a0Jose\u0301\u2003 \u3000X\t')).toMatchObject({ name: 'Jos\u00e9 X' });
    for (const hidden of ['\u200b', '\u00ad', '\u2066', '\ufeff', '\n', '\u0007', '\u{e0020}']) {
      expect(() => named(`A${hidden}B`)).toThrow(/name is .*without invisible characters \(U\+/);
    }
    expect(() => named('\u3000')).toThrow(/name is "\[U\+3000\]"; a name of 1 to 80 characters/);
  });
});

it('codes and classes too', () => {
  expect(parse(raterCodeSchema, '\u2003R1\u00a0')).toBe('R1');
  expect(() => parse(raterCodeSchema, 'R1\u200d', 'code')).toThrow('code is "R1[U+200D]"');
  expect(parse(datasetSubsetSchema, { classes: ['cafe\u0301', ' b '] }).classes).toEqual([
    'caf\u00e9',
    'b',
  ]);
  expect(() => parse(datasetSubsetSchema, { classes: ['a', 'b\u200b'] })).toThrow('[U+200B]');
});
