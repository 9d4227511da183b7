import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { questionIds } from '../../src/shared/ratings/questions';
import { builtInNetworks } from '../../src/shared/catalogue/networks';
import { builtInMetrics, paperMetric } from '../../src/shared/catalogue/metrics';
import { builtInOperators } from '../../src/shared/catalogue/operators';
import { type Fill } from '../../src/shared/catalogue/training';
import { builtInDatasets } from '../../src/shared/catalogue/known-datasets';

/** What may be named by its quoted id in its own places alone. */
const known: readonly {
  readonly what: string;
  readonly ids: readonly string[];
  readonly places: readonly string[];
}[] = [
  {
    what: 'questions',
    ids: questionIds,
    places: [
      'src/shared/ratings/questions.ts',
      'src/main/core/paper/',
      'src/renderer/views/paper/',
    ],
  },
  {
    what: 'networks',
    ids: builtInNetworks.map(({ id }) => id),
    places: ['src/shared/catalogue/', 'src/engine/models/networks/'],
  },
  {
    what: 'datasets',
    ids: builtInDatasets.map(({ id }) => id),
    places: [
      'src/shared/catalogue/',
      'src/engine/datasets/',
      'src/main/core/paper/',
      'src/renderer/views/paper/',
    ],
  },
  {
    what: 'operators',
    // `gradient` is a purpose of batches too, `random` a method, a mask and a fill.
    ids: builtInOperators.map(({ id }) => id).filter((id) => id !== 'gradient' && id !== 'random'),
    places: ['src/shared/catalogue/', 'src/engine/saliency/', 'src/main/core/paper/'],
  },
  {
    what: 'fills',
    // The others are a baseline and a control too.
    ids: ['dataset-mean', 'noisy-linear'] satisfies Fill[],
    places: [
      'src/shared/catalogue/',
      'src/engine/removal/',
      // The numbers of arithmetic that changed, by what it is of.
      'src/engine/runtime/arithmetic.ts',
    ],
  },
];

/** Those of the catalogue, each by the name of its own that it is imported by. */
const catalogueFiles = 'operators|metrics|networks|known-datasets';

/** Where single descriptors are imported: beside their algorithms, and where the paper is written. */
const importPlaces = [
  'src/shared/catalogue/',
  'src/engine/saliency/',
  'src/engine/models/networks/',
  'src/engine/metrics/',
  'src/engine/datasets/',
  'src/main/core/evaluation/metrics/',
  'src/main/core/paper/',
  'src/renderer/views/paper/',
  // The commands that do the paper's experiments.
  'src/main/cli/experiment.ts',
  'src/main/cli/commands/sensitivity.ts',
];

/** Metrics, which settings and stored runs name as protocols. */
const metricPlaces = [
  'src/shared/catalogue/',
  'src/engine/metrics/',
  'src/main/core/evaluation/metrics/',
  'src/main/core/paper/',
  'src/renderer/views/paper/',
];

const sources = globSync('src/**/*.{ts,vue}')
  .map((path) => path.replaceAll('\\', '/'))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

it('no page but the paper’s calls a dataset by its name', () => {
  const names = new RegExp(builtInDatasets.map(({ name }) => name).join('|'));
  const pages = sources.filter(({ path }) => path.startsWith('src/renderer/'));
  const found = pages.filter(({ text }) => names.test(text.replaceAll(/\/\*\*?[^]*?\*\//g, '')));
  expect(found.map(({ path }) => path)).toEqual(['src/renderer/views/paper/AccuraciesTable.vue']);
});

describe('quoted ids outside their own places: 0', () => {
  it.each(known)('of $what', ({ ids, places }) => {
    const quoted = new RegExp(`(['"\`])(?:${ids.join('|')})\\1`);
    const inside = (path: string) => places.some((place) => path.startsWith(place));
    const found = sources.filter(({ text }) => quoted.test(text)).map(({ path }) => path);
    expect(found.length, 'its own places name them').toBeGreaterThan(0);
    expect(found.filter((path) => !inside(path))).toEqual([]);
  });

  it('of metrics', () => {
    const ids = builtInMetrics.map(({ id }) => id);
    // The first shares its id with a preset, a page and a reference: there it is no protocol.
    const own = ids.filter((id) => id !== paperMetric.id);
    const quoted = new RegExp(`(['"\`])(?:${own.join('|')})\\1`);
    const asProtocol = new RegExp(
      `(?:protocol|metric|preset)[^\n;]{0,40}(['"\`])(?:${ids.join('|')})\\1`,
      'i',
    );
    const found = sources.filter(({ text }) => quoted.test(text) || asProtocol.test(text));
    const outside = found
      .map(({ path }) => path)
      .filter((path) => !metricPlaces.some((place) => path.startsWith(place)));
    expect(found.length).toBeGreaterThan(outside.length);
    expect(outside).toEqual([]);
  });

  it('of what is imported by name instead', () => {
    const single = new RegExp(
      `import (?:type )?\\{([^}]*)\\} from '[^']*catalogue/(?:${catalogueFiles})'`,
      'g',
    );
    const found = sources.filter(({ text }) =>
      [...text.matchAll(single)].some(([, names = '']) =>
        names.split(',').some((name) => name.trim() !== '' && !/^\s*(?:type )?builtIn/.test(name)),
      ),
    );
    const outside = found
      .map(({ path }) => path)
      .filter((path) => !importPlaces.some((place) => path.startsWith(place)));
    expect(found.length).toBeGreaterThan(outside.length);
    expect(outside).toEqual([]);
  });
});
