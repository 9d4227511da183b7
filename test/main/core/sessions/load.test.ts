import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { type RouteOutput } from '../../../../src/shared/routes';
import { bundle } from '../jobs/bundle';
import { person, telemetry } from './person';
import { openPage } from './socket-page';
import { startWebProcess, type WebProcess } from './web-process';
import { makeWorld, type World } from './world';

const raters = 20;
const trials = 50;

/** The p-th percentile by the nearest rank. */
const percentile = (values: readonly number[], p: number) =>
  [...values].sort((a, b) => a - b)[Math.ceil((p / 100) * values.length) - 1] ?? Number.NaN;

describe('many raters at once', () => {
  let world: World;
  let built: Awaited<ReturnType<typeof bundle>>;
  let server: WebProcess;
  beforeAll(async () => {
    world = await makeWorld({ images: 5, raters: raters + 1, design: { practice: 0, trials } });
    built = await bundle({ web: 'src/main/web/main.ts' });
    server = await startWebProcess(built.folder, world.dataDir);
  });
  afterAll(async () => {
    await server.kill();
    await built.remove();
    await world.remove();
  });

  /** One rater's whole session; answers with the milliseconds from each label to its confirmation. */
  const session = async (token: string, look: boolean): Promise<number[]> => {
    const page = await openPage(server.port, token);
    const rater = person(page);
    const state = await rater.toTrials();
    const waits: number[] = [];
    let [trial, ahead] = [state.current, state.next];
    while (trial) {
      if (look) await rater.look(trial);
      const { position } = trial;
      let answered: RouteOutput<'rating.answer'> | null = null;
      for (const { id: question } of trial.questions) {
        const label = { event: randomUUID(), position, question, score: 3 };
        const sentAt = performance.now();
        answered = await page.call('rating.answer', { ...label, telemetry });
        waits.push(performance.now() - sentAt);
      }
      [trial, ahead] = [ahead, answered?.next ?? null];
    }
    page.close();
    return waits;
  };

  it(
    '20 raters give 2,000 labels over their sockets without an error; each is kept once',
    { timeout: 240_000 },
    async () => {
      const [alone, ...others] = world.raters;
      const single = await session(alone?.token ?? '', true);
      const startedAt = performance.now();
      const waits = (await Promise.all(others.map(({ token }) => session(token, true)))).flat();
      const seconds = (performance.now() - startedAt) / 1000;
      expect(waits).toHaveLength(raters * trials * 2);
      await server.kill('SIGTERM');

      const { migrations } = installedFiles();
      const database = openDatabase({ path: `${world.dataDir}/studio.sqlite`, migrations });
      const events = new RatingEventsRepository(database);
      expect(events.count(world.study)).toBe((raters + 1) * trials * 2);
      expect(events.all(world.study)).toHaveLength((raters + 1) * trials * 2);
      database.close();
      const line = (name: string, values: readonly number[]) =>
        `${name}: ${values.length} labels, from sending to confirmed p50 ${percentile(values, 50).toFixed(1)} ms, p95 ${percentile(values, 95).toFixed(1)} ms`;
      process.stdout.write(
        `${line('one rater', single)}\n${line(`${raters} raters at once, without a pause`, waits)}, errors 0, ${(waits.length / seconds).toFixed(0)} labels a second\n`,
      );
    },
  );
});
