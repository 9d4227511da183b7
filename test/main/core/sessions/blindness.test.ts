import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, type Log } from '../../../../src/main/core/app';
import { openDatabase } from '../../../../src/main/core/storage/database';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { RatersRepository } from '../../../../src/main/core/studies/raters-repository';
import { StudiesRepository } from '../../../../src/main/core/studies/studies-repository';
import { answerFrame } from '../../../../src/shared/answer';
import { builtInMethods } from '../../../../src/shared/catalogue/methods';
import { replyMessage } from '../../../../src/shared/reply-text';
import { type RatingTrial } from '../../../../src/shared/ratings/rating-routes';
import { type Api } from '../../../../src/shared/routes';
import { lime } from '../../../fixtures/imported-method';
import { type ReplyFrame } from '../../../../src/shared/wire';
import { person, screen } from './person';
import { makeWorld, type World } from './world';

let world: World;
let app: App;
const logged: string[] = [];
const log: Log = {
  info: (...line) => void logged.push(JSON.stringify(line)),
  warn: (...line) => void logged.push(JSON.stringify(line)),
  error: (...line) => void logged.push(JSON.stringify(line)),
};
beforeEach(async () => {
  logged.length = 0;
  world = await makeWorld({
    images: 3,
    raters: 3,
    design: { practice: 3, instructedChecks: 1, flatChecks: 1, repeats: 2 },
  });
  app = await world.open({ log });
});
afterEach(() => world.remove());

function stored<T>(read: (studies: StudiesRepository) => T): T {
  const { migrations } = installedFiles();
  const database = openDatabase({ path: `${world.dataDir}/studio.sqlite`, migrations });
  try {
    return read(new StudiesRepository(database));
  } finally {
    database.close();
  }
}

/** Everything that tells a method, an image, a file or a place on the disk. */
function secrets(): string[] {
  const { artifacts, images } = stored((studies) => ({
    artifacts: [
      ...studies.maps(world.study).map(({ artifact }) => artifact),
      ...studies.datasets(world.study).map((dataset) => dataset.images),
    ],
    images: studies.images(world.study).map(({ image }) => `"${image}"`),
  }));
  const methods = [
    ...builtInMethods.flatMap(({ id, name, composition }) => [id, name, composition]),
    ...Object.entries(world.compositions).flat(),
  ];
  // As a word of its own: 'gradient' alone is a composition.
  return [
    ...new Set([...methods, 'smooth', 'integrat', 'gradient', 'guided', 'backprop', 'sigma']),
    ...artifacts,
    ...images,
    ...world.raters.map(({ token }) => token),
    world.dataDir,
    world.study,
    'mnist',
  ];
}

/** A reply byte for byte as the socket sends it, header and pixels, a character for each byte. */
function sent(reply: ReplyFrame): string {
  const message = replyMessage(reply);
  return typeof message === 'string' ? message : Buffer.from(message).toString('latin1');
}

const isPacked = (frame: string): boolean => !frame.startsWith('{');

/** What stands before the pixels of a packed frame. */
function headerOf(packed: string): string {
  const length = Buffer.from(packed.slice(0, 4), 'latin1').readUInt32LE(0);
  return packed.slice(4, 4 + length);
}

function hits(frames: readonly string[], wanted = secrets()): string[] {
  const text = frames.join('\n').toLowerCase();
  return wanted.filter((secret) => text.includes(secret.toLowerCase()));
}

/** The method that the only rater's trial at a place shows. */
function methodAt(position: number): string | undefined {
  const { migrations } = installedFiles();
  const database = openDatabase({ path: `${world.dataDir}/studio.sqlite`, migrations });
  try {
    const [rater] = world.raters;
    const trials = new RatersRepository(database).trials(rater?.id ?? '');
    return trials.find((trial) => trial.position === position)?.method;
  } finally {
    database.close();
  }
}

