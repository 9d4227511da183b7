import { expect, it } from 'vitest';
import { workerRates } from '../../../../src/main/core/machines/worker-rates';
import { type Machines, machinesSchema } from '../../../../src/shared/machines';

const worker = (name: string, more: Partial<Machines['workers'][number]> = {}) => ({
  name: `${name}@host-1`,
  join: name,
  host: 'host',
  engineClass: 'a1',
  difference: null,
  problem: null,
  threads: 1,
  slots: 1,
  state: 'idle' as const,
  items: [],
  done: 0,
  rate: null,
  lastSeen: '2026-12-01T10:00:00Z',
  ...more,
});

const machines = (more: Partial<Machines>): Machines =>
  machinesSchema.parse({
    queue: {
      host: 'q',
      port: 1,
      username: '',
      password: true,
      tls: false,
      ca: false,
      trial: false,
    },
    workplace: 'queue',
    threads: null,
    listening: null,
    unreached: null,
    connection: 'connected',
    problem: null,
    engineClass: 'a1',
    workers: [],
    joins: [],
    waiting: null,
    ...more,
  });

it('counts who takes work of this class, a rate for each of its slots', () => {
  const workers = [
    worker('one'),
    worker('two', { slots: 2, rate: 0.5 }),
    worker('draining', { state: 'draining' }),
    worker('other', { difference: 'other instruction set' }),
    worker('full', { problem: 'Its disk is full.' }),
  ];
  expect(workerRates(machines({ workers }))).toEqual([1, 0.5, 0.5]);
  expect(workerRates(machines({ workers, workplace: 'here' }))).toBeNull();
  expect(workerRates(machines({ workers, queue: null }))).toBeNull();
});

it('counts this machine once, also while its own worker is among the others', () => {
  const workers = [worker('this-machine'), worker('one')];
  expect(workerRates(machines({ workers, workplace: 'both' }))).toEqual([1, 1]);
  expect(workerRates(machines({ workers: [worker('one')], workplace: 'both' }))).toEqual([1, 1]);
});
