import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App } from '../../../../src/main/core/app';
import { StudioError } from '../../../../src/shared/errors';
import { type StudioEvent } from '../../../../src/shared/events';
import { type RouteInput, type RouteName, routes } from '../../../../src/shared/routes';
import { cli } from '../../cli/world';
import { person, screen } from './person';
import { makeWorld, type World } from './world';

let world: World;
let app: App;
beforeEach(async () => {
  world = await makeWorld({ images: 2, methods: ['smoothgrad', 'random'] });
  app = await world.open();
});
afterEach(() => world.remove());

const names = Object.keys(routes) as RouteName[];
const begin = (passphrase: string | null = null) =>
  app.api.call('annotator.begin', { study: world.study, passphrase });
const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'answered';
  } catch (error) {
    if (error instanceof StudioError) return error.code;
    throw error;
  }
};
const reach = (over: App['api'], route: RouteName) =>
  code(over.call(route, { garbage: true } as unknown as RouteInput<typeof route>));

describe('annotator mode', () => {
  it('hands the app to raters, one after the other', async () => {
    await begin();
    expect(app.annotatorMode()).toBe(true);
    const state = await app.api.call('rating.open', { screen });
    expect(state).toMatchObject({ entry: 'desk', passphrase: false, phase: 'code', rater: null });
    expect(state.study).toMatchObject({ title: 'Rating maps', largest: [28, 28] });

    const made = await app.api.call('rating.enter', { code: null, screen });
    expect(made.phase).toBe('background');
    const own = made.rater?.code ?? '';
    expect(own).toMatch(/^[A-Za-z0-9-]{2,}$/);
    const { current } = await person(app.api).toTrials();
    if (!current) throw new Error('no trial');
    await person(app.api).rate(current);
    expect(await app.api.call('rating.leave', {})).toMatchObject({ phase: 'code', rater: null });
    expect(await code(app.api.call('rating.pixels', { id: current.image }))).toBe('conflict');

    const known = await app.api.call('rating.enter', { code: 'p2', screen });
    expect(known.rater).toEqual({ code: 'P2' });
    await app.api.call('rating.leave', {});
    const back = await app.api.call('rating.enter', { code: own.toLowerCase(), screen });
    expect(back).toMatchObject({ phase: 'trials', done: 1 });
  });

  it('takes no code that was not given out, and no second rater beside the first', async () => {
    await begin();
    expect(await code(app.api.call('rating.enter', { code: 'P9', screen }))).toBe('not-found');
    await app.api.call('rating.enter', { code: 'P1', screen });
    expect(await code(app.api.call('rating.enter', { code: 'P2', screen }))).toBe('conflict');
  });

  it('leaves rating.* alone within reach, and tells pages its end alone', async () => {
    const told: StudioEvent[] = [];
    app.subscribe((event) => told.push(event));
    await begin();
    for (const route of names) {
      if (route === 'rating.end') continue;
      const reached = await reach(app.api, route);
      if (route.startsWith('rating.')) expect(reached, route).not.toBe('forbidden');
      else expect(reached, route).toBe('forbidden');
    }
    await app.api.call('rating.end', {});
    expect(app.annotatorMode()).toBe(false);
    expect(told).toEqual([
      { type: 'annotator.changed', active: true },
      { type: 'annotator.changed', active: false },
    ]);
  });

  it('is refused for a study that is not open, and while it lasts', async () => {
    const study = 'study_aaaaaaaaaaaaaaaa';
    expect(await code(app.api.call('annotator.begin', { study }))).toBe('not-found');
    await begin();
    expect(await code(begin())).toBe('forbidden');
    await app.api.call('rating.end', {});
    expect(await code(app.api.call('rating.open', { screen }))).toBe('conflict');
  });

  it('survives a restart with its rater, in the app’s own shells', async () => {
    await begin('open sesame');
    await app.api.call('rating.enter', { code: 'P1', screen });
    await app.close();
    app = await world.open({ shell: 'electron' });
    expect(app.annotatorMode()).toBe(true);
    expect(await app.api.call('rating.open', { screen })).toMatchObject({
      passphrase: true,
      rater: { code: 'P1' },
    });
    await app.close();
    app = await world.open({ shell: 'cli' });
    expect(app.annotatorMode()).toBe(false);
    expect(await code(app.api.call('roar.list', {}))).toBe('answered');
  });

  it('ends with its passphrase alone, and a wrong one costs time', async () => {
    await begin('Größe 4711');
    const startedAt = performance.now();
    const wrong = [null, '', 'größe 4711', 'Größe'].map((passphrase) =>
      code(app.api.call('rating.end', { passphrase })),
    );
    expect(await Promise.all(wrong)).toEqual(wrong.map(() => 'forbidden'));
    expect(performance.now() - startedAt).toBeGreaterThan(wrong.length * 600);
    expect(app.annotatorMode()).toBe(true);
    // The same letters from a keyboard that sends combining marks.
    await app.api.call('rating.end', { passphrase: 'Größe 4711'.normalize('NFD') });
    expect(app.annotatorMode()).toBe(false);
  });

  it('ends from the command line where the passphrase was forgotten', async () => {
    await begin('open sesame');
    await app.close();
    const command = () =>
      world
        .open({ shell: 'cli' })
        .then((cliApp) =>
          cli(['annotator', 'end', '--json', '--data', world.dataDir], { app: cliApp }),
        );
    expect((await command()).json()).toEqual({ command: 'annotator end', ended: true });
    expect((await command()).json()).toEqual({ command: 'annotator end', ended: false });
    app = await world.open();
    expect(app.annotatorMode()).toBe(false);
  });

  it('keeps no passphrase that could be read', async () => {
    await begin('open sesame');
    await app.close();
    const { readFile, readdir } = await import('node:fs/promises');
    for (const name of await readdir(world.dataDir)) {
      if (!name.startsWith('studio.sqlite')) continue;
      const bytes = await readFile(`${world.dataDir}/${name}`);
      expect(bytes.includes('open sesame')).toBe(false);
    }
  });
});

describe('a rater’s link', () => {
  const linked = () => {
    const rater = world.raters[0]?.id ?? '';
    return app.apiFor('page', { role: 'annotator', rater });
  };

  it('reaches rating.* alone, whether annotator mode lasts or not', async () => {
    for (const mode of [false, true]) {
      if (mode) await begin();
      for (const route of names) {
        const reached = await reach(linked(), route);
        const outside = !route.startsWith('rating.');
        const desk = ['rating.leave', 'rating.end'].includes(route);
        expect(reached === 'forbidden', `${route} answered ${reached}`).toBe(outside || desk);
      }
    }
    expect(app.annotatorMode()).toBe(true);
  });

  it('is told of no event', async () => {
    const told: StudioEvent[] = [];
    const stop = app.subscribe((event) => told.push(event), {
      role: 'annotator',
      rater: world.raters[0]?.id ?? '',
    });
    await begin();
    await app.api.call('rating.end', {});
    await person(linked()).toTrials();
    expect(told).toEqual([]);
    stop();
  });

  it('is found by its token alone', () => {
    const [rater] = world.raters;
    expect(app.raterOf(rater?.token ?? '')).toBe(rater?.id);
    expect(app.raterOf(rater?.code ?? '')).toBeNull();
    expect(app.raterOf('')).toBeNull();
  });

  it('ends with its rater', async () => {
    const gone = app.apiFor('page', { role: 'annotator', rater: 'rater_aaaaaaaaaaaaaaaa' });
    expect(await code(gone.call('rating.open', { screen }))).toBe('forbidden');
  });
});
