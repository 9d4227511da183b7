/** Exported tables, read as anybody would who knows only the format. */

export function readCsv(text: string): Record<string, string>[] {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

/** Mean score by method and level, and the trapezoid area over the levels, from scores.csv alone. */
export interface Recomputed {
  readonly levels: readonly number[];
  readonly means: ReadonlyMap<string, readonly number[]>;
  readonly areas: ReadonlyMap<string, number>;
}

export function recompute(scoresCsv: string): Recomputed {
  const cells = new Map<string, Map<number, number[]>>();
  for (const { method = '', level = '', score = '' } of readCsv(scoresCsv)) {
    const byLevel = cells.get(method) ?? new Map<number, number[]>();
    cells.set(method, byLevel);
    // A score is the shortest decimal of a float32.
    const value = Math.fround(Number(score));
    byLevel.set(Number(level), [...(byLevel.get(Number(level)) ?? []), value]);
  }
  const levels = [...new Set([...cells.values()].flatMap((byLevel) => [...byLevel.keys()]))].sort(
    (a, b) => a - b,
  );
  const means = new Map<string, number[]>();
  const areas = new Map<string, number>();
  for (const [method, byLevel] of cells) {
    const curve = levels.map((level) => {
      const scores = byLevel.get(level) ?? [];
      return scores.reduce((sum, score) => sum + score, 0) / scores.length;
    });
    means.set(method, curve);
    let area = 0;
    for (let i = 1; i < levels.length; i += 1) {
      const width = (levels[i] ?? 0) - (levels[i - 1] ?? 0);
      area += (width * ((curve[i - 1] ?? 0) + (curve[i] ?? 0))) / 2;
    }
    areas.set(method, area);
  }
  return { levels, means, areas };
}

/** The first number of a text that the app wrote, its minus sign included. */
export function shownNumber(text: string): number {
  return Number(/[−-]?\d+(\.\d+)?/.exec(text)?.[0].replace('−', '-') ?? Number.NaN);
}