/** A frame with the length and kind of every value in its place: fields, arrays, ids, sizes of pixels. */
function formOf(frame: string): string {
  const text = isPacked(frame) ? headerOf(frame) : frame;
  const form = JSON.stringify(JSON.parse(text), (key, value: unknown) => {
    // The next trial is compared when it is shown; the last has none.
    if (key === 'next') return 'the next';
    if (typeof value === 'string') return `text of ${value.length}`;
    // Of the numbers the sizes of pictures alone are of what is shown.
    return typeof value === 'number' && Number.isNaN(Number(key)) ? 'number' : value;
  });
  return isPacked(frame) ? `${form} and ${frame.length - 4 - text.length} bytes` : form;
}

/** An api that keeps every frame that crosses. */
function recorded(api: Api, frames: string[]): Api {
  let id = 0;
  return {
    async call(route, input) {
      id += 1;
      const reply = await answerFrame(api, { type: 'call', id, route, input });
      if (reply) frames.push(sent(reply));
      if (reply?.type !== 'answer') throw new Error(JSON.stringify(reply));
      return reply.output as never;
    },
  };
}

describe('what reaches a rater', () => {
  it('names no method, composition, image, file or hash in a whole session', async () => {
    const frames: string[] = [];
    const lengths = new Set<number>();
    const ids: string[][] = [];
    for (const rater of world.raters) {
      const own: string[] = [];
      const api = recorded(app.apiFor(rater.id, { role: 'annotator', rater: rater.id }), frames);
      const { toTrials, look, rate, open } = person(api);
      let state = await toTrials();
      const note = ({ image, map }: RatingTrial) => own.push(image, map);
      while (state.current) {
        note(state.current);
        if (state.next) note(state.next);
        const { image, map } = await look(state.current);
        lengths.add(image.data.length).add(map.data.length);
        expect(image.shape).toEqual(map.shape);
        const { next } = await rate(state.current);
        if (next) note(next);
        state = await open();
      }
      expect(state.phase).toBe('thanks');
      await api.call('rating.trial', { position: 5 });
      await api.call('rating.withdraw', {});
      ids.push(own);
    }
    expect(frames.length).toBeGreaterThan(300);
    expect(hits(frames)).toEqual([]);
    expect([...lengths]).toEqual([28 * 28 * 4]);
    // Pixels come as bytes, and nothing about one picture is other than about the next but its id.
    const packed = frames.filter(isPacked);
    expect(packed.length).toBeGreaterThan(100);
    const headers = packed.map((frame) => headerOf(frame).replace(/"id":\d+/, '"id":0'));
    expect([...new Set(headers)]).toEqual([
      JSON.stringify({
        frame: {
          type: 'answer',
          id: 0,
          output: { pixels: { dtype: 'uint8', shape: [28, 28, 4], data: null } },
        },
        pieces: [{ path: ['output', 'pixels', 'data'], bytes: 28 * 28 * 4 }],
      }),
    ]);
    const bodies = packed.map((frame) => frame.length - 4 - headerOf(frame).length);
    expect([...new Set(bodies)]).toEqual([28 * 28 * 4]);
    const all = ids.flatMap((own) => [...new Set(own)]);
    expect(new Set(all).size).toBe(all.length);
    expect(logged).toEqual([]);
  });

  it('tells trials apart by nothing but what they show', async () => {
    const [rater] = world.raters;
    const api = app.apiFor('page', { role: 'annotator', rater: rater?.id ?? '' });
    const { toTrials, rate, open } = person(api);
    let state = await toTrials();
    const shapes = new Set<string>();
    while (state.current) {
      const { instruction, practice, explanation, ...trial } = state.current;
      expect(explanation !== null).toBe(practice);
      if (practice) expect(instruction).toBeNull();
      shapes.add(JSON.stringify(Object.keys(trial)));
      await rate(state.current);
      state = await open();
    }
    expect(shapes.size).toBe(1);
  });

  it('tells maps that were made elsewhere from others by nothing', async () => {
    await world.remove();
    world = await makeWorld({ images: 6, raters: 1, imported: lime });
    app = await world.open({ log });
    const [rater] = world.raters;
    const frames: string[] = [];
    const api = recorded(app.apiFor('page', { role: 'annotator', rater: rater?.id ?? '' }), frames);
    const { toTrials, look, rate, open } = person(api);
    let state = await toTrials();
    /** What every frame of a trial looks like, its ids and values put aside, by whether it shows LIME. */
    const looks = new Map<boolean, Set<string>>([
      [true, new Set()],
      [false, new Set()],
    ]);
    while (state.current) {
      const from = frames.length;
      const { position, practice } = state.current;
      await look(state.current);
      await rate(state.current);
      if (!practice) {
        const isLime = methodAt(position) === lime.id;
        for (const frame of frames.slice(from)) looks.get(isLime)?.add(formOf(frame));
      }
      state = await open();
    }
    expect(hits(frames)).toEqual([]);
    const { citation = '', file = '' } = lime.imported ?? {};
    const words = ['"lime', 'imported', 'made elsewhere', '†', citation, file];
    expect(hits(frames, words)).toEqual([]);
    expect(hits(frames, ['Visual coherence'])).toHaveLength(1);
    expect(looks.get(true)?.size).toBeGreaterThan(0);
    expect([...(looks.get(true) ?? [])].filter((one) => !looks.get(false)?.has(one))).toEqual([]);
  });

  it('hides class names where the study does', async () => {
    await world.remove();
    world = await makeWorld({
      images: 2,
      methods: ['smoothgrad', 'random'],
      design: { showClass: false },
    });
    app = await world.open();
    const [rater] = world.raters;
    const api = app.apiFor('page', { role: 'annotator', rater: rater?.id ?? '' });
    expect((await person(api).toTrials()).current?.className).toBeNull();
  });

  it('says neutrally what went wrong, to the log as well', async () => {
    const [rater] = world.raters;
    const page: string[] = [];
    const api = recorded(app.apiFor('page', { role: 'annotator', rater: rater?.id ?? '' }), page);
    let state = await person(api).toTrials();
    while (state.current?.practice) {
      await person(api).rate(state.current);
      state = await person(api).open();
    }
    await app.close();
    // Every map is lost; only what a method's file is called could be told.
    const { rm } = await import('node:fs/promises');
    const keys = stored((studies) => studies.maps(world.study).map(({ artifact }) => artifact));
    for (const key of keys) await rm(`${world.dataDir}/artifacts/${key.slice(0, 2)}/${key}`);
    app = await world.open({ log });
    const again = recorded(app.apiFor('page', { role: 'annotator', rater: rater?.id ?? '' }), page);
    const { current } = await person(again).open();
    await expect(again.call('rating.pixels', { id: current?.map ?? '' })).rejects.toThrow();
    expect(JSON.parse(page.at(-1) ?? '')).toMatchObject({
      type: 'failure',
      error: {
        code: 'internal',
        message: expect.stringContaining('tell the researcher') as string,
      },
    });
    expect(hits(page)).toEqual([]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('rating.pixels');
    for (const secret of [...keys, ...Object.keys(world.compositions)]) {
      expect(logged[0]).not.toContain(secret);
    }
  });

  it('in annotator mode too', async () => {
    await app.api.call('annotator.begin', { study: world.study });
    const frames: string[] = [];
    const api = recorded(app.api, frames);
    await api.call('rating.open', { screen });
    await api.call('rating.enter', { code: null, screen });
    const { toTrials, look, rate } = person(api);
    const { current } = await toTrials();
    if (!current) throw new Error('no trial');
    await look(current);
    await rate(current);
    for (const [route, input] of [
      ['studies.list', {}],
      ['rating.pixels', { id: 'x'.repeat(22) }],
      ['rating.trial', { position: 99 }],
    ] as const) {
      await expect(api.call(route, input)).rejects.toThrow();
    }
    expect(hits(frames)).toEqual([]);
  });
});
