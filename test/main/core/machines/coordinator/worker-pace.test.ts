import { expect, it } from 'vitest';
import { WorkerPace } from '../../../../../src/main/core/machines/coordinator/worker-pace';

it('is the time that all its work should take here by that which it took there', () => {
  const pace = new WorkerPace();
  expect(pace.of('one')).toBeNull();
  pace.add('one', 10, 5);
  pace.add('one', 2, 1);
  pace.add('two', 1, 4);
  expect(pace.of('one')).toBe(2);
  expect(pace.of('two')).toBe(0.25);
});

it('takes nothing from times that cannot be', () => {
  const pace = new WorkerPace();
  for (const seconds of [0, -1, Number.NaN]) pace.add('one', 1, seconds);
  pace.add('one', 0, 1);
  expect(pace.of('one')).toBeNull();
});

it('forgets the workers that it heard of longest ago', () => {
  const pace = new WorkerPace();
  pace.add('first', 1, 1);
  pace.add('second', 1, 1);
  for (let i = 0; i < 998; i += 1) pace.add(`worker ${i}`, 1, 1);
  pace.add('first', 1, 1);
  pace.add('one more', 1, 1);
  expect(pace.of('first')).toBe(1);
  expect(pace.of('second')).toBeNull();
});
