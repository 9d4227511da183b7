import { type EngineClass } from '../../../../../src/main/core/machines/engine-class';
import { type Heartbeat } from '../../../../../src/main/core/machines/heartbeat';

/** Of an engine with one thread. */
export const someClass: EngineClass = {
  build: 'build',
  probe: 'probe',
  engine: {
    numerics: 3,
    tensorflow: '2.21.0',
    device: 'cpu',
    deviceName: 'A processor',
    threads: 1,
    oneDnn: true,
    plan: {},
    arithmetic: {},
  },
};

/** Of a worker that is idle, by a clock that went wrong. */
export const idleSign = (name: string): Heartbeat => ({
  version: 1,
  name,
  join: 'lab',
  host: 'node',
  engineClass: someClass,
  threads: 1,
  slots: 1,
  state: 'idle',
  items: [],
  done: 0,
  seconds: 0,
  problem: null,
  at: '1999-01-01T00:00:00.000Z',
});
