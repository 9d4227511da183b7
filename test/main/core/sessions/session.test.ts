import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App } from '../../../../src/main/core/app';
import { RatingEventsRepository } from '../../../../src/main/core/ratings/events-repository';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { type StudioEvent } from '../../../../src/shared/events';
import { person, screen, telemetry } from './person';
import { type InvitedRater, makeWorld, type World } from './world';

let world: World;
let app: App;
let first: InvitedRater;
let second: InvitedRater;
beforeEach(async () => {
  world = await makeWorld({
    images: 3,
    methods: ['vanilla-gradient', 'smoothgrad', 'random'],
    config: {
      background: [
        { id: 'age', text: 'How old are you?', options: ['under 30', '30 or over'] },
        { id: 'work', text: 'What do you work as?', options: [] },
      ],
    },
  });
  app = await world.open();
  const [one, two] = world.raters;
  if (!one || !two) throw new Error('two raters are invited');
  [first, second] = [one, two];
});
afterEach(() => world.remove());

const at = (rater: InvitedRater, client = rater.id, over = app) => {
  const api = over.apiFor(client, { role: 'annotator', rater: rater.id });
  return { api, ...person(api) };
};
/** What is stored, seen from beside. */
function stored<T>(read: (database: ReturnType<typeof openDatabase>) => T): T {
  const { migrations } = installedFiles();
  const database = openDatabase({ path: `${world.dataDir}/studio.sqlite`, migrations });
  try {
    return read(database);
  } finally {
    database.close();
  }
}
const events = () => stored((database) => new RatingEventsRepository(database).all(world.study));

describe('the screens of a session', () => {
  it('follow one another, from stored facts', async () => {
    const { api, open } = at(first);
    expect(await open()).toMatchObject({
      entry: 'link',
      passphrase: false,
      phase: 'background',
      rater: { code: 'P1' },
      total: 0,
      current: null,
    });
    const described = await api.call('rating.describe', {
      experience: 'seen',
      answers: { age: 'under 30', work: '' },
    });
    expect(described.phase).toBe('instructions');
    expect(await open()).toMatchObject({ phase: 'instructions' });
    expect((await api.call('rating.advance', { from: 'instructions' })).phase).toBe('consent');
    const begun = await api.call('rating.advance', { from: 'consent' });
    expect(begun).toMatchObject({ phase: 'trials', total: 11, done: 0, practice: 2 });
    expect(begun.study.largest).toEqual([28, 28]);
    expect(begun.current).toMatchObject({ position: 0, practice: true });
    expect(begun.current?.explanation).toMatch(/./);
    expect(begun.next).toMatchObject({ position: 1, practice: true });
  });

  it('cannot be skipped, and saying a thing twice changes nothing', async () => {
    const { api, toTrials, answer } = at(first);
    const conflict = { data: { code: 'conflict' } };
    await expect(api.call('rating.advance', { from: 'consent' })).rejects.toMatchObject(conflict);
    await expect(answer(0, 'visual-coherence', 3)).rejects.toMatchObject(conflict);
    await expect(api.call('rating.trial', { position: 0 })).rejects.toMatchObject(conflict);
    await toTrials();
    const again = await api.call('rating.advance', { from: 'consent' });
    expect(again).toMatchObject({ phase: 'trials', total: 11 });
    const describe = { experience: 'naive', answers: {} } as const;
    await expect(api.call('rating.describe', describe)).rejects.toMatchObject(conflict);
  });

  it('background answers are optional, but must answer what was asked', async () => {
    const { api } = at(first);
    for (const answers of [{ shoe: '42' }, { age: '29' }]) {
      await expect(
        api.call('rating.describe', { experience: 'naive', answers }),
      ).rejects.toMatchObject({
        data: { code: 'invalid-input', field: expect.stringMatching(/^answers\./) as string },
      });
    }
    await api.call('rating.describe', { experience: 'naive', answers: { work: 'gardener' } });
    const rater = stored((database) => new RatersRepository(database).get(first.id));
    expect(rater).toMatchObject({ experience: 'naive', answers: { work: 'gardener' } });
  });

  it('each opening is a session with its screen', async () => {
    const { toTrials, open } = at(first);
    await toTrials();
    await open();
    const sessions = stored((database) => new RatersRepository(database).sessions(first.id));
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toMatchObject({ entry: 'link', screenWidth: 1280, pixelRatio: 1 });
  });
});

