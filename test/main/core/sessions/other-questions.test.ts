import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../../../src/main/core/app';
import { labelOf, questionOf } from '../../../../src/shared/ratings/questions';
import { type RatingTrial } from '../../../../src/shared/ratings/rating-routes';
import { type StudyResults, tableFormats } from '../../../../src/shared/ratings/results';
import { clutter, standInQuestions, trust } from '../../../fixtures/questions';
import { temporaryFolder } from '../storage/helpers';
import { contentOf, sent } from '../transfers';
import { person } from './person';
import { makeWorld, noEngine, type World } from './world';

// One study goes the whole way: rated, read, written in every format, archived, imported, exported.
let world: World;
let app: App;
beforeEach(async () => {
  world = await makeWorld({
    images: 3,
    methods: ['vanilla-gradient', 'smoothgrad', 'random'],
    design: { practice: 3, instructedChecks: 4, flatChecks: 2 },
    config: { questions: [...standInQuestions] },
  });
  app = await world.open();
});
afterEach(() => world.remove());

const refusal = (field: string, message: RegExp) => ({
  data: { code: 'invalid-input', field, message: expect.stringMatching(message) as string },
});

/** A score of its own for each trial, question and rater, always on the scale. */
const scoreFor = (rater: number, { position }: RatingTrial, question: string): number =>
  1 +
  ((position * 2 + question.length + rater * 3) %
    questionOf(standInQuestions, question).labels.length);

/** Every trial of every rater; answers with what was asked. */
async function rateAll(): Promise<RatingTrial[]> {
  const trials: RatingTrial[] = [];
  for (const [ordinal, rater] of world.raters.entries()) {
    const api = app.apiFor(rater.id, { role: 'annotator', rater: rater.id });
    const { toTrials, answer } = person(api);
    let { current: trial } = await toTrials();
    while (trial) {
      trials.push(trial);
      for (const { id } of trial.questions) {
        const instructed = /choose (.+)\.$/.exec(trial.instruction ?? '')?.[1];
        const { labels } = questionOf(standInQuestions, id);
        const score =
          instructed === undefined ? scoreFor(ordinal, trial, id) : labels.indexOf(instructed) + 1;
        await answer(trial.position, id, score);
      }
      ({ current: trial } = await api.call('rating.open', {
        screen: { width: 1, height: 1, pixelRatio: 1 },
      }));
    }
  }
  return trials;
}

const ids = ({ questions }: RatingTrial) => questions.map(({ id }) => id);

async function textsOf(from: App, study: string): Promise<Map<string, Buffer>> {
  const texts = new Map<string, Buffer>();
  for (const format of tableFormats) {
    const file = await from.api.call('results.export', { study, filters: {}, format });
    texts.set(format, await contentOf(from, file));
  }
  return texts;
}

