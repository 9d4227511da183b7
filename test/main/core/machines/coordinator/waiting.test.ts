import { expect, it } from 'vitest';
import { waitingFor } from '../../../../../src/main/core/machines/coordinator/waiting';

type Seen = Parameters<typeof waitingFor>[0];
const able = { difference: null, problem: null, state: 'idle' as const };
const seen = (more: Partial<Seen> = {}) =>
  waitingFor({
    connection: 'connected',
    problem: null,
    workers: [],
    trouble: null,
    own: null,
    ...more,
  });

it('has nothing to say where somebody takes work', () => {
  expect(seen({ workers: [able] })).toBeNull();
  expect(seen({ workers: [{ ...able, state: 'busy' }], own: { problem: 'It ended.' } })).toBeNull();
});

it('blames the queue where that is away or full, whoever was seen last', () => {
  const problem = { code: 'not-found' as const, message: 'The queue at q:1 cannot be reached.' };
  expect(seen({ connection: 'lost', problem, workers: [able] })).toBe(
    'The queue at q:1 cannot be reached. The run goes on once it is there.',
  );
  expect(seen({ connection: 'connecting' })).toBe('The queue is being reached.');
  expect(seen({ trouble: 'The queue at q:1 takes nothing in.', workers: [able] })).toBe(
    'The queue at q:1 takes nothing in. The run goes on once it does.',
  );
});

it('says how workers come to be there where none is', () => {
  expect(seen()).toBe('No worker is there: start one with a join file.');
  expect(seen({ own: { problem: null } })).toBe('This machine’s own worker is starting.');
  expect(seen({ own: { problem: 'The disk is full.' } })).toBe(
    'This machine’s own worker ended and is started again: The disk is full.',
  );
});

it('says what keeps those away that are there', () => {
  const other = { ...able, difference: 'other instruction set' };
  expect(seen({ workers: [other] })).toBe(
    'No worker of this run’s class is there; 1 worker waits: other instruction set.',
  );
  expect(seen({ workers: [other, { ...able, difference: 'other build' }] })).toBe(
    'No worker of this run’s class is there; 2 workers wait: other instruction set; other build.',
  );
  // One with a full disk is of the class, and not without reason idle.
  expect(seen({ workers: [{ ...able, problem: 'Its disk is full.' }, other] })).toBe(
    '1 worker of this run’s class takes nothing for now: Its disk is full.',
  );
  expect(seen({ workers: [{ ...able, state: 'draining' }] })).toBe(
    '1 worker of this run’s class takes nothing more: it drains.',
  );
  expect(
    seen({ workers: [able, able].map((each) => ({ ...each, state: 'draining' as const })) }),
  ).toBe('2 workers of this run’s class take nothing more: they drain.');
});
