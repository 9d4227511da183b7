import { expect, onTestFinished, test } from 'vitest';
import { type App, createApp } from '../../../../src/main/core/app';
import { studioEngine } from '../../../../src/main/core/engine/studio-engine';
import { installedFiles } from '../../../../src/main/core/storage/installed-files';
import { questionIds, ratingLabels } from '../../../../src/shared/ratings/questions';
import { noEngine } from '../sessions/world';
import { temporaryFolder } from '../storage/helpers';
import { contentOf, sent } from '../transfers';

const methods = ['vanilla-gradient', 'smoothgrad', 'integrated-gradients', 'random'];
const parameters = { n: 2, steps: 4 };

async function open(startEngine: Parameters<typeof createApp>[0]['startEngine']): Promise<App> {
  const app = await createApp({ dataDir: temporaryFolder(), shell: 'cli', startEngine });
  onTestFinished(() => app.close());
  return app;
}

async function finish({ api }: App, job: string): Promise<void> {
  await expect
    .poll(async () => (await api.call('jobs.get', { job })).state, { timeout: 120_000 })
    .toBe('done');
}

test(
  'a study of real maps stands beside the ROAR run of the same maps, here and where it is imported',
  { timeout: 240_000 },
  async () => {
    const files = installedFiles();
    const app = await open(studioEngine({ files, log: () => undefined, tensorflow: true }));
    const { api } = app;
    const recipe = { trainLimit: 500, epochs: 1 };
    const { run, job } = await api.call('roar.start', {
      name: 'Small',
      settings: {
        dataset: 'mnist',
        images: 10,
        levels: [0, 0.5],
        methods,
        parameters,
        recipe,
        resamples: 100,
      },
    });
    await finish(app, job.id);
    const { levels } = await api.call('roar.result', { run: run.id });
    const study = await api.call('studies.create', {
      name: 'Real maps',
      config: {
        datasets: [
          {
            ...{ dataset: 'mnist', model: levels[0]?.model ?? '', run: run.id },
            images: { kind: 'picked', indices: [3, 5, 8] },
          },
        ],
        ...{ methods, parameters },
      },
    });
    const prepared = await api.call('studies.prepare', { study: study.id });
    await finish(app, prepared.job.id);
    await api.call('studies.close', { study: study.id });
    const labels = ['3', '5', '8'].flatMap((image, i) =>
      methods.flatMap((method, m) =>
        questionIds.flatMap((question, q) =>
          ['a', 'b'].map((rater, r) =>
            [study.id, 'mnist', image, method, question, rater]
              .concat(ratingLabels[(i + 3 * m + 2 * q + r) % 5] ?? '')
              .join(','),
          ),
        ),
      ),
    );
    const header = 'study,dataset,image,method,question,rater,label';
    const csv = `${[header, ...labels].join('\n')}\n`;
    await api.call('ratings.import', await sent(app, csv, 'labels.csv'));

    const results = await api.call('results.get', { study: study.id });
    expect(results.beside).toMatchObject([{ run: run.id, refused: null }]);
    expect(results.beside[0]?.points).toHaveLength(3);
    expect(results.correlation[0]).toMatchObject({ against: 'roar-advantage', n: 3, reason: null });

    const archive = await api.call('studies.export', { study: study.id });
    const there = await open(noEngine);
    const bytes = await contentOf(app, archive);
    await there.api.call('studies.import', await sent(there, bytes, archive.name));
    const imported = await there.api.call('results.get', { study: study.id });
    expect({ ...imported, study: null }).toEqual({ ...results, study: null });
    const scores = async (of: App) =>
      contentOf(of, await of.api.call('roar.export', { run: run.id, format: 'scores.csv' }));
    expect((await scores(there)).equals(await scores(app))).toBe(true);
  },
);
