import { type Machines, type WorkerRecord } from '../../src/shared/machines';

/** No queue. */
export function machinesRecord(changes: Partial<Machines> = {}): Machines {
  return {
    queue: null,
    workplace: 'here',
    threads: null,
    listening: null,
    connection: 'none',
    problem: null,
    engineClass: null,
    workers: [],
    joins: [],
    waiting: null,
    ...changes,
  };
}

/** One that is used. */
export const withQueue = (changes: Partial<Machines> = {}): Machines =>
  machinesRecord({
    queue: {
      host: 'queue.example.org',
      port: 6379,
      username: 'studio',
      password: true,
      tls: true,
      trial: false,
    },
    workplace: 'both',
    threads: 2,
    listening: 'https://192.0.2.7:7443',
    connection: 'connected',
    engineClass: 'c1a55e5000000000',
    ...changes,
  });

export function workerRecord(changes: Partial<WorkerRecord> = {}): WorkerRecord {
  return {
    name: 'lab-1/gpu-node-3/4711',
    join: 'lab-1',
    host: 'gpu-node-3',
    engineClass: 'c1a55e5000000000',
    difference: null,
    problem: null,
    threads: 2,
    slots: 1,
    state: 'busy',
    items: ['Gradient, level 0.3, repetition 1 of 5, epoch 2 of 4'],
    done: 41,
    rate: 1.25,
    lastSeen: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
}
