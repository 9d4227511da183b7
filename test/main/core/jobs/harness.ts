import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, createApp } from '../../../../src/main/core/app';
import {
  type ChildEngine,
  startChildEngine,
} from '../../../../src/main/core/engine/child-process-engine';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { type EventOf, type EventType, type StudioEvent } from '../../../../src/shared/events';
import { type JobState } from '../../../../src/shared/jobs';
import { bundle } from './bundle';
import { roarSettings } from '../../../fixtures/datasets';

export interface Harness {
  readonly dataDir: string;
  /** Open the application; the harness closes what is open. */
  open(options?: Partial<AppOptions>): Promise<Opened>;
  remove(): Promise<void>;
}

export interface Opened {
  readonly app: App;
  readonly engine: ChildEngine;
  readonly events: StudioEvent[];
  /** The first event, past or to come, that satisfies. */
  until<T extends EventType>(
    type: T,
    satisfies: (event: EventOf<T>) => boolean,
  ): Promise<EventOf<T>>;
  /** Wait for a job to reach one of these states. */
  reaches(job: string, ...states: JobState[]): Promise<void>;
  close(): Promise<void>;
}

/** A run that trains and scores in seconds. */
export const smallSettings = roarSettings({
  images: 10,
  levels: [0, 0.5],
  methods: ['vanilla-gradient', 'smoothgrad', 'integrated-gradients', 'random'],
  parameters: { n: 2, steps: 2 },
  recipe: { epochs: 1, trainLimit: 200 },
  resamples: 100,
});

/**
 * The real application on a temporary directory, with the real engine process from these sources.
 *
 * @param engineEntry one that has other algorithms as well
 */
export async function harness(engineEntry = 'src/main/engine-process/main.ts'): Promise<Harness> {
  const files = installedFiles();
  const built = await bundle({ engine: engineEntry });
  const dataDir = await mkdtemp(join(tmpdir(), 'studio-'));
  const open = new Set<Opened>();
  return {
    dataDir,
    async open(options = {}) {
      const engine = startChildEngine({
        nodePath: files.node,
        entry: join(built.folder, 'engine.js'),
        threads: 1,
        log: () => undefined,
      });
      const app = await createApp({ dataDir, shell: 'cli', startEngine: () => engine, ...options });
      const opened = watch(app, engine, () => open.delete(opened));
      open.add(opened);
      return opened;
    },
    async remove() {
      for (const opened of open) await opened.close();
      await built.remove();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function watch(app: App, engine: ChildEngine, onClose: () => void): Opened {
  const events: StudioEvent[] = [];
  const checks = new Set<() => void>();
  app.subscribe((event) => {
    events.push(event);
    for (const check of checks) check();
  });
  const until: Opened['until'] = (type, satisfies) =>
    new Promise((resolve) => {
      const check = () => {
        for (const event of events) {
          if (event.type !== type) continue;
          const found = event as EventOf<typeof type>;
          if (!satisfies(found)) continue;
          checks.delete(check);
          resolve(found);
          return;
        }
      };
      checks.add(check);
      check();
    });
  return {
    app,
    engine,
    events,
    until,
    async reaches(job, ...states) {
      const now = await app.api.call('jobs.get', { job });
      if (states.includes(now.state)) return;
      const from = events.length;
      await until(
        'job.changed',
        (event) =>
          event.job.id === job && states.includes(event.job.state) && events.indexOf(event) >= from,
      );
    },
    async close() {
      await app.close();
      onClose();
    },
  };
}
