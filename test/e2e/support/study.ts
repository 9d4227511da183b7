import { setTimeout as wait } from 'node:timers/promises';
import { type RatingDesign } from '../../../src/shared/ratings/study';
import { type RouteInput } from '../../../src/shared/routes';
import { type ApiConnection, connect } from './api';
import { type Studio } from './studio';

export type Config = RouteInput<'studies.create'>['config'];

/** The researcher at work beside the pages, for as long as it takes. */
export async function asResearcher<T>(
  studio: Studio,
  work: (api: ApiConnection) => Promise<T>,
): Promise<T> {
  const api = await connect(studio.url);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}

/**
 * A study on the model of the small run, open for rating; answers with its id. Its maps are cheap:
 * what is under test is rating them. `images` is how many, or which.
 */
export function openStudy(
  studio: Studio,
  name: string,
  design: Partial<RatingDesign>,
  over: Partial<Config> & { readonly images?: number | readonly number[] } = {},
): Promise<string> {
  const { images = 4, ...config } = over;
  return asResearcher(studio, async (api) => {
    const models = await api.call('models.list', {});
    const model = models.find(({ removal }) => removal.level === 0);
    if (!model) throw new Error('There is no model of clean images.');
    const { id } = await api.call('studies.create', {
      name,
      config: {
        datasets: [
          {
            ...{ dataset: 'mnist', model: model.id },
            images:
              typeof images === 'number'
                ? { kind: 'sampled', count: images }
                : { kind: 'picked', indices: [...images] },
          },
        ],
        parameters: { n: 2, steps: 2 },
        design,
        ...config,
      },
    });
    await api.call('studies.prepare', { study: id });
    for (let tries = 0; tries < 600; tries += 1) {
      const { state } = await api.call('studies.get', { study: id });
      if (state === 'open') return id;
      if (state === 'draft') throw new Error('The maps of the study were not made.');
      await wait(200);
    }
    throw new Error('The maps of the study take too long.');
  });
}

/** Raters of a study, each with the address that opens its session. */
export function invite(
  studio: Studio,
  study: string,
  codes: readonly string[],
): Promise<{ code: string; url: string }[]> {
  const { origin } = new URL(studio.url);
  return asResearcher(studio, async (api) => {
    const made = await api.call('raters.create', { study, codes: [...codes], count: codes.length });
    return made.map(({ rater, token }) => ({ code: rater.code, url: `${origin}/?token=${token}` }));
  });
}
