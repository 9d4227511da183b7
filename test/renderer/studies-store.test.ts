import { beforeEach, describe, expect, it } from 'vitest';
import { type RaterRecord, type StudyRecord } from '../../src/shared/ratings/study';
import { type RouteInput } from '../../src/shared/routes';
import { useJobs } from '../../src/renderer/stores/jobs';
import { useStudies } from '../../src/renderer/stores/studies';
import { jobId, jobRecord, raterRecord, studyConfig, studyId, studyRecord } from './study-records';
import { appWith, backend, settled } from './support';

describe('studies', () => {
  let studies: StudyRecord[] = [];
  let raters: RaterRecord[] = [];
  const made: RouteInput<'studies.create'>[] = [];
  const edited: RouteInput<'studies.edit'>[] = [];

  const opened = async () => {
    const back = backend({
      'studies.list': () => studies,
      'studies.create': (input) => {
        made.push(input);
        return studyRecord({ id: studyId('c'), name: input.name });
      },
      'studies.edit': (input) => {
        edited.push(input);
        return studyRecord({ id: studyId('d'), version: 2 });
      },
      'studies.prepare': ({ study }) => ({
        study: studyRecord({ id: study, state: 'preparing', job: jobId('s') }),
        job: jobRecord({ id: jobId('s'), kind: 'study', subject: study }),
      }),
      'studies.remove': () => ({}),
      'raters.list': () => raters,
      'raters.create': ({ study, codes = [] }) =>
        codes.map((code) => ({ rater: raterRecord({ study, code }), token: `token-of-${code}` })),
      'raters.link': ({ rater }) => ({ rater: raterRecord({ id: rater }), token: 'another' }),
    });
    appWith(back.client);
    const store = useStudies();
    await store.load();
    return { store, ...back };
  };
  const asked = (calls: readonly { route: string }[], route: string) =>
    calls.filter((call) => call.route === route).length;

  beforeEach(() => {
    made.length = 0;
    edited.length = 0;
    studies = [
      studyRecord({ createdAt: '2026-01-02T00:00:00.000Z' }),
      studyRecord({ id: studyId('b'), createdAt: '2026-01-03T00:00:00.000Z' }),
    ];
    raters = [raterRecord()];
  });

  it('are listed newest first, and read again when one changes', async () => {
    const { store, emit, calls } = await opened();
    expect(store.studies.map(({ id }) => id)).toEqual([studyId('b'), studyId('a')]);
    studies = [studyRecord({ state: 'open' })];
    emit({ type: 'study.changed', study: studyId('a') });
    await settled();
    expect(store.byId(studyId('a'))?.state).toBe('open');
    // Raters are read again only where they are looked at.
    expect(asked(calls, 'raters.list')).toBe(0);
    await store.loadRaters(studyId('a'));
    emit({ type: 'study.changed', study: studyId('a') });
    await settled();
    expect(asked(calls, 'raters.list')).toBe(2);
  });

  it('are read again when the job that prepares one ends', async () => {
    const { emit, calls } = await opened();
    emit({ type: 'job.changed', job: jobRecord({ kind: 'study', state: 'running' }) });
    emit({ type: 'job.changed', job: jobRecord({ kind: 'roar', state: 'done' }) });
    await settled();
    expect(asked(calls, 'studies.list')).toBe(1);
    emit({ type: 'job.changed', job: jobRecord({ kind: 'study', state: 'done' }) });
    await settled();
    expect(asked(calls, 'studies.list')).toBe(2);
  });

  it('are made of the draft, which begins anew', async () => {
    const { store } = await opened();
    expect(store.hasDraft).toBe(false);
    store.draft.name = '  Mine ';
    store.draft.config.datasets = studyConfig().datasets;
    expect(store.hasDraft).toBe(true);
    const study = await store.save();
    expect(made[0]).toMatchObject({ name: 'Mine', config: { datasets: [{ dataset: 'mnist' }] } });
    expect(store.byId(study.id)?.name).toBe('Mine');
    expect(store.hasDraft).toBe(false);
    expect(store.draft).toMatchObject({ study: null, name: '' });
  });

  it('are changed through a draft of their own, which leaves them as they are', async () => {
    const { store } = await opened();
    const study = studyRecord();
    store.edit(study);
    expect(store.hasDraft).toBe(false);
    store.draft.config.design.trials = 7;
    expect(store.hasDraft).toBe(true);
    expect(study.config?.design.trials).toBeNull();
    await store.save();
    expect(edited[0]).toMatchObject({ study: study.id, config: { design: { trials: 7 } } });
    expect(made).toEqual([]);
  });

  it('keep the draft where it is refused', async () => {
    const back = backend({
      'studies.create': () => {
        throw new Error('The name is taken.');
      },
    });
    appWith(back.client);
    const store = useStudies();
    store.draft.name = 'Taken';
    await expect(store.save()).rejects.toThrow('The name is taken.');
    expect(store.draft.name).toBe('Taken');
  });

  it('are prepared by a job that is known at once', async () => {
    const { store } = await opened();
    await store.prepare(studyId('a'));
    expect(store.byId(studyId('a'))?.state).toBe('preparing');
    expect(useJobs().byId(jobId('s'))?.kind).toBe('study');
  });

  it('tell the tokens of links until the page goes', async () => {
    const { store } = await opened();
    raters = [raterRecord({ code: 'anna' })];
    await store.addRaters(studyId('a'), ['anna'], 1);
    const rater = store.ratersOf(studyId('a'))[0];
    expect(store.tokenOf(rater?.id ?? '')).toBe('token-of-anna');
    await store.newLink(rater?.id ?? '');
    expect(store.tokenOf(rater?.id ?? '')).toBe('another');
  });

  it('go with their raters', async () => {
    const { store, calls } = await opened();
    await store.remove(studyId('a'), true);
    expect(store.studies.map(({ id }) => id)).toEqual([studyId('b')]);
    expect(calls.at(-1)).toEqual({
      route: 'studies.remove',
      input: { study: studyId('a'), ratings: true },
    });
  });
});
