import { describe, expect, it } from 'vitest';
import { engineKey } from '../../../../../src/main/core/artifacts/keys';
import { requireSameEngine } from '../../../../../src/main/core/evaluation/roar/same-engine';
import { defaultMapParameters } from '../../../../../src/shared/catalogue/parameters';
import { type RoarSettings } from '../../../../../src/shared/catalogue/roar';
import { type StudioError } from '../../../../../src/shared/errors';
import { description } from '../../jobs/scripted-engine';
import { roarSettings } from '../../../../fixtures/datasets';

describe('a run that was begun', () => {
  const now = engineKey({ ...description, arithmetic: { resnet18: 2 } });

  /** Why another engine may not go on; null where it may. */
  function refusal(
    before: typeof description | null,
    done: string[],
    change: Partial<RoarSettings> = {},
  ) {
    const settings = { ...roarSettings({ dataset: 'cifar10' }), ...change };
    try {
      requireSameEngine(before, now, settings, done);
      return null;
    } catch (error) {
      return (error as StudioError).data;
    }
  }

  it('goes on with other arithmetic of maps as long as there are none', () => {
    expect(refusal(null, ['train', 'maps'])).toBeNull();
    expect(refusal(description, [])).toBeNull();
    expect(refusal(description, ['train'])).toBeNull();
    expect(refusal(description, ['train', 'maps'])).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/an earlier version of the engine.*takes over every model/),
    });
  });

  it('does not go on with maps of a probability, or models of a fill, that are made otherwise', () => {
    const changed = { ...description, arithmetic: { probability: 2, 'noisy-linear': 2 } };
    const of = (change: Partial<RoarSettings>, done: string[]) => {
      const settings = { ...roarSettings({}), ...change };
      return () => requireSameEngine(description, engineKey(changed), settings, done);
    };
    const parameters = { ...defaultMapParameters, score: 'probability' } as const;
    expect(of({}, ['train', 'maps'])).not.toThrow();
    expect(of({ parameters }, ['train'])).not.toThrow();
    expect(of({ parameters }, ['train', 'maps'])).toThrow(/earlier version of the engine/);
    expect(of({ fill: 'noisy-linear' }, ['train'])).toThrow(/earlier version of the engine/);
  });

  it('does not go on with what a version before began', () => {
    const before = { ...description, numerics: 2 };
    expect(refusal(before, ['train'])).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/an earlier version of the engine/),
      details: { reason: 'begun by another engine' },
    });
  });

  it('does not go on with an engine that trains otherwise', () => {
    const elsewhere = { ...description, threads: 4, deviceName: 'Another processor' };
    expect(refusal(elsewhere, ['train'])?.message).toMatch(
      /begun with .*Another processor \(cpu\), 4 threads and cannot go on with .*, 1 thread/,
    );
    const other = { ...description, threads: 4 };
    expect(refusal(other, ['train'])).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /begun with 4 threads an item and cannot go on with 1: .* Set 4 again \(Settings, Machines, Threads an item; in a command --threads 4\)/,
      ),
    });
  });
});