describe('a study with questions of its own', () => {
  it('asks them in turn, and an instructed answer stands for those on one scale', async () => {
    const trials = await rateAll();
    const main = trials.filter(({ practice, instruction }) => !practice && instruction === null);
    const order = standInQuestions.map(({ id }) => id);
    for (const trial of main) {
      const first = order.indexOf(ids(trial)[0] ?? '');
      expect(ids(trial)).toEqual([...order.slice(first), ...order.slice(0, first)]);
    }
    expect(new Set(main.map((trial) => ids(trial)[0]))).toEqual(new Set(order));
    const instructed = trials.filter(({ instruction }) => instruction !== null);
    expect(instructed).toHaveLength(2 * 4);
    for (const trial of instructed) {
      const [first = ''] = ids(trial);
      const { labels } = questionOf(standInQuestions, first);
      expect(ids(trial)).toHaveLength(labels.length === 5 ? 2 : 1);
      expect(labels.some((label) => trial.instruction?.endsWith(`choose ${label}.`))).toBe(true);
    }
    for (const { explanation } of trials.filter(({ practice }) => practice)) {
      expect(explanation).toMatch(/visual coherence.*for you to judge\.$/s);
    }
    const raters = await app.api.call('raters.list', { study: world.study });
    expect(raters.map(({ state, done, total }) => [state, done === total])).toEqual([
      ['finished', true],
      ['finished', true],
    ]);
  });

  it('refuses what a trial does not ask, and scores beyond a scale, by its labels', async () => {
    const [rater] = world.raters;
    const api = app.apiFor('page', { role: 'annotator', rater: rater?.id ?? '' });
    const { toTrials, answer } = person(api);
    const state = await toTrials();
    expect(state.study.questions).toEqual(standInQuestions);
    await expect(answer(0, 'trust', 4)).rejects.toMatchObject(
      refusal('score', /from 1 to 3 \(1 No, 2 Partly, 3 Yes\)/),
    );
    await expect(answer(0, 'visual-coherence', 6)).rejects.toMatchObject(
      refusal('score', /from 1 to 5 \(1 Very Low, 2 Low, 3 Medium, 4 High, 5 Very High\)/),
    );
    await expect(answer(0, 'trust', 0)).rejects.toMatchObject(refusal('score', /1 to 9/));
    await expect(answer(0, 'another', 1)).rejects.toMatchObject(
      refusal('question', /visual-coherence, trust, edge-differentiation, clutter-9/),
    );
    await expect(answer(0, 'Not an id', 1)).rejects.toMatchObject(
      refusal('question', /lower-case/),
    );
    expect(await answer(0, 'clutter-9', 9)).toMatchObject({ done: 0 });
  });

  it('has a table of its own for each, in every format, and statistics on its scale', async () => {
    await rateAll();
    const { study } = world;
    await app.api.call('studies.close', { study });
    const results = await app.api.call('results.get', { study, filters: {} });
    expect(results.questions.map(({ id }) => id)).toEqual(standInQuestions.map(({ id }) => id));
    for (const question of standInQuestions) {
      const cells = results.tables.filter((cell) => cell.question === question.id);
      expect(cells).toHaveLength(3);
      for (const cell of cells) {
        expect(cell.n).toBe(6);
        expect(cell.distribution).toHaveLength(question.labels.length);
        expect(cell.distribution.reduce((sum, count) => sum + count, 0)).toBe(6);
        expect(cell.label).toBe(labelOf(question, cell.median ?? 0));
        expect(cell.paper === null).toBe(
          question.id === 'trust' || question.id === 'clutter-9' || cell.method === 'random',
        );
      }
      for (const statistic of ['agreement', 'kappas', 'friedman'] as const) {
        expect(results[statistic].some((each) => each.question === question.id)).toBe(true);
      }
    }
    const pairs = new Set(
      results.correlation.map(({ question, against }) => `${question} ${against}`),
    );
    expect([...pairs]).toEqual([
      ...standInQuestions.map(({ id }) => `${id} roar-advantage`),
      'visual-coherence edge-differentiation',
    ]);
    expect(results.friedman.map(({ sentence }) => sentence).join()).toContain('in Trust over');
    // Of the flat maps the paper's questions alone are judged; all instructed answers were right.
    expect(results.checks).toMatchObject({ judged: 12, raters: 2 });
    const kappas = await app.api.call('results.kappas', {
      ...{ study, filters: {}, question: 'clutter-9', dataset: 'mnist' },
    });
    expect(kappas).toHaveLength(1);
    await expect(
      app.api.call('results.kappas', { study, filters: {}, question: 'taste', dataset: 'mnist' }),
    ).rejects.toMatchObject(refusal('question', /visual-coherence, trust/));

    const files = await textsOf(app, study);
    const text = (format: string) => files.get(format)?.toString() ?? '';
    for (const format of ['markdown', 'html', 'svg']) {
      const headings = [
        /Table I: Visual coherence/,
        /Trust/,
        /Table II: Edge/,
        /Clutter (&amp;|\\?&) noise/,
      ];
      const places = headings.map((heading) => text(format).search(heading));
      expect(
        places.every((place) => place >= 0),
        `${format} ${places.join()}`,
      ).toBe(true);
      expect(text(format)).not.toMatch(/Table (III|null)/);
    }
    expect(text('html')).toContain('id="question-trust"');
    expect(text('markdown')).toContain('\n## Trust\n');
    expect(text('latex')).toContain('Trust of saliency methods on MNIST, as rated by people.\\par');
    expect(text('latex').match(/\\caption\{/g)).toHaveLength(2 + 2);
    expect(text('latex')).toContain('\\label{tab:visual-coherence}');
    const json = JSON.parse(text('json')) as StudyResults & { labels: unknown };
    expect(json.labels).toBeNull();
    expect(json.questions).toMatchObject([
      { id: 'visual-coherence', table: 'I' },
      { id: 'trust', table: null, labels: trust.labels },
      { id: 'edge-differentiation', table: 'II' },
      { id: 'clutter-9', title: clutter.title, table: null, labels: clutter.labels },
    ]);
    const [head = '', ...lines] = text('csv').trimEnd().split('\n');
    expect(head).toBe(
      'table,question,dataset,method,name,label,median,mean,mean_low,mean_high,n,' +
        'n_very_low,n_low,n_medium,n_high,n_very_high,alpha,paper,' +
        'scale,n_1,n_2,n_3,n_4,n_5,n_6,n_7,n_8,n_9',
    );
    const of = (question: string) => lines.filter((line) => line.split(',')[1] === question);
    expect(of('trust')[0]).toMatch(
      /^Trust,trust,mnist,.*,6,,,,,,.*,No \| Partly \| Yes,\d,\d,\d,,,,,,$/,
    );
    expect(of('visual-coherence')[0]).toMatch(/^I,visual-coherence,.*,6(,\d){5},.*(,\d){5},,,,$/);
    expect(of('clutter-9')[0]).toMatch(/^Clutter & noise,clutter-9,.*(,\d){9}$/);
    const png = files.get('png') ?? Buffer.alloc(0);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
  });

  it('comes back from its archive, and its ratings from their file', async () => {
    await rateAll();
    const { study } = world;
    await app.api.call('studies.close', { study });
    const before = await app.api.call('results.get', { study, filters: {} });
    const archive = await contentOf(app, await app.api.call('studies.export', { study }));
    const csv = (await contentOf(app, await app.api.call('ratings.export', { study }))).toString();
    const tables = await textsOf(app, study);

    const elsewhere = await createApp({
      ...{ dataDir: temporaryFolder(), shell: 'browser', startEngine: noEngine },
    });
    try {
      const upload = await sent(elsewhere, archive);
      const record = await elsewhere.api.call('studies.import', upload);
      expect(record.config?.questions).toEqual(standInQuestions);
      const after = await elsewhere.api.call('results.get', { study, filters: {} });
      expect({ ...after, study: null }).toEqual({ ...before, study: null });
      for (const [format, bytes] of await textsOf(elsewhere, study)) {
        expect(bytes.equals(tables.get(format) ?? Buffer.alloc(0)), format).toBe(true);
      }

      // Under another name: questions and scales are what the rows state.
      const renamed = csv.replaceAll('Made maps,', 'Anew,');
      expect(renamed).toContain('clutter-9,P1,');
      const file = await sent(elsewhere, renamed, 'ratings.csv');
      const preview = await elsewhere.api.call('ratings.preview', file);
      expect(preview.problem).toBeNull();
      expect(preview.reading.notes).toContain(
        'The question trust (Trust) is taken as its rows state it: 1 No, 2 Partly, 3 Yes.',
      );
      const summary = await elsewhere.api.call('ratings.import', await sent(elsewhere, renamed));
      const anew = summary.studies[0]?.id ?? '';
      const imported = await elsewhere.api.call('results.get', { study: anew, filters: {} });
      expect(imported.questions.map(({ id, labels }) => [id, labels])).toEqual(
        [...standInQuestions]
          .sort(
            (a, b) =>
              Number(a.id === 'trust' || a.id === 'clutter-9') -
              Number(b.id === 'trust' || b.id === 'clutter-9'),
          )
          .map(({ id, labels }) => [id, labels]),
      );
      const cell = (results: StudyResults) =>
        results.tables
          .map(({ question, method, median, label, mean, n, distribution, alpha }) =>
            JSON.stringify([question, method, median, label, mean, n, distribution, alpha]),
          )
          .sort();
      expect(cell(imported)).toEqual(cell(before));
      expect(imported.study.config).toBeNull();
      const again = await contentOf(
        elsewhere,
        await elsewhere.api.call('ratings.export', { study: anew }),
      );
      expect(again.toString().split('\n').sort()).toEqual(renamed.split('\n').sort());
      expect(
        (await elsewhere.api.call('ratings.import', await sent(elsewhere, renamed))).added,
      ).toBe(0);

      // And its archive holds them too.
      const second = await contentOf(
        elsewhere,
        await elsewhere.api.call('studies.export', { study: anew }),
      );
      const third = await createApp({
        ...{ dataDir: temporaryFolder(), shell: 'browser', startEngine: noEngine },
      });
      try {
        await third.api.call('studies.import', await sent(third, second));
        const there = await third.api.call('results.get', { study: anew, filters: {} });
        expect({ ...there, study: null }).toEqual({ ...imported, study: null });
      } finally {
        await third.close();
      }
    } finally {
      await elsewhere.close();
    }
  });
});
