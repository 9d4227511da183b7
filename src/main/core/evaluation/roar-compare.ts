import { type RoarSettings } from '../../../shared/catalogue/roar';
import { summariesOf } from '../../../shared/method-summary';
import { type RunResult } from '../../../shared/records';
import { type RouteOutput } from '../../../shared/routes';
import { spearman } from '../../../statistics/correlation';

export type RunComparison = RouteOutput<'roar.compare'>;

/** Two runs side by side: what was set differently, and how each method fared in both. */
export function compareRuns(a: RunResult, b: RunResult): RunComparison {
  const others = new Map(summariesOf(b).map((summary) => [summary.method.id, summary]));
  const methods = summariesOf(a).flatMap((summary) => {
    const other = others.get(summary.method.id);
    if (!other) return [];
    return [
      {
        method: summary.method,
        advantageA: summary.advantage,
        advantageB: other.advantage,
        rankA: summary.rank,
        rankB: other.rank,
      },
    ];
  });
  return {
    a: a.run,
    b: b.run,
    settings: differences(a.run.settings, b.run.settings),
    methods,
    spearman: spearman(
      methods.map(({ advantageA }) => advantageA),
      methods.map(({ advantageB }) => advantageB),
    ),
    notes: [a, b].flatMap(({ run, notes }) => notes.map((note) => `${run.name}: ${note}`)),
  };
}

/** The settings that differ, by path, as JSON text. */
export function differences(a: RoarSettings, b: RoarSettings): RunComparison['settings'] {
  const [first, second] = [leaves(a), leaves(b)];
  const paths = [...new Set([...first.keys(), ...second.keys()])];
  return paths
    .map((path) => ({ path, a: first.get(path) ?? '', b: second.get(path) ?? '' }))
    .filter((row) => row.a !== row.b);
}

/** Every value that is no object, by its path; an array is one value. */
function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, item]) => [
      ...leaves(item, path === '' ? key : `${path}.${key}`),
    ]),
  );
}
