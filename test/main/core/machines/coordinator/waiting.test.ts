import { expect, it } from 'vitest';
import { waitingFor } from '../../../../../src/main/core/machines/coordinator/waiting';

const able = { difference: null, state: 'idle' } as const;
const draining = { difference: null, state: 'draining' } as const;
const other = { difference: 'other instruction set', state: 'idle' } as const;

it.each([
  [[], 'No worker is there: start one with a join file.'],
  [[able], null],
  [[draining, other, able], null],
  [[draining], '1 worker of this run’s class takes nothing more: it drains.'],
  [[draining, draining, other], '2 workers of this run’s class take nothing more: they drain.'],
  [[other], 'No worker of this run’s class is there; 1 worker waits: other instruction set.'],
  [
    [other, { ...other, difference: 'other build' }, other],
    'No worker of this run’s class is there; 3 workers wait: other instruction set; other build.',
  ],
] as const)('of %j a job says %j', (workers, sentence) => {
  expect(waitingFor(workers)).toBe(sentence);
});
