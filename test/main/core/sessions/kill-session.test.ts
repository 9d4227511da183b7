import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { type QuestionId } from '../../../../src/shared/ratings/questions';
import { type Api } from '../../../../src/shared/routes';
import { bundle } from '../jobs/bundle';
import { person, telemetry } from './person';
import { ConnectionLost, openPage, type SocketPage } from './socket-page';
import { startWebProcess, type WebProcess } from './web-process';
import { type InvitedRater, makeWorld, type World } from './world';

/** How often the server is killed; the moments are drawn from this seed. */
const kills = Number(process.env['KILLS'] ?? 3);
const seed = Number(process.env['KILL_SEED'] ?? 20_260_101);

/** Milliseconds before a label: what bounds how many there are between two kills. */
const thinking = 3;

interface Label {
  readonly event: string;
  readonly position: number;
  readonly question: QuestionId;
  readonly score: number;
}

/** A rater who goes on whenever there is a server, and remembers what the screen confirmed. */
class Automaton {
  readonly confirmed: Label[] = [];
  /** The pictures of each trial that were seen, and the questions in their order. */
  readonly seen = new Map<number, string>();
  /** Sent, but not confirmed: sent again under the same id, as the page does. */
  pending: Label | null = null;
  finished = false;
  readonly rater: InvitedRater;
  readonly #onSend: () => void;

  constructor(rater: InvitedRater, onSend: () => void) {
    this.rater = rater;
    this.#onSend = onSend;
  }

  /** Rates until everything is rated, or the connection goes. */
  async rate(api: Api): Promise<void> {
    const { open, toTrials, look } = person(api);
    let state = await toTrials();
    if (this.pending) {
      await this.#send(api, this.pending);
      state = await open();
    }
    while (state.current) {
      const { current } = state;
      const { image, map } = await look(current);
      const shown = `${image.data} ${map.data} ${current.questions.map(({ id }) => id).join()}`;
      const before = this.seen.get(current.position);
      if (before !== undefined) expect(shown === before, 'another trial after a kill').toBe(true);
      this.seen.set(current.position, shown);
      for (const { id, score } of current.questions) {
        if (score !== null) continue;
        await this.#label(api, current.position, id);
      }
      // Now and then: back, and another label.
      if (current.position % 7 === 3) await this.#label(api, current.position, 'visual-coherence');
      state = await open();
    }
    expect(state.phase).toBe('thanks');
    this.finished = true;
  }

  #label(api: Api, position: number, question: QuestionId): Promise<void> {
    const score = 1 + ((position * 3 + this.confirmed.length) % 5);
    return this.#send(api, { event: randomUUID(), position, question, score });
  }

  async #send(api: Api, label: Label): Promise<void> {
    await wait(thinking);
    this.pending = label;
    const answered = api.call('rating.answer', { ...label, telemetry });
    this.#onSend();
    await answered;
    this.confirmed.push(label);
    this.pending = null;
  }
}

describe('kill -9 of the browser shell in the middle of sessions', () => {
  let world: World;
  let built: Awaited<ReturnType<typeof bundle>>;
  beforeAll(async () => {
    // So many that sessions last beyond the last kill, however fast the machine.
    world = await makeWorld({ images: 5 * Math.max(4, kills), raters: 2 });
    built = await bundle({ web: 'src/main/web/main.ts' });
  });
  afterAll(async () => {
    await built.remove();
    await world.remove();
  });

  it(
    'loses no label that was confirmed, doubles none, and goes on at the same trial',
    { timeout: 120_000 + kills * 20_000 },
    async () => {
      const random = xoroshiro128plus(seed);
      let onSend: () => void = () => undefined;
      const people = world.raters.map((rater) => new Automaton(rater, () => onSend()));
      const met: string[] = [];
      const until = async (server: WebProcess, moment: Promise<unknown> | null) => {
        const pages: SocketPage[] = [];
        const sessions = people.map(async (one) => {
          const page = await openPage(server.port, one.rater.token);
          pages.push(page);
          await one.rate(page);
        });
        const ended = Promise.all(
          sessions.map((session) =>
            session.catch((error: unknown) => {
              if (!(error instanceof ConnectionLost)) throw error;
            }),
          ),
        );
        if (moment) {
          await Promise.race([moment, ended]);
          await server.kill();
        }
        await ended;
        for (const page of pages) page.close();
      };

      for (let count = 0; count < kills; count += 1) {
        const server = await startWebProcess(built.folder, world.dataDir);
        // Half the moments are anywhere; the others lie within the writing of a label.
        const sends = count % 2 === 0 ? 0 : uniformInt(random, 1, 40);
        const delay = uniformInt(random, 0, sends === 0 ? 700 : 6);
        const moment = Promise.withResolvers<null>();
        let sent = 0;
        onSend = () => {
          sent += 1;
          if (sent === sends) moment.resolve(null);
        };
        if (sends === 0) moment.resolve(null);
        await until(
          server,
          moment.promise.then(() => wait(delay)),
        );
        const labels = people.map(({ confirmed }) => confirmed.length);
        const waiting = people.filter(({ pending }) => pending !== null).length;
        met.push(
          `kill ${count + 1}: after ${labels.join(' and ')} labels, ${waiting} on their way`,
        );
      }
      const unfinished = people.filter(({ finished }) => !finished).length;
      const server = await startWebProcess(built.folder, world.dataDir);
      await until(server, null);
      await server.kill('SIGTERM');

      const { migrations } = installedFiles();
      const database = openDatabase({ path: `${world.dataDir}/studio.sqlite`, migrations });
      const events = new RatingEventsRepository(database).all(world.study);
      database.close();
      let [lost, doubled, changed] = [0, 0, 0];
      for (const { confirmed, rater, finished } of people) {
        expect(finished).toBe(true);
        for (const { event, position, question, score } of confirmed) {
          const found = events.filter((row) => row.event === event);
          if (found.length === 0) lost += 1;
          if (found.length > 1) doubled += 1;
          const as = { rater: rater.code, trial: String(position), question, score };
          for (const row of found) expect(row).toMatchObject(as);
        }
        const rated = events.filter(
          ({ rater: code, action }) => code === rater.code && action === 'rate',
        );
        const once = new Set(
          rated.map(({ trial, question }) => `${trial ?? ''} ${question ?? ''}`),
        );
        doubled += rated.length - once.size;
        changed += events.filter(
          ({ rater: code, action }) => code === rater.code && action === 'change',
        ).length;
      }
      const confirmed = people.flatMap((one) => one.confirmed).length;
      const report = `${kills} kills, ${confirmed} labels confirmed, lost ${lost}, doubled ${doubled}`;
      process.stdout.write(`${process.env['KILLS'] ? `${met.join('\n')}\n` : ''}${report}\n`);
      expect({ lost, doubled }, met.join('\n')).toEqual({ lost: 0, doubled: 0 });
      // Every event that is there was confirmed in the end, and no other is.
      expect(events).toHaveLength(confirmed);
      expect(changed).toBeGreaterThan(10);
      expect(unfinished, 'sessions were still under way at the last kill').toBe(people.length);
    },
  );
});
