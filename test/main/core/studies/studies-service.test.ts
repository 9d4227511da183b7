import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInCatalogues } from '../../../../src/shared/catalogue/catalogues';
import { OperatorCatalogue } from '../../../../src/shared/catalogue/operator-catalogue';
import { builtInOperators, gradient } from '../../../../src/shared/catalogue/operators';
import { integer } from '../../../../src/shared/catalogue/parameter';
import { studyRecordSchema } from '../../../../src/shared/ratings/study';
import { type RouteInput } from '../../../../src/shared/routes';
import { stratifiedIndices } from '../../../../src/shared/selection';
import { scriptedLabels } from './study-engine';
import { type GivenConfig, refusalOf, StudyWorld } from './study-world';
import { type Question } from '../../../../src/shared/ratings/questions';
import { standInQuestions, trust } from '../../../fixtures/questions';
import { presetSettings } from '../../../fixtures/datasets';

let world: StudyWorld;

beforeAll(async () => {
  world = await StudyWorld.make();
});
afterAll(() => world.remove());

const get = (study: string) => world.app.api.call('studies.get', { study });
const screen = { width: 1280, height: 800, pixelRatio: 1 };
const telemetry = {
  ...{ responseMs: 900, monotonicMs: 5000, focusLosses: 0, unfocusedMs: 0 },
  ...{ zoomChanges: 0, zoom: 4, overlayUses: 0, input: 'keyboard' as const },
};

/** A rater at the desk gives consent and answers the first question. */
async function rate(study: string, questions = 1): Promise<string> {
  const { api } = world.app;
  const desk = world.app.apiFor('desk');
  await api.call('annotator.begin', { study });
  await desk.call('rating.enter', { code: null, screen });
  await desk.call('rating.describe', { experience: 'naive', answers: {} });
  await desk.call('rating.advance', { from: 'instructions' });
  const state = await desk.call('rating.advance', { from: 'consent' });
  for (let i = 0; i < questions; i += 1) {
    const question = state.current?.questions[i]?.id ?? 'visual-coherence';
    const event = crypto.randomUUID();
    await desk.call('rating.answer', { event, position: 0, question, score: 4, telemetry });
  }
  const code = state.rater?.code ?? '';
  await desk.call('rating.end', {});
  return code;
}

/** A run as the ledger has it once it is done. */
function finishedRun(dataDir: string): string {
  const database = new SQLite(join(dataDir, 'studio.sqlite'));
  const [job, run] = [`job_${'a'.repeat(16)}`, `run_${'a'.repeat(16)}`];
  const settings = JSON.stringify(presetSettings('quick'));
  database
    .prepare(
      `INSERT INTO jobs (id, kind, title, state, subject, input, created_at)
       VALUES (?, 'roar', 'ROAR', 'done', ?, '{}', '2026-01-01')`,
    )
    .run(job, run);
  database
    .prepare(
      `INSERT INTO runs (id, name, dataset, protocol, settings, job, created_at)
       VALUES (?, 'Later', 'mnist', 'paper', ?, ?, '2026-01-01')`,
    )
    .run(run, settings, job);
  database.close();
  return run;
}

describe('a study where an operator was added', () => {
  it('holds its parameters as they were, and is the same when it is sent as it was', async () => {
    const rounds = integer({ label: 'Rounds', low: 1, high: 9, default: 3 });
    const operators = new OperatorCatalogue([
      ...builtInOperators,
      { ...gradient, id: 'added', parameters: { rounds } },
    ]);
    const before = await world.create('Before it was added');
    await world.reopen({ catalogues: { ...builtInCatalogues, operators } });
    const { id, config } = await world.create('With it');
    expect(config?.parameters).toMatchObject({ rounds: 3, n: 15 });
    const asked = { study: id, config: world.config() };
    expect(await world.app.api.call('studies.edit', asked)).toMatchObject({ id, config });
    const same = { study: before.id, config: world.config() };
    expect((await world.app.api.call('studies.edit', same)).config).toEqual(before.config);
    for (const study of [id, before.id]) await world.app.api.call('studies.remove', { study });
    await world.reopen();
  });
});

