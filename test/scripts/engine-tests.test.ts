import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/setup/context.mjs';
import { engineUse, needsEngine, unitTests } from '../../scripts/setup/engine-tests.mjs';

const files = unitTests(repositoryRoot);
const choice = { files, built: false, refused: false };
const need = (filter: string) => files.filter((path) => path.includes(filter)).filter(needsEngine);

describe('test files that need the engine', () => {
  it('are told by their place or name', () => {
    expect(needsEngine('test/engine/models/train.test.ts')).toBe(true);
    expect(needsEngine('test/engine/datasets/mnist.test.ts')).toBe(false);
    expect(needsEngine('test/main/engine-process/engine.test.ts')).toBe(true);
    expect(needsEngine('test/main/core/jobs/scheduler.test.ts')).toBe(false);
    expect(needsEngine('test/main/core/jobs/kill-resume.engine.test.ts')).toBe(true);
  });

  it('are all there are: TensorFlow is refused to every other, this one for example', () => {
    const require = createRequire(import.meta.url);
    expect(() => require('@tensorflow/tfjs-node-gpu')).toThrow('NAME.engine.test.ts');
    expect(process.env['NODE_OPTIONS']).toContain('refuse-tensorflow');
  });

  it('bring the engine where all files, they alone or the engine by name are asked for', () => {
    for (const filters of [
      [],
      ['kill-resume'],
      ['engine'],
      ['engine/'],
      ['shared', 'models/train.test'],
    ]) {
      expect(engineUse({ ...choice, filters })).toEqual({ needed: true, leftOut: [] });
    }
  });

  it('are left out where others are chosen too, unless the engine was built before', () => {
    const filters = ['shared', 'statistics', 'core', 'renderer'];
    const left = engineUse({ ...choice, filters });
    expect(left.needed).toBe(false);
    expect([...left.leftOut].sort()).toEqual(need('core').sort());
    expect(left.leftOut).toContain('test/main/core/evaluation/roar.engine.test.ts');
    expect(engineUse({ ...choice, filters, built: true })).toEqual({ needed: true, leftOut: [] });
  });

  it('leave the engine alone where none is chosen or it is refused', () => {
    const none = { needed: false, leftOut: [] };
    for (const filter of ['renderer', 'no such file', 'same-engine']) {
      expect(engineUse({ ...choice, filters: [filter], built: true })).toEqual(none);
    }
    const refused = engineUse({ ...choice, filters: [], built: true, refused: true });
    expect(refused).toEqual({ needed: false, leftOut: need('') });
  });
});
