import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  criticalPath,
  type OpenChain,
  openChains,
  simulate,
} from '../../../../src/main/core/jobs/simulate';

const chain = (id: string, cost: number, ...needs: string[]): OpenChain => ({ id, cost, needs });
const equal = (workers: number, rate = 1) => Array.from({ length: workers }, () => rate);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('simulate', () => {
  it('ends what can be done at once together, one to a worker', () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => chain(id, 3));
    expect(simulate(four, equal(1))).toEqual({ seconds: 12, idle: 0, limit: 'work' });
    expect(simulate(four, equal(2))).toEqual({ seconds: 6, idle: 0, limit: 'work' });
    expect(simulate(four, equal(4))).toEqual({ seconds: 3, idle: 0, limit: 'work' });
    expect(simulate(four, equal(8))).toEqual({ seconds: 3, idle: 0.5, limit: 'path' });
  });

  it('says that chains are too few where the last round leaves workers idle', () => {
    const four = ['a', 'b', 'c', 'd'].map((id) => chain(id, 3));
    // Two rounds, and in the second two of three have nothing.
    const { seconds, idle, limit } = simulate(four, equal(3));
    expect([seconds, limit]).toEqual([6, 'chains']);
    expect(idle).toBeCloseTo(1 / 3, 12);
  });

  it('begins a chain when what it needs is done', () => {
    const plan = [
      chain('base', 10),
      chain('left', 4, 'base'),
      chain('right', 6, 'base'),
      chain('end', 1, 'left', 'right'),
    ];
    expect(simulate(plan, equal(1)).seconds).toBe(21);
    expect(simulate(plan, equal(2)).seconds).toBe(17);
    expect(simulate(plan, equal(9))).toMatchObject({ seconds: 17, limit: 'path' });
  });

  it('gives the first to the fastest, and reckons with the rate of each', () => {
    expect(simulate([chain('a', 6)], [0.5, 2]).seconds).toBe(3);
    // 6 at rate 2 ends at 3, 4 at rate 1 at 4.
    expect(simulate([chain('a', 6), chain('b', 4)], [1, 2])).toMatchObject({ seconds: 4 });
  });

  it('takes needs that are not among the open ones as done', () => {
    expect(simulate([chain('a', 2, 'gone')], equal(1)).seconds).toBe(2);
    expect(simulate([], equal(3))).toEqual({ seconds: 0, idle: 0, limit: 'work' });
  });

  it('refuses what can never be done', () => {
    expect(() => simulate([chain('a', 1, 'b'), chain('b', 1, 'a')], equal(1))).toThrow(
      'the chains wait for one another',
    );
    expect(() => simulate([chain('a', 1)], [])).toThrow('rates of workers');
    expect(() => simulate([chain('a', 1)], [1, 0])).toThrow('rates of workers');
  });

  it('keeps within what work and path allow, whatever the plan and the workers', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 12 }), (plan, workers) => {
        const work = sum(plan.map(({ cost }) => cost));
        const path = criticalPath(plan);
        const { seconds, idle } = simulate(plan, equal(workers));
        const least = Math.max(work / workers, path);
        expect(seconds).toBeGreaterThanOrEqual(least - 1e-9);
        // Graham's bound: a worker is idle only while the longest path goes on.
        expect(seconds).toBeLessThanOrEqual(work / workers + (1 - 1 / workers) * path + 1e-9);
        expect(idle).toBeGreaterThanOrEqual(0);
        expect(idle).toBeLessThan(1);
      }),
    );
  });

  it('takes the sum on one worker, and half of it at twice the rate', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const work = sum(plan.map(({ cost }) => cost));
        expect(simulate(plan, [1]).seconds).toBeCloseTo(work, 6);
        expect(simulate(plan, [2]).seconds).toBeCloseTo(work / 2, 6);
      }),
    );
  });

  it('never takes longer than the sum on the slowest, with others beside it', () => {
    fc.assert(
      fc.property(
        plans,
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
        (plan, rates) => {
          const work = sum(plan.map(({ cost }) => cost));
          const { seconds } = simulate(plan, rates);
          expect(seconds).toBeLessThanOrEqual(work / Math.min(...rates) + 1e-9);
          expect(seconds).toBeGreaterThanOrEqual(work / sum(rates) - 1e-9);
          expect(seconds).toBeGreaterThanOrEqual(criticalPath(plan) / Math.max(...rates) - 1e-9);
        },
      ),
    );
  });

  it('tells of 3,000 items within a moment', () => {
    const plan = Array.from({ length: 3000 }, (_, index) =>
      chain(`${index}`, 1 + (index % 7), ...(index >= 30 ? [`${index - 30}`] : [])),
    );
    const times = [1, 2, 3, 4, 5].map(() => {
      const before = performance.now();
      simulate(plan, equal(10));
      return performance.now() - before;
    });
    // 10 ms on a machine at rest; others may be at work on this one.
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('openChains', () => {
  const item = (id: string, cost: number) => ({ id, title: id, cost, bytes: 0 });
  const spec = (id: string, needs: string[], ...items: ReturnType<typeof item>[]) => ({
    id,
    stage: 'stage',
    title: id,
    passing: 0,
    needs,
    items,
  });

  it('adds up what is left of each spec and leaves out those that are done', () => {
    const specs = [
      spec('a', [], item('a1', 5), item('a2', 5)),
      spec('b', ['a'], item('b1', 3)),
      spec('c', ['b'], item('c1', 0)),
    ];
    const done = new Set(['a1']);
    expect(openChains(specs, (_, { id, cost }) => (done.has(id) ? null : cost))).toEqual([
      chain('a', 5),
      chain('b', 3, 'a'),
      chain('c', 0, 'b'),
    ]);
    expect(openChains(specs, () => null)).toEqual([]);
  });
});

/** Chains that need some of those before them. */
const plans = fc
  .array(
    fc.record({
      cost: fc.integer({ min: 0, max: 20 }),
      needs: fc.array(fc.nat(1000), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((drawn) =>
    drawn.map(({ cost, needs }, index) =>
      chain(
        `${index}`,
        cost,
        ...(index === 0 ? [] : [...new Set(needs.map((need) => `${need % index}`))]),
      ),
    ),
  );