describe('a study before its maps', () => {
  it('is previewed: trials, images, work, and what cannot be done as asked', async () => {
    const config = world.config({
      design: { practice: 2, instructedChecks: 1, flatChecks: 1, repeats: 2, trials: 9 },
    });
    const preview = await world.app.api.call('studies.preview', { config });
    expect(preview.trials).toEqual({
      ...{ main: 9, repeats: 0, practice: 2, attention: 2, total: 13 },
    });
    expect(preview).toMatchObject({ labels: 26, pairs: 12, maps: 12 });
    // One gradient for the vanilla one, fifteen for SmoothGrad, none for the random map.
    expect(preview.gradients).toBe(4 * 16);
    // Each of the two takes a batch of 150 for its 4 or 60, at 100 a second.
    expect(preview.seconds).toBeCloseTo((2 * 150) / 100 + 4 / 1000);
    expect(preview.images).toEqual([
      {
        dataset: 'mnist',
        indices: stratifiedIndices(scriptedLabels, 4, 3),
        labels: stratifiedIndices(scriptedLabels, 4, 3).map((i) => scriptedLabels[i]),
      },
    ]);
    expect(preview.warnings).toHaveLength(1);
    expect(preview.warnings[0]).toMatch(/None of the 2 repeats/);
  });

  it('counts the labels of its own questions, an instructed answer once for a scale', async () => {
    const design = { practice: 2, instructedChecks: 4, flatChecks: 1, trials: 9 };
    const given = (questions: readonly Question[]) =>
      world.config({ design, questions: [...questions] });
    const { api } = world.app;
    const preview = await api.call('studies.preview', { config: given(standInQuestions) });
    // The four instructed checks begin with each question in turn: twice one of the two on a scale.
    expect(preview).toMatchObject({ labels: 4 * (9 + 2 + 1) + 2 + 1 + 2 + 1, warnings: [] });
    const [only] = (await api.call('studies.preview', { config: given([trust]) })).warnings;
    expect(only).toMatch(/Flat maps check nobody/);
    expect(
      await refusalOf(api.call('studies.preview', { config: given([trust, trust]) })),
    ).toMatchObject({ field: 'config.questions' });
  });

  it('takes picked images in their order', async () => {
    const indices = [9, 4, 30];
    const datasets = [
      {
        dataset: 'mnist' as const,
        model: world.model,
        images: { kind: 'picked', indices } as const,
      },
    ];
    const preview = await world.app.api.call('studies.preview', {
      config: world.config({ datasets }),
    });
    expect(preview.images[0]).toMatchObject({ indices, labels: [9, 4, 0] });
  });

  it('is refused by the field, the value and what is accepted', async () => {
    const { api } = world.app;
    const half = await world.train({ level: 0.5 });
    const dataset = { dataset: 'mnist' as const, model: world.model };
    const refused = async (change: Partial<GivenConfig>) =>
      refusalOf(api.call('studies.create', { name: 'Refused', config: world.config(change) }));
    expect(await refused({ methods: ['vanilla-gradient', 'crystal-ball'] })).toMatchObject({
      ...{ code: 'invalid-input', field: 'config.methods.1', value: '"crystal-ball"' },
    });
    const none = 'model_aaaaaaaaaaaaaaaa';
    for (const model of [none, half]) {
      expect(await refused({ datasets: [{ ...dataset, model }] })).toMatchObject({
        ...{ field: 'config.datasets.0.model', value: `"${model}"` },
        accepted: 'a finished model of MNIST, trained on whole images (t = 0)',
      });
    }
    const run = 'run_aaaaaaaaaaaaaaaa';
    expect(await refused({ datasets: [{ ...dataset, run }] })).toMatchObject({
      ...{ field: 'config.datasets.0.run', accepted: 'null, or a finished ROAR run of MNIST' },
    });
    const images = (given: GivenConfig['datasets'][number]['images']) =>
      refused({ datasets: [{ ...dataset, images: given }] });
    expect(await images({ kind: 'sampled', count: 60 })).toMatchObject({
      field: 'config.datasets.0.images.count',
      accepted: 'a whole number from 1 to 58 (2 more are for practice)',
    });
    expect(await images({ kind: 'picked', indices: [1, 60] })).toMatchObject({
      ...{ field: 'config.datasets.0.images.indices.1', value: '60' },
    });
    expect(await images({ kind: 'picked', indices: [1, 2, 1] })).toMatchObject({
      ...{ field: 'config.datasets.0.images.indices.2', accepted: 'each image once' },
    });
    expect(await refused({ design: { trials: 13, practice: 2 } })).toMatchObject({
      field: 'config.design.trials',
      accepted: 'null for all, or a whole number from 1 to 12 (4 images times 3 methods)',
    });
    expect(await refused({ parameters: { target: 10 } })).toMatchObject({
      ...{ field: 'config.parameters.target', value: '10' },
    });
    const question = { id: 'age', text: 'How old?', options: [] };
    expect(await refused({ background: [question, question] })).toMatchObject({
      field: 'config.background.1.id',
    });
    expect(await api.call('studies.list', {})).toEqual([]);
  });

  it('has a name of its own, in whatever case, and can be renamed', async () => {
    const { api } = world.app;
    const first = await world.create('Named');
    expect(first).toMatchObject({ name: 'Named', version: 1, origin: 'designed', state: 'draft' });
    expect(studyRecordSchema.parse(first)).toEqual(first);
    expect(await refusalOf(world.create('named'))).toMatchObject({
      ...{ field: 'name', value: '"named"', accepted: 'a name that no other study has' },
    });
    const second = await world.create('Another');
    const rename = (study: string, name: string) => api.call('studies.rename', { study, name });
    expect(await refusalOf(rename(second.id, 'NAMED'))).toMatchObject({ field: 'name' });
    expect((await rename(first.id, 'NAMED')).name).toBe('NAMED');
    for (const study of [first.id, second.id]) await api.call('studies.remove', { study });
    expect(await refusalOf(get(first.id))).toMatchObject({ code: 'not-found' });
  });
});

