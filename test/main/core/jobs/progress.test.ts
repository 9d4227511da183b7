import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ItemSpec } from '../../../../src/main/core/jobs/item-spec';
import { ProgressTracker, type StagePlan } from '../../../../src/main/core/jobs/progress';

const item = (id: string, cost: number) => ({ id, title: `Item ${id}`, cost });
const stages: StagePlan[] = [
  { id: 'train', title: 'Train', items: [item('a', 10), item('b', 10)] },
  { id: 'maps', title: 'Maps', items: [item('c', 20)] },
];

function tracker(measured: boolean, plan = stages, specs: readonly ItemSpec[] = []) {
  let time = 0;
  const made = new ProgressTracker({
    job: 'job_aaaaaaaaaaaaaaaa',
    stages: plan,
    measured,
    specs,
    monotonic: () => time * 1000,
    elapsedBefore: 5,
  });
  return { made, pass: (seconds: number) => (time += seconds) };
}

describe('ProgressTracker', () => {
  it('tells no time left until a rate is known, and expectations once they are measured', () => {
    expect(tracker(false).made.snapshot().secondsLeft).toBeNull();
    expect(tracker(true).made.snapshot()).toMatchObject({
      secondsLeft: 40,
      share: 0,
      itemsDone: 0,
      itemsTotal: 3,
      elapsed: 5,
    });
  });

  it('corrects the expectations of a stage by what its items took', () => {
    const { made, pass } = tracker(true);
    made.begin('train', 'a');
    pass(30);
    made.finish('train', 'a', 30);
    // b takes three times as long as thought; nothing is known of the maps yet.
    expect(made.snapshot()).toMatchObject({ secondsLeft: 30 + 20, itemsDone: 1, elapsed: 35 });
    expect(made.snapshot().share).toBeCloseTo(30 / 80);
  });

  it('scales unmeasured stages by what the others took', () => {
    const { made, pass } = tracker(false);
    made.begin('train', 'a');
    pass(20);
    made.finish('train', 'a', 20);
    expect(made.snapshot().secondsLeft).toBeCloseTo(20 + 40);
  });

  it('counts the item under way, and its rate by its own unit', () => {
    const { made, pass } = tracker(true);
    made.begin('train', 'a');
    made.report('train', 'a', { done: 0, total: 1000, unit: 'images' });
    pass(2);
    made.report('train', 'a', { done: 500, total: 1000, unit: 'images', loss: 0.5 });
    const told = made.snapshot();
    expect(told).toMatchObject({ item: 'Item a', itemShare: 0.5, unit: 'images', loss: 0.5 });
    expect(told.rate).toBeCloseTo(250);
    // 5 expected seconds took 2.
    expect(told.secondsLeft).toBeCloseTo(15 * 0.4 + 20);
    pass(1);
    made.report('train', 'a', { done: 10, total: 1000, unit: 'images' });
    expect(made.snapshot().rate).toBeNull();
  });

  it('tells the time left of what was begun before by what is done now alone', () => {
    const { made, pass } = tracker(false, [{ id: 'train', title: 'Train', items: [item('a', 1)] }]);
    made.begin('train', 'a');
    pass(1);
    made.report('train', 'a', { done: 510, total: 1000, before: 500, unit: 'maps' });
    expect(made.snapshot()).toMatchObject({ itemShare: 0.51, secondsLeft: null });
    pass(9);
    made.report('train', 'a', { done: 600, total: 1000, before: 500, unit: 'maps' });
    // A tenth in ten seconds.
    expect(made.snapshot().secondsLeft).toBeCloseTo(40);
  });

  it('counts several under way, and tells of the one that began first', () => {
    const { made, pass } = tracker(true);
    made.begin('train', 'a');
    made.begin('train', 'b');
    pass(1);
    made.report('train', 'a', { done: 1, total: 4, unit: 'images' });
    made.report('train', 'b', { done: 3, total: 4, unit: 'images' });
    expect(made.snapshot()).toMatchObject({
      item: 'Item a and 1 more',
      itemShare: 0.25,
      itemsDone: 0,
    });
    made.abandon('train', 'a');
    expect(made.snapshot()).toMatchObject({ item: 'Item b', itemShare: 0.75 });
  });

  it('says that nobody is at what is open, until somebody begins it', () => {
    const { made } = tracker(true);
    made.open('train', 'a');
    made.open('train', 'b');
    expect(made.snapshot().item).toBe('Waiting for a worker');
    made.begin('train', 'b');
    expect(made.snapshot().item).toBe('Item b');
    made.finish('train', 'b', 10);
    expect(made.snapshot().item).toBe('Waiting for a worker');
    made.finish('train', 'a', null);
    expect(made.snapshot().item).toBe('');
  });

  it('tells the time left with several at once by what waits for what', () => {
    const planned = (
      stage: string,
      id: string,
      cost: number,
      needs: readonly string[],
    ): ItemSpec => ({
      id,
      stage,
      title: id,
      passing: 0,
      needs,
      items: [{ ...item(id, cost), bytes: 0 }],
    });
    const specs = [
      planned('train', 'a', 10, []),
      planned('train', 'b', 10, []),
      planned('maps', 'c', 20, ['a']),
    ];
    const { made } = tracker(true, stages, specs);
    // One after the other; then a and b at once, and c after a.
    made.begin('train', 'a');
    expect(made.snapshot().secondsLeft).toBe(40);
    made.begin('train', 'b');
    expect(made.snapshot().secondsLeft).toBe(30);
  });

  it('counts reused items as done without learning from them', () => {
    const { made } = tracker(true);
    made.finish('train', 'a', null);
    made.finish('train', 'b', null);
    expect(made.snapshot()).toMatchObject({ itemsDone: 2, secondsLeft: 20, share: 0.5 });
  });

  it('refuses an item that is not planned', () => {
    expect(() => tracker(true).made.begin('maps', 'a')).toThrow(RangeError);
    expect(() => tracker(true).made.finish('maps', 'a', 1)).toThrow(RangeError);
  });

  it('keeps the share from 0 to 1, never falling, and ends at 1 with nothing left', () => {
    const seconds = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(seconds, seconds), { minLength: 1, maxLength: 12 }), (rows) => {
        const plan: StagePlan[] = rows.map(([cost], i) => ({
          id: `stage ${i % 3} ${i}`,
          title: '',
          items: [item(`${i}`, cost)],
        }));
        const { made, pass } = tracker(true, plan);
        let before = 0;
        for (const [i, [, taken]] of rows.entries()) {
          made.begin(plan[i]?.id ?? '', `${i}`);
          for (const share of [0.3, 0.9]) {
            pass(taken / 3);
            made.report(plan[i]?.id ?? '', `${i}`, { done: share, total: 1, unit: 'images' });
            const told = made.snapshot();
            expect(told.share).toBeGreaterThanOrEqual(before);
            expect(told.share).toBeLessThanOrEqual(1);
            expect(told.secondsLeft).toBeGreaterThanOrEqual(0);
            before = told.share;
          }
          made.finish(plan[i]?.id ?? '', `${i}`, taken);
        }
        expect(made.snapshot()).toMatchObject({ share: 1, secondsLeft: 0 });
      }),
    );
  });
});
