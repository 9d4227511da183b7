import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Executor, type Place } from '../../../../../src/main/core/jobs/executor';
import { stored, type WorkOrder, workOrder } from '../../../../../src/main/core/jobs/item-spec';
import { type DoneResult } from '../../../../../src/main/core/machines/coordinator/check-result';
import { isVerified, verifier } from '../../../../../src/main/core/machines/coordinator/verify';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const requests = Array.from({ length: 2000 }, (_, i) => hash(`request ${i}`));
const order = workOrder(
  'evaluate',
  { dataset: 'mnist', files: [] },
  { model: stored(hash('model')), split: 'validation', removal: {}, removalSeed: 0 },
) as unknown as WorkOrder;

/** This machine, which always comes to the same; how many it did at once at the most. */
function here(file: string, accuracy: number) {
  let [atOnce, most, done] = [0, 0, 0];
  const place: Place = {
    execute: async (_order, _context, take) => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await take({ folder: '/none', files: [{ name: 'map.npy', sha256: hash(file), bytes: 1 }] });
      atOnce -= 1;
      done += 1;
      return { accuracy, count: 1 } as never;
    },
    close: () => Promise.resolve(),
  };
  const executor: Executor = { room: 1, open: () => place };
  return { executor, most: () => most, done: () => done };
}

const sent = (file: string): DoneResult => ({
  kind: 'done',
  worker: 'desk@host-1',
  seconds: 1,
  output: {},
  files: [{ name: 'map.npy', sha256: hash(file), bytes: 1 }],
});
const context = { signal: new AbortController().signal };

describe('what is done again here', () => {
  it('is the same share whoever asks, and another with another seed', () => {
    const chosen = (seed: number, share: number) =>
      requests.filter((request) => isVerified({ share, seed }, request));
    expect(chosen(1, 0)).toEqual([]);
    expect(chosen(1, 1)).toEqual(requests);
    expect(chosen(1, 0.1)).toEqual(chosen(1, 0.1));
    expect(chosen(1, 0.1)).not.toEqual(chosen(2, 0.1));
    expect(chosen(1, 0.1).length).toBeGreaterThan(140);
    expect(chosen(1, 0.1).length).toBeLessThan(260);
  });

  it('passes where both came to the same, one at a time', async () => {
    const machine = here('the map', 0.5);
    const verify = verifier(machine.executor, { share: 1, seed: 1 });
    await Promise.all(
      requests
        .slice(0, 4)
        .map((request) =>
          verify(
            'job',
            order,
            request,
            sent('the map'),
            { accuracy: 0.5, count: 1 } as never,
            context,
          ),
        ),
    );
    expect([machine.done(), machine.most()]).toEqual([4, 1]);
  });

  it.each([
    ['another file', 'another map', 0.5, 'map.npy differs'],
    ['other figures', 'the map', 0.6, 'the figures differ'],
  ])('tells of %s, naming who sent it and this machine', async (_, file, accuracy, why) => {
    const verify = verifier(here('the map', 0.5).executor, { share: 1, seed: 1 });
    const told = verify(
      'job',
      order,
      requests[0] ?? '',
      sent(file),
      { accuracy, count: 1 } as never,
      context,
    );
    await expect(told).rejects.toMatchObject({
      data: { code: 'conflict', details: { one: 'desk@host-1', other: 'this machine' } },
    });
    await expect(told).rejects.toThrow(why);
  });

  it('is not begun once the job has ended', async () => {
    const machine = here('the map', 0.5);
    const verify = verifier(machine.executor, { share: 1, seed: 1 });
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(
      verify('job', order, requests[0] ?? '', sent('the map'), {} as never, { signal }),
    ).rejects.toThrow('stopped');
    expect(machine.done()).toBe(0);
  });
});