describe('a study with maps', () => {
  it('is edited in place while nobody has rated, and raters begin anew', async () => {
    const { api } = world.app;
    const study = await world.open('In place');
    const code = await rate(study.id, 0);
    const [before] = await api.call('raters.list', { study: study.id });
    expect(before).toMatchObject({
      code,
      state: 'rating',
      done: 0,
      total: 14,
      experience: 'naive',
    });
    const same = await api.call('studies.edit', { study: study.id, config: world.config() });
    expect(same).toMatchObject({ id: study.id, state: 'open', hash: study.hash });
    const config = world.config({ consent: 'Other words.' });
    const edited = await api.call('studies.edit', { study: study.id, config });
    expect(edited).toMatchObject({
      ...{ id: study.id, version: 1, state: 'draft', hash: null, frozen: false, job: null },
    });
    const [after] = await api.call('raters.list', { study: study.id });
    expect(after).toMatchObject({ code, state: 'invited', done: 0, total: 0, experience: null });
  });

  it('becomes the next version once somebody has rated, without its raters', async () => {
    const { api } = world.app;
    const study = await world.open('Frozen');
    await rate(study.id);
    expect(await get(study.id)).toMatchObject({ frozen: true, raters: 1 });
    const config = world.config({ title: 'Changed' });
    const next = await api.call('studies.edit', { study: study.id, config });
    expect(next).toMatchObject({
      ...{ name: 'Frozen', version: 2, previous: study.id, state: 'draft', raters: 0 },
    });
    expect(next.id).not.toBe(study.id);
    expect(await get(study.id)).toMatchObject({ state: 'open', hash: study.hash, version: 1 });
    const third = await api.call('studies.edit', {
      study: study.id,
      config: world.config({ title: 'Changed again' }),
    });
    expect(third).toMatchObject({ version: 3, previous: study.id });
    // All versions share the name.
    await api.call('studies.rename', { study: third.id, name: 'Thawed' });
    expect(await get(study.id)).toMatchObject({ name: 'Thawed', version: 1 });
  });

  it('keeps its ratings when only the run beside it is another', async () => {
    const { api } = world.app;
    const study = await world.open('Run later');
    await rate(study.id);
    const config = world.config();
    const run = finishedRun(world.dataDir);
    const [dataset] = config.datasets ?? [];
    if (!dataset) throw new Error('The study has a dataset.');
    const named = { ...config, datasets: [{ ...dataset, run }] };
    const edited = await api.call('studies.edit', { study: study.id, config: named });
    expect(edited).toMatchObject({ id: study.id, version: 1, state: 'open', hash: study.hash });
    expect(edited.config?.datasets[0]?.run).toBe(run);
    expect(edited).toMatchObject({ raters: 1, frozen: true });
    const other = { ...named, title: 'Another' };
    expect(await api.call('studies.edit', { study: study.id, config: other })).toMatchObject({
      version: 2,
    });
  });

  it('is closed and reopened', async () => {
    const { api } = world.app;
    const draft = await world.create('Doors');
    const close = (study: string) => api.call('studies.close', { study });
    expect(await refusalOf(close(draft.id))).toMatchObject({ code: 'conflict' });
    const { job } = await api.call('studies.prepare', { study: draft.id });
    await world.reaches(job.id, 'done');
    const closed = await close(draft.id);
    expect(closed.state).toBe('closed');
    expect(closed.closedAt).not.toBeNull();
    expect(
      await refusalOf(api.call('raters.create', { study: draft.id, codes: ['AB23'] })),
    ).toMatchObject({ code: 'conflict' });
    expect(await api.call('studies.reopen', { study: draft.id })).toMatchObject({
      ...{ state: 'open', closedAt: null },
    });
    expect(await refusalOf(api.call('studies.reopen', { study: draft.id }))).toMatchObject({
      code: 'conflict',
    });
  });

  it('goes with its ratings only when told so, after a backup', async () => {
    const { api } = world.app;
    const study = await world.open('Removed');
    await rate(study.id);
    await api.call('annotator.begin', { study: study.id });
    const remove = (ratings: boolean) => api.call('studies.remove', { study: study.id, ratings });
    expect(await refusalOf(remove(true))).toMatchObject({ code: 'conflict' });
    await world.app.apiFor('desk').call('rating.end', {});
    expect(await refusalOf(remove(false))).toMatchObject({ code: 'conflict' });
    const before = await api.call('backup.list', {});
    expect(await remove(true)).toEqual({});
    expect(await api.call('backup.list', {})).toHaveLength(before.length + 1);
    expect(await refusalOf(get(study.id))).toMatchObject({ code: 'not-found' });
  });

  it('keeps its model and its composed methods from being removed', async () => {
    const { api } = world.app;
    const method = await api.call('methods.compose', {
      composition: 'integrate(smooth(guided))',
      name: 'A tenth',
    });
    await world.create('Keeper', { methods: ['vanilla-gradient', method.id] });
    const refused = [
      await refusalOf(api.call('methods.remove', { method: method.id })),
      await refusalOf(api.call('models.remove', { model: world.model })),
    ];
    for (const refusal of refused) {
      expect(refusal).toMatchObject({ code: 'conflict' });
      expect(refusal?.message).toContain('Keeper');
    }
  });
});

