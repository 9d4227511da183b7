import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statedAccuracy } from '../../../../src/main/core/export/publication';
import { loadPaper } from '../../../../src/main/core/paper/paper';
import { withSetting } from '../../../../src/main/core/paper/variants';
import { paperMethods } from '../../../../src/shared/catalogue/methods';
import { roarSettingsSchema } from '../../../../src/shared/catalogue/roar';
import { StudioError } from '../../../../src/shared/errors';
import { roarSettings } from '../../../fixtures/datasets';

const paper = loadPaper('resources');

/** Of a dataset whose network has options, where the path is one of them. */
const datasetFor = (path: string) => (path.startsWith('recipe.options.') ? 'cifar10' : 'mnist');

/** A setting's value by its path, e.g. 'parameters.sigmaMode'. */
function valueAt(path: string): unknown {
  let value: unknown = roarSettings({ dataset: datasetFor(path) });
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

describe('what the paper says', () => {
  it('names the nine methods in the order and words of its tables', () => {
    for (const table of paper.tables) {
      expect(table.rows.map(({ method, name }) => ({ method, name }))).toEqual(
        paperMethods.map(({ id, name }) => ({ method: id, name })),
      );
      expect(table.datasets).toEqual(['MNIST', 'CIFAR10', 'Tiny ImageNet']);
    }
  });

  it('states the accuracies of ten levels', () => {
    expect(paper.accuracies.levels.map(({ level }) => level)).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9,
    ]);
    expect(statedAccuracy(paper.accuracies, 0.4)).toEqual({
      level: 0.4,
      accuracy: 0.98,
      above: true,
    });
    expect(statedAccuracy(paper.accuracies, 0.1 + 0.2)?.level).toBe(0.3);
    expect(statedAccuracy(paper.accuracies, 0.9)).toEqual({
      level: 0.9,
      accuracy: 0.74,
      above: false,
    });
    expect(statedAccuracy(paper.accuracies, 0.25)).toBeNull();
  });

  it('has each choice and claim once', () => {
    for (const list of [paper.choices, paper.claims]) {
      expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    }
    expect(paper.choices.length).toBeGreaterThan(40);
    expect(paper.claims.length).toBeGreaterThan(15);
  });

  it.each(paper.choices.flatMap(({ id, setting }) => (setting === null ? [] : [[id, setting]])))(
    'choice %s is the default that it says: %s',
    (_, setting = '') => {
      for (const part of setting.split(', ')) {
        const [path = '', value] = part.split(' = ');
        expect(valueAt(path)).toBeDefined();
        if (value !== undefined) expect(String(valueAt(path))).toBe(value);
      }
    },
  );

  it.each(
    paper.choices.flatMap(({ id, readings }) =>
      readings.flatMap(({ setting }) => (setting === null ? [] : [[id, setting]])),
    ),
  )('another reading of %s can be chosen: %s', (_, setting = '') => {
    const [path = '', value] = setting.split(' = ');
    if (value === undefined) return expect(valueAt(path)).toBeDefined();
    const base = roarSettings({ dataset: datasetFor(path) });
    const variant = withSetting(base, setting);
    expect(variant).not.toBeNull();
    expect(roarSettingsSchema.safeParse(variant).success).toBe(true);
  });

  it('a damaged file is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'paper-'));
    try {
      mkdirSync(join(folder, 'paper'));
      writeFileSync(join(folder, 'paper', 'table-1.json'), '{"table": "III"}');
      expect(() => loadPaper(folder)).toThrow(StudioError);
      expect(() => loadPaper(folder)).toThrow('table-1.json');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
