import { describe, expect, it } from 'vitest';
import { engineKey } from '../../../src/main/core/jobs/keys';
import { requireSameEngine } from '../../../src/main/core/jobs/roar/same-engine';
import { type StudioError } from '../../../src/shared/errors';
import { description } from './scripted-engine';

describe('a run that was begun', () => {
  const now = engineKey({ ...description, arithmetic: { resnet18: 2 } });

  /** Why another engine may not go on; null where it may. */
  function refusal(
    before: typeof description | null,
    done: string[],
    dataset = 'cifar10' as const,
  ) {
    try {
      requireSameEngine(before, now, dataset, done);
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

  it('does not go on with an engine that trains otherwise', () => {
    const other = { ...description, threads: 4 };
    expect(refusal(other, ['train'])).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /begun with .*, 4 threads and cannot go on with .*, 1 threads/,
      ),
    });
  });
});