describe('raters', () => {
  const invite = (input: RouteInput<'raters.create'>) => world.app.api.call('raters.create', input);

  it('are invited by codes given or made, each with a token that is told once', async () => {
    const { id: study } = await world.create('Invitations');
    const made = await invite({ study, count: 5 });
    for (const { rater, token } of made) {
      expect(rater).toMatchObject({ study, state: 'invited', done: 0, total: 0 });
      expect(rater.code).toMatch(/^[A-HJKMNP-Z]{2}[2-9]{2}$/);
      expect(Buffer.from(token, 'base64url')).toHaveLength(32);
      expect(world.app.raterOf(token)).toBe(rater.id);
    }
    expect(new Set(made.map(({ rater }) => rater.code)).size).toBe(5);
    const given = await invite({ study, codes: ['left-1', 'right_2'] });
    expect(given.map(({ rater }) => rater.code)).toEqual(['left-1', 'right_2']);
    for (const [codes, field] of [
      [['new', 'LEFT-1'], 'codes.1'],
      [['one', 'two', 'One'], 'codes.2'],
      [['Jane Doe'], 'codes.0'],
    ] as const) {
      expect(await refusalOf(invite({ study, codes: [...codes] }))).toMatchObject({
        ...{ code: 'invalid-input', field },
      });
    }
    expect(await world.app.api.call('raters.list', { study })).toHaveLength(7);
  });

  it('get a new link, which ends the earlier one', async () => {
    const { id: study } = await world.create('Links');
    const [invited] = await invite({ study });
    if (!invited) throw new Error('nobody was invited');
    const linked = await world.app.api.call('raters.link', { rater: invited.rater.id });
    expect(linked.rater).toEqual(invited.rater);
    expect(world.app.raterOf(linked.token)).toBe(invited.rater.id);
    expect(world.app.raterOf(invited.token)).toBeNull();
    expect(
      await refusalOf(world.app.api.call('raters.link', { rater: 'rater_aaaaaaaaaaaaaaaa' })),
    ).toMatchObject({ code: 'not-found' });
  });

  it('are withdrawn for good, and no longer counted', async () => {
    const { api } = world.app;
    const { id: study } = await world.open('Withdrawals', { design: { practice: 0 } });
    await rate(study, 2);
    const [rater] = await api.call('raters.list', { study });
    expect(rater).toMatchObject({ done: 1, total: 12, state: 'rating' });
    expect((await get(study)).ratings).toBe(2);
    const withdraw = () => api.call('raters.withdraw', { rater: rater?.id ?? '' });
    expect(await withdraw()).toMatchObject({ state: 'withdrawn' });
    expect(await withdraw()).toMatchObject({ state: 'withdrawn' });
    expect((await get(study)).ratings).toBe(0);
    expect(await refusalOf(api.call('raters.link', { rater: rater?.id ?? '' }))).toMatchObject({
      code: 'conflict',
    });
  });
});
