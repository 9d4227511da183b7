import { describe, expect, test } from 'vitest';
import { engineKey as keyOf } from '../../../../src/main/core/artifacts/keys';
import { createServices } from '../../../../src/main/core/services';
import {
  type MapParameters,
  mapParametersSchema,
} from '../../../../src/shared/catalogue/parameters';
import { questionIds } from '../../../../src/shared/ratings/questions';
import { type ResultFilters, resultFiltersSchema } from '../../../../src/shared/ratings/results';
import { coreOn } from '../core-on';
import { description } from '../jobs/scripted-engine';
import { at, id, sha, temporaryFolder } from '../storage/helpers';
import {
  addSampleStudy,
  runId,
  type SampleOptions,
  studyId,
} from '../studies/archive/sample-study';
import { contentOf, filesOf } from '../transfers';

const all = resultFiltersSchema.parse({});

async function rated(options: SampleOptions = {}) {
  const { core, announced } = coreOn(temporaryFolder());
  await addSampleStudy(core, options);
  const services = createServices(core);
  const get = (filters: ResultFilters = all) =>
    services.studyResults.get({ study: studyId, filters });
  return { core, services, announced, get };
}

describe('results', () => {
  test('have both tables, and the points of the run that the study names', async () => {
    const { get } = await rated();
    const results = await get();
    expect(results.datasets).toEqual([{ id: 'mnist', name: 'MNIST' }]);
    expect(results.methods.map(({ name }) => name)).toEqual([
      'Vanilla Gradient',
      'Grad × Input',
      'SmoothGrad',
      'Integrated Gradients',
      'Guided Backprop',
      'Our, "own" method',
      'Random',
    ]);
    expect(results.tables).toHaveLength(2 * 7);
    // Three raters on three images; the one who withdrew is nowhere.
    expect(results.tables.every(({ n }) => n === 9)).toBe(true);
    expect(results.raters.map(({ rater }) => rater)).toEqual(['R1', 'R2', 'R3']);
    expect(results.raters[0]?.checks).toEqual({ passed: 0, failed: 1 });
    expect(results.tables[0]).toMatchObject({ method: 'vanilla-gradient', paper: 'Very Low' });
    const [beside] = results.beside;
    expect(beside).toMatchObject({
      dataset: 'mnist',
      run: runId,
      name: 'Small run',
      refused: null,
    });
    expect(beside?.points.map(({ method }) => method)).not.toContain('random');
    const [spearman] = results.correlation;
    expect(spearman).toMatchObject({ against: 'roar-advantage', dataset: 'mnist', n: 6 });
    expect(spearman?.value).not.toBeNull();
  });

  test('are hidden while the study is open, until somebody confirms', async () => {
    const { core, services, get, announced } = await rated({ state: 'open' });
    await expect(get()).rejects.toMatchObject({
      data: {
        code: 'conflict',
        message: expect.stringMatching(/hidden while it is open/) as string,
      },
    });
    await expect(
      services.resultsExport.export({ study: studyId, filters: all, format: 'csv' }),
    ).rejects.toMatchObject({ data: { code: 'conflict' } });
    const record = services.studyResults.reveal({ study: studyId });
    expect(record.revealedAt).not.toBeNull();
    expect(announced).toContainEqual({ type: 'study.changed', study: studyId });
    expect(
      core.studyLog.entries(studyId).filter(({ action }) => action === 'revealed'),
    ).toHaveLength(1);
    // Once is enough.
    services.studyResults.reveal({ study: studyId });
    expect(
      core.studyLog.entries(studyId).filter(({ action }) => action === 'revealed'),
    ).toHaveLength(1);
    expect((await get()).counted).toBe(126);
  });

  test('stay hidden while the maps of a rated study are computed again', async () => {
    const { core, services, get } = await rated({ state: 'open' });
    for (const state of ['preparing', 'draft'] as const) {
      core.studies.setState(studyId, state);
      await expect(get()).rejects.toMatchObject({ data: { code: 'conflict' } });
      await expect(services.ratingsExport.export(studyId)).rejects.toThrow(
        /hidden while it is open/,
      );
    }
    services.studyResults.reveal({ study: studyId });
    expect((await get()).counted).toBe(126);
    expect(core.studyLog.entries(studyId).at(-1)).toMatchObject({ action: 'revealed' });
  });

  test('follow new labels, and are kept while nothing changes', async () => {
    const { core, get } = await rated();
    const [first, second] = await Promise.all([get(), get()]);
    expect(second.tables).toBe(first.tables);
    core.ratingEvents.append({
      ...{ event: 'late', study: studyId, rater: 'R1', session: null, action: 'change' },
      ...{ dataset: 'mnist', image: '4', method: 'random', question: 'visual-coherence' },
      ...{ kind: 'main', repeat: 0, score: 5, trial: '6', ratedAt: at(999), recordedAt: at(999) },
    });
    const third = await get();
    expect(third.tables).not.toEqual(first.tables);
    expect(third.counted).toBe(first.counted);
  });

  test('say what a filter left out', async () => {
    const { get } = await rated();
    const results = await get({ ...all, experience: 'naive' });
    expect(results.counted).toBe(84);
    expect(results.leftOut).toEqual([{ reason: expect.any(String) as string, ratings: 42 }]);
    expect(results.raters.filter(({ excluded }) => excluded)).toMatchObject([{ rater: 'R1' }]);
  });

  test('refuse a filter by what is not there, and say what there is', async () => {
    const { services, get } = await rated();
    const { raters, images, days } = services.studyResults.choices({ study: studyId });
    expect(raters).toEqual([
      { code: 'R1', experience: 'seen' },
      { code: 'R2', experience: 'naive' },
      { code: 'R3', experience: 'naive' },
    ]);
    expect(images).toEqual(['mnist/4', 'mnist/8', 'mnist/15']);
    expect(days?.first).toMatch(/^\d{4}-\d\d-\d\d$/);
    await expect(get({ ...all, raters: ['R1', 'R9'] })).rejects.toMatchObject({
      data: {
        code: 'invalid-input',
        message: 'filters.raters.1 is "R9"; accepted: one of: R1, R2, R3.',
      },
    });
    const filters = { ...all, images: ['mnist/5'] };
    const asked = { study: studyId, filters };
    for (const answer of [
      services.resultsExport.export({ ...asked, format: 'csv' }),
      services.resultsExport.export({ ...asked, format: 'kappas' }),
      services.studyResults.kappas({
        ...asked,
        ...{ question: 'visual-coherence', dataset: 'mnist', rater: null },
      }),
    ]) {
      await expect(answer).rejects.toMatchObject({ data: { field: 'filters.images.0' } });
    }
  });

  test('give the kappas of all pairs, or of one rater, as they stand in the results', async () => {
    const { core, services, get } = await rated();
    const { agreement, kappas } = await get();
    const inResults = agreement.filter(
      ({ statistic, question }) =>
        statistic === 'quadratic-weighted-kappa' && question === 'edge-differentiation',
    );
    expect(kappas[1]).toMatchObject({ raters: 3, pairs: 3, sharing: 3, listed: true });
    const of = (rater: string | null, dataset = 'mnist') =>
      services.studyResults.kappas({
        ...{ study: studyId, filters: all, question: 'edge-differentiation', dataset, rater },
      });
    expect(await of(null)).toEqual(inResults);
    expect((await of('r2')).map(({ raters }) => raters)).toEqual([
      ['R1', 'R2'],
      ['R2', 'R3'],
    ]);
    await expect(of('R9')).rejects.toMatchObject({
      data: { field: 'rater', accepted: 'null for all, or one of R1, R2, R3' },
    });
    await expect(of(null, 'cifar10')).rejects.toMatchObject({
      data: { field: 'dataset', accepted: 'mnist' },
    });
    const file = await services.resultsExport.export({
      ...{ study: studyId, filters: all, format: 'kappas' },
    });
    const content = await contentOf(filesOf(core), file);
    const lines = content.toString().trimEnd().split('\n');
    expect(file.name).toBe('pilot-kappas.csv');
    expect(lines[0]).toBe('question,dataset,rater_a,rater_b,kappa,maps');
    expect(lines.slice(4)).toEqual(
      inResults.map(
        ({ question, dataset, raters, value, n }) =>
          `${question},${dataset},${raters?.join(',') ?? ''},${value ?? ''},${n}`,
      ),
    );
  });

  test('leave very many pairs to be asked for', async () => {
    const { core, services, get } = await rated();
    // 33 more raters of one map each: 528 pairs and more for each of two questions.
    for (let i = 0; i < 33; i += 1) {
      for (const question of questionIds) {
        core.ratingEvents.append({
          ...{ event: `${i}${question}`, study: studyId, rater: `P${i}`, session: null },
          ...{ action: 'rate', dataset: 'mnist', image: '4', method: 'random', question },
          ...{ kind: 'main', repeat: 0, score: 1 + (i % 5), trial: null },
          ...{ ratedAt: at(i), recordedAt: at(i) },
        });
      }
    }
    const { agreement, kappas } = await get();
    expect(agreement.some(({ statistic }) => statistic === 'quadratic-weighted-kappa')).toBe(false);
    expect(kappas).toMatchObject([
      { sharing: (36 * 35) / 2, listed: false },
      { sharing: (36 * 35) / 2, listed: false },
    ]);
    const { agreement: whole } = await services.studyResults.whole({
      study: studyId,
      filters: all,
    });
    const pairs = whole.filter(({ statistic }) => statistic === 'quadratic-weighted-kappa');
    expect(pairs).toHaveLength(36 * 35);
    const own = await services.studyResults.kappas({
      ...{ study: studyId, filters: all, question: 'visual-coherence', dataset: 'mnist' },
      rater: 'P7',
    });
    expect(own).toHaveLength(35);
  });

  test('of a study that is not there', async () => {
    const { services } = await rated();
    const study = id('study', 'z');
    await expect(services.studyResults.get({ study, filters: all })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
  });
});

describe('a run that made other maps does not stand beside', () => {
  const refusedBy = async (options: SampleOptions) => {
    const { get } = await rated(options);
    const { beside, correlation } = await get();
    expect(beside).toMatchObject([{ run: runId, points: [] }]);
    const reasons = correlation.filter(({ against }) => against === 'roar-advantage');
    expect(reasons.every(({ value, reason }) => value === null && reason !== null)).toBe(true);
    return beside[0]?.refused ?? '';
  };
  const parameters = (change: Partial<MapParameters>) => ({
    parameters: { ...mapParametersSchema.parse({}), ...change },
  });

  test('by another noise', async () => {
    expect(await refusedBy({ settings: parameters({ sigma: 0.3 }) })).toBe(
      'Small run differs in SmoothGrad: sigma is 0.3 in the run and 0.15 in the study.',
    );
  });

  test('by another number of steps', async () => {
    expect(await refusedBy({ settings: parameters({ steps: 20 }) })).toBe(
      'Small run differs in Integrated Gradients: steps is 20 in the run and 50 in the study.',
    );
  });

  test('by another seed of what is drawn', async () => {
    expect(await refusedBy({ settings: { seed: 5 } })).toBe(
      'Small run differs in SmoothGrad: its seed is 5 in the run and 0 in the study.',
    );
  });

  test('but a parameter or a seed that no method of both depends on is no difference', async () => {
    const methods = ['vanilla-gradient', 'grad-x-input', 'guided-backprop'];
    const { get } = await rated({
      config: { methods },
      settings: {
        ...parameters({ sigma: 0.3, n: 3 }),
        ...{ seed: 5, methods: [...methods, 'sobel', 'random'] },
      },
    });
    const { beside } = await get();
    expect(beside[0]?.refused).toBeNull();
    expect(beside[0]?.points.map(({ method }) => method).sort()).toEqual(methods.sort());
  });

  test('by another model', async () => {
    const { core, get } = await rated();
    const [dataset] = core.studies.datasets(studyId);
    if (!dataset) throw new Error('the sample has a dataset');
    core.studies.putDataset(studyId, { ...dataset, modelSha256: sha('another') });
    expect((await get()).beside[0]?.refused).toBe(
      'Small run explains another model: its t = 0 weights are not those whose maps were rated.',
    );
  });

  test('nor one that is gone or not finished', async () => {
    const { core, get } = await rated();
    core.jobs.setState(id('job', 'a'), 'running');
    expect((await get()).beside[0]?.refused).toBe('Small run is running: let it finish first.');
    core.runs.remove(runId);
    expect((await get()).beside[0]?.refused).toBe(
      'The run that the study names is no longer here.',
    );
  });

  test('while maps of another engine are told, not refused', async () => {
    const { core, get } = await rated();
    const [dataset] = core.studies.datasets(studyId);
    if (!dataset) throw new Error('the sample has a dataset');
    core.runs.setEngine(runId, description);
    const said = async (threads: number) => {
      const engineKey = { ...keyOf(description), threads };
      core.studies.putDataset(studyId, { ...dataset, engineKey });
      const { beside, notes } = await get();
      expect(beside[0]?.refused).toBeNull();
      return notes.some((note) => /another version of the engine/.test(note));
    };
    expect(await said(1)).toBe(false);
    expect(await said(9)).toBe(true);
  });

  test('while another reduction is told, not refused', async () => {
    const { get } = await rated({ settings: { reduction: 'signed' } });
    const { beside, notes } = await get();
    expect(beside[0]?.refused).toBeNull();
    expect(notes.at(-1)).toBe(
      'Small run removed pixels by the signed reduction, while raters saw the absolute one.',
    );
  });
});