describe('a trial', () => {
  it('shows an image and a map of equal size, and asks both questions', async () => {
    const { toTrials, look } = at(first);
    const { current } = await toTrials();
    if (!current) throw new Error('no trial');
    const { image, map } = await look(current);
    expect(image.shape).toEqual([28, 28, 4]);
    expect(map.shape).toEqual([28, 28, 4]);
    expect(image.data).toHaveLength(map.data.length);
    expect(image.data).not.toBe(map.data);
    expect(current.questions.map(({ id }) => id).sort()).toEqual([
      'edge-differentiation',
      'visual-coherence',
    ]);
  });

  it('the next one can be fetched ahead, and is the same when its turn comes', async () => {
    const { toTrials, rate, open, look } = at(first);
    const { current, next } = await toTrials();
    if (!current || !next) throw new Error('two trials');
    const ahead = await look(next);
    const answered = await rate(current);
    expect(answered).toMatchObject({ done: 1, phase: 'trials', next: { position: 2 } });
    const state = await open();
    if (!state.current) throw new Error('a trial');
    expect(state.current.position).toBe(1);
    expect(state.current.image).not.toBe(next.image);
    expect(await look(state.current)).toEqual(ahead);
  });

  it('between its two questions the trial ahead stays what it was', async () => {
    const { toTrials, answer } = at(first);
    const { current, next } = await toTrials();
    const [question] = current?.questions ?? [];
    const answered = await answer(0, question?.id ?? 'visual-coherence', 4);
    expect(answered).toMatchObject({ done: 0, next });
  });

  it('ids are one rater’s own and end when newer showings take their place', async () => {
    const [one, two] = [at(first), at(second)];
    const { current } = await one.toTrials();
    await two.toTrials();
    const id = current?.image ?? '';
    await expect(two.api.call('rating.pixels', { id })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
    await one.api.call('rating.pixels', { id });
    for (let i = 0; i < 20; i += 1) await one.api.call('rating.trial', { position: 0 });
    await expect(one.api.call('rating.pixels', { id })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
  });

  it('an earlier one can be looked at and changed, a later one cannot', async () => {
    const { api, toTrials, rate, answer } = at(first);
    const { current } = await toTrials();
    if (!current) throw new Error('no trial');
    await rate(current, 2);
    const back = await api.call('rating.trial', { position: 0 });
    expect(back.questions.map(({ score }) => score)).toEqual([2, 2]);
    await answer(0, 'edge-differentiation', 5);
    const again = await api.call('rating.trial', { position: 0 });
    expect(again.questions.find(({ id }) => id === 'edge-differentiation')?.score).toBe(5);
    for (const position of [2, 11, 400]) {
      const refused = { data: { code: 'invalid-input', field: 'position' } };
      await expect(answer(position, 'visual-coherence', 1)).rejects.toMatchObject(refused);
      await expect(api.call('rating.trial', { position })).rejects.toMatchObject(refused);
    }
    await app.close();
    const actions = events().map(({ action, question, score }) => [action, question, score]);
    expect(actions).toHaveLength(3);
    expect(actions.at(-1)).toEqual(['change', 'edge-differentiation', 5]);
    expect(actions.slice(0, 2).map(([action]) => action)).toEqual(['rate', 'rate']);
  });
});

describe('a label', () => {
  it('is stored with its trial, its session and what was measured', async () => {
    const { toTrials, answer } = at(first);
    await toTrials();
    await answer(0, 'visual-coherence', 4);
    await app.close();
    const [event] = events();
    const [trial] = stored((database) => new RatersRepository(database).trials(first.id));
    const [session] = stored((database) => new RatersRepository(database).sessions(first.id));
    expect(event).toMatchObject({
      action: 'rate',
      rater: 'P1',
      trial: '0',
      kind: 'practice',
      dataset: 'mnist',
      image: trial?.image,
      method: trial?.method,
      question: 'visual-coherence',
      score: 4,
      session: session?.id,
      ...telemetry,
      screenWidth: screen.width,
      screenHeight: screen.height,
    });
    expect(event?.ratedAt).toMatch(/^\d{4}-/);
  });

  it('sent again is answered the same and stored once; another under its id is refused', async () => {
    const { toTrials, answer } = at(first);
    await toTrials();
    const event = randomUUID();
    const answered = await answer(0, 'visual-coherence', 4, event);
    expect(await answer(0, 'visual-coherence', 4, event)).toEqual(answered);
    for (const [position, question, score] of [
      [0, 'visual-coherence', 5],
      [0, 'edge-differentiation', 4],
    ] as const) {
      await expect(answer(position, question, score, event)).rejects.toMatchObject({
        data: { code: 'conflict' },
      });
    }
    const other = at(second);
    await other.toTrials();
    await expect(other.answer(0, 'visual-coherence', 4, event)).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
    await app.close();
    expect(events()).toHaveLength(1);
  });

  it('may answer the second question first', async () => {
    const { toTrials, answer } = at(first);
    const { current } = await toTrials();
    const last = current?.questions[1]?.id ?? 'visual-coherence';
    expect(await answer(0, last, 1)).toMatchObject({ done: 0 });
  });

  it('tells after a few how long the rest takes', async () => {
    const { toTrials, rate, open } = at(first);
    let { current } = await toTrials();
    let last: number | null = null;
    for (let i = 0; i < 3 && current; i += 1) {
      last = (await rate(current)).secondsLeft;
      current = (await open()).current;
    }
    expect(last).toBeGreaterThanOrEqual(0);
  });
});

describe('coming back', () => {
  const order = async (rater: InvitedRater, over: App) => {
    const { toTrials, rate, open, look } = at(rater, 'client', over);
    let state = await toTrials();
    const seen: string[] = [];
    while (state.current) {
      const { image, map } = await look(state.current);
      seen.push(`${image.data} ${map.data} ${state.current.questions.map(({ id }) => id).join()}`);
      await rate(state.current);
      state = await open();
    }
    return { seen, state };
  };

  it('after a restart at the same trial, in the same order, to the thanks', async () => {
    const { toTrials, rate, open, look } = at(first);
    let state = await toTrials();
    for (let i = 0; i < 5 && state.current; i += 1) {
      await rate(state.current);
      state = await open();
    }
    if (!state.current) throw new Error('a trial');
    const before = { ...state.current, ...(await look(state.current)) };
    await app.close();

    app = await world.open();
    const again = await at(first).open();
    if (!again.current) throw new Error('a trial');
    const after = { ...again.current, ...(await at(first).look(again.current)) };
    expect(again).toMatchObject({ done: 5, phase: 'trials' });
    expect(after).toEqual(before);
    const { seen, state: last } = await order(first, app);
    expect(seen).toHaveLength(6);
    expect(last).toMatchObject({ phase: 'thanks', done: 11, total: 11, current: null, next: null });
  });

  it('in the thanks an answer can still be changed', async () => {
    await order(first, app);
    const answered = await at(first).answer(4, 'visual-coherence', 1);
    expect(answered).toMatchObject({ phase: 'thanks', done: 11, next: null, secondsLeft: 0 });
  });

  it('a page that comes back over a new connection keeps its session', async () => {
    const { toTrials } = at(first);
    await toTrials();
    await at(first, 'another connection').answer(0, 'visual-coherence', 2);
    await app.close();
    expect(events()[0]?.session).toMatch(/^session_/);
  });
});

describe('the end', () => {
  it('a withdrawal is appended once, and nothing more is taken', async () => {
    const { api, toTrials, answer, open } = at(first);
    const { current } = await toTrials();
    await answer(0, 'visual-coherence', 2);
    expect((await api.call('rating.withdraw', {})).phase).toBe('withdrawn');
    expect((await api.call('rating.withdraw', {})).phase).toBe('withdrawn');
    expect((await open()).current).toBeNull();
    await expect(answer(0, 'visual-coherence', 3)).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
    await expect(api.call('rating.pixels', { id: current?.image ?? '' })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
    await app.close();
    expect(events().map(({ action }) => action)).toEqual(['rate', 'withdraw']);
  });

  it('a closed study takes no labels', async () => {
    await at(first).toTrials();
    await app.close();
    stored((database) => new StudiesRepository(database).setState(world.study, 'closed', 'now'));
    app = await world.open();
    expect((await at(first).open()).phase).toBe('closed');
    await expect(at(first).answer(0, 'visual-coherence', 3)).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('closed') as string },
    });
  });

  it('the researcher’s pages are told at once, and not of every label', async () => {
    const told: StudioEvent[] = [];
    app.subscribe((event) => told.push(event));
    const { toTrials, rate } = at(first);
    const { current } = await toTrials();
    if (current) await rate(current);
    expect(told).toEqual([{ type: 'study.changed', study: world.study }]);
    await expect.poll(() => told.length).toBe(2);
  });
});

describe('two raters at once', () => {
  it('are asked in orders of their own, and keep to them', async () => {
    const people = [at(first), at(second)];
    const states = await Promise.all(people.map(({ toTrials }) => toTrials()));
    let open = states.map(({ current }) => current);
    const scores = [1, 5];
    while (open.some((trial) => trial !== null)) {
      open = await Promise.all(
        people.map(async (one, i) => {
          const trial = open[i];
          if (!trial) return null;
          await one.rate(trial, scores[i]);
          return (await one.open()).current;
        }),
      );
    }
    await app.close();
    const given = events();
    expect(given).toHaveLength(2 * 2 * 11);
    for (const { rater, score } of given) expect(score).toBe(rater === 'P1' ? 1 : 5);
    const [a, b] = [first, second].map(({ id }) =>
      stored((database) => new RatersRepository(database).trials(id)).map(
        ({ image, method }) => `${image} ${method}`,
      ),
    );
    expect(a).not.toEqual(b);
    expect([...(a ?? [])].sort()).toEqual([...(b ?? [])].sort());
  });
});
