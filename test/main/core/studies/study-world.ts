import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, createApp } from '../../../../src/main/core/app';
import { type ErrorData } from '../../../../src/shared/errors';
import { type StudioEvent } from '../../../../src/shared/events';
import { type Job, type JobState } from '../../../../src/shared/jobs';
import { type StudyRecord } from '../../../../src/shared/ratings/study';
import { type RouteInput } from '../../../../src/shared/routes';
import { StudyEngine } from './study-engine';

export type GivenConfig = RouteInput<'studies.create'>['config'];

/** An application on a scripted engine, with a trained model to make studies with. */
export class StudyWorld {
  readonly dataDir: string;
  engine = new StudyEngine();
  app: App;
  events: StudioEvent[] = [];
  model = '';

  private constructor(dataDir: string, app: App, engine: StudyEngine) {
    this.dataDir = dataDir;
    this.engine = engine;
    this.app = app;
    this.#listen();
  }

  static async make(): Promise<StudyWorld> {
    const dataDir = await mkdtemp(join(tmpdir(), 'studio-'));
    const world = await StudyWorld.at(dataDir);
    world.model = await world.train();
    return world;
  }

  static async at(dataDir: string, options: Partial<AppOptions> = {}): Promise<StudyWorld> {
    const engine = new StudyEngine();
    const app = await createApp({ dataDir, shell: 'cli', startEngine: () => engine, ...options });
    return new StudyWorld(dataDir, app, engine);
  }

  /** Close, and open again on the same data. */
  async reopen(options: Partial<AppOptions> = {}, prepare?: (engine: StudyEngine) => void) {
    await this.app.close();
    const engine = new StudyEngine();
    prepare?.(engine);
    this.engine = engine;
    const { dataDir } = this;
    this.app = await createApp({ dataDir, shell: 'cli', startEngine: () => engine, ...options });
    this.#listen();
  }

  async remove(): Promise<void> {
    await this.app.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async train(removal: { level: number } = { level: 0 }, seed = 0): Promise<string> {
    const recipe = { epochs: 1, seed };
    const given = { dataset: 'mnist' as const, recipe, removal };
    const { job, model } = await this.app.api.call('models.train', given);
    await this.reaches(job.id, 'done');
    return model.id;
  }

  /** Four images, three methods, two practice trials. */
  config(change: Partial<GivenConfig> = {}): GivenConfig {
    return {
      datasets: [
        { dataset: 'mnist', model: this.model, images: { kind: 'sampled', count: 4, seed: 3 } },
      ],
      methods: ['vanilla-gradient', 'smoothgrad', 'random'],
      design: { practice: 2 },
      ...change,
    };
  }

  create(name: string, change: Partial<GivenConfig> = {}): Promise<StudyRecord> {
    return this.app.api.call('studies.create', { name, config: this.config(change) });
  }

  /** A study whose maps are there. */
  async open(name: string, change: Partial<GivenConfig> = {}): Promise<StudyRecord> {
    const { id } = await this.create(name, change);
    const { job } = await this.app.api.call('studies.prepare', { study: id });
    await this.reaches(job.id, 'done');
    return this.app.api.call('studies.get', { study: id });
  }

  async reaches(job: string, wanted: JobState): Promise<Job> {
    for (;;) {
      const found = await this.app.api.call('jobs.get', { job });
      if (found.state === wanted) return found;
      if (found.state === 'failed') throw new Error(JSON.stringify(found.error));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #listen(): void {
    this.events = [];
    const { events } = this;
    this.app.subscribe((event) => events.push(event));
  }
}

/** What a call was refused with; null where it was not. */
export function refusalOf(call: Promise<unknown>): Promise<ErrorData | null> {
  return call.then(
    () => null,
    (error: { data: ErrorData }) => error.data,
  );
}
