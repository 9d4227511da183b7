import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromWire } from '../../../../src/shared/arrays';
import { mapRgba } from '../../../../src/shared/display/colour';
import { type RatingState } from '../../../../src/shared/ratings/rating-routes';
import { type RouteInput } from '../../../../src/shared/routes';
import { harness, type Harness, type Opened } from '../jobs/harness';

describe('a study on the real engine', { timeout: 180_000 }, () => {
  let studio: Harness;
  let opened: Opened;
  let model: string;

  beforeAll(async () => {
    studio = await harness();
    opened = await studio.open();
    const recipe = { epochs: 1, trainLimit: 100 };
    const trained = await opened.app.api.call('models.train', { dataset: 'mnist', recipe });
    await opened.reaches(trained.job.id, 'done', 'failed');
    model = trained.model.id;
  });
  afterAll(() => studio.remove());

  const methods = ['vanilla-gradient', 'smoothgrad', 'random'];
  const parameters = { n: 3 };
  const config = (): RouteInput<'studies.create'>['config'] => ({
    datasets: [{ dataset: 'mnist', model, images: { kind: 'picked', indices: [7, 2] } }],
    ...{ methods, parameters, mapSeed: 4, design: { practice: 1, trials: 6 } },
  });

  it('tells from measured rates how long its maps will take', async () => {
    const preview = await opened.app.api.call('studies.preview', { config: config() });
    expect(preview).toMatchObject({ pairs: 6, gradients: 2 * (1 + 3), warnings: [] });
    expect(preview.seconds).toBeGreaterThan(0);
    expect(preview.seconds).toBeLessThan(10);
    expect(preview.images[0]?.labels).toEqual([9, 1]);
  });

  it('shows raters the maps that the engine makes for anybody', async () => {
    const { api } = opened.app;
    const { id } = await api.call('studies.create', { name: 'Real', config: config() });
    const { job } = await api.call('studies.prepare', { study: id });
    await opened.reaches(job.id, 'done', 'failed');
    expect((await api.call('jobs.get', { job: job.id })).error).toBeNull();
    expect((await api.call('studies.get', { study: id })).state).toBe('open');

    const images = [7, 2];
    const asked = { model, images, methods, parameters, seed: 4, request: 'test.1' };
    const { request } = await api.call('maps.explore', asked);
    await opened.until('maps.finished', (event) => event.request === request);
    const maps = opened.events.filter((event) => event.type === 'maps.ready');
    const expected = maps.map(({ map }) =>
      Buffer.from(mapRgba(fromWire(map), 'grayscale', null)).toString('base64'),
    );
    expect(new Set(expected).size).toBe(6);

    const desk = opened.app.apiFor('desk');
    await api.call('annotator.begin', { study: id });
    const screen = { width: 1280, height: 800, pixelRatio: 1 };
    await desk.call('rating.enter', { code: null, screen });
    await desk.call('rating.describe', { experience: 'seen', answers: {} });
    await desk.call('rating.advance', { from: 'instructions' });
    let state: RatingState = await desk.call('rating.advance', { from: 'consent' });
    expect(state).toMatchObject({ total: 7, practice: 1 });
    expect(state.current?.explanation).toMatch(/tracing edges/);
    const shown: string[] = [];
    while (state.current) {
      const { position, map, questions } = state.current;
      const { pixels } = await desk.call('rating.pixels', { id: map });
      if (position > 0) shown.push(Buffer.from(pixels.data).toString('base64'));
      const telemetry = {
        ...{ responseMs: 900, monotonicMs: 5000, focusLosses: 0, unfocusedMs: 0 },
        ...{ zoomChanges: 0, zoom: 4, overlayUses: 0, input: 'keyboard' as const },
      };
      for (const { id: question } of questions) {
        const event = crypto.randomUUID();
        await desk.call('rating.answer', { event, position, question, score: 3, telemetry });
      }
      state = await desk.call('rating.open', { screen });
    }
    expect(state.phase).toBe('thanks');
    expect([...shown].sort()).toEqual([...expected].sort());
    const raters = await api.call('raters.list', { study: id });
    expect(raters).toMatchObject([{ state: 'finished', done: 7, total: 7, experience: 'seen' }]);
  });
});
