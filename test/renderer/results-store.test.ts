import { beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../src/shared/errors';
import { type ResultFilters, type StudyResults } from '../../src/shared/ratings/results';
import { type StudyRecord } from '../../src/shared/ratings/study';
import { type RouteInput } from '../../src/shared/routes';
import { isFiltered, isShown, noFilters, useResults } from '../../src/renderer/stores/results';
import { useStudies } from '../../src/renderer/stores/studies';
import { studyId, studyRecord, studyResults } from './results-records';
import { appWith, backend, settled } from './support';

const id = studyId('a');
const small = { methods: ['smoothgrad', 'vanilla-gradient'], images: 2 };
const only = (raters: string[]): ResultFilters => ({ ...noFilters, raters });

describe('whether results are shown', () => {
  it('depends on the state, and on whether the researcher chose to look', () => {
    expect(isShown(studyRecord())).toBe(true);
    expect(isShown(studyRecord({ state: 'open' }))).toBe(false);
    expect(isShown(studyRecord({ state: 'open', revealedAt: '2026-01-02T00:00:00.000Z' }))).toBe(
      true,
    );
    expect(isShown(studyRecord({ state: 'draft' }))).toBe(false);
    expect(isShown(studyRecord({ state: 'preparing' }))).toBe(false);
  });
});

describe('results of a study', () => {
  let study: StudyRecord;
  let refuse = false;
  /** Answers wait for their turn while this is set. */
  let gate: Promise<void> | null = null;
  const asked: RouteInput<'results.get'>[] = [];

  const opened = async () => {
    const wire = backend({
      'studies.list': () => [study],
      'results.get': async (input): Promise<StudyResults> => {
        asked.push(input);
        const waits = gate;
        const answer = studyResults({ ...small, filters: input.filters ?? {}, study });
        await waits;
        if (refuse) throw new StudioError({ code: 'conflict', message: 'Not now.' });
        return answer;
      },
      'results.reveal': () => (study = { ...study, revealedAt: '2026-01-02T00:00:00.000Z' }),
      'results.export': () => ({
        ...{ name: 'tables.csv', mime: 'text/csv', bytes: 0, file: 'export_aaaaaaaaaaaaaaaa' },
      }),
    });
    appWith(wire.client);
    const results = useResults();
    await useStudies().load();
    return { results, ...wire };
  };

  beforeEach(() => {
    study = studyRecord();
    refuse = false;
    gate = null;
    asked.length = 0;
  });

  it('are loaded without filters, and are then what filtered ones are compared with', async () => {
    const { results } = await opened();
    await results.load(id);
    expect(results.resultsOf(id)?.counted).toBe(3 * 2 * 2 * 2);
    expect(results.wholeOf(id)).toBe(results.resultsOf(id));
    await results.filter(id, only(['ann']));
    expect(isFiltered(results.filtersOf(id))).toBe(true);
    expect(results.resultsOf(id)?.counted).toBe(8);
    expect(results.wholeOf(id)?.counted).toBe(24);
    expect(asked).toHaveLength(2);
  });

  it('are those of the last filters, in whatever order answers come', async () => {
    const { results } = await opened();
    await results.load(id);
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const slow = results.filter(id, only(['ann']));
    await settled();
    gate = null;
    await results.filter(id, only(['ann', 'ben']));
    open();
    await slow;
    expect(results.resultsOf(id)?.filters.raters).toEqual(['ann', 'ben']);
    expect(results.isLoading(id)).toBe(false);
  });

  it('keep why they cannot be computed, until they can', async () => {
    const { results } = await opened();
    refuse = true;
    await results.load(id);
    expect(results.failureOf(id)?.message).toBe('Not now.');
    expect(results.resultsOf(id)).toBeNull();
    refuse = false;
    await results.load(id);
    expect(results.failureOf(id)).toBeNull();
    expect(results.resultsOf(id)).not.toBeNull();
  });

  it('of an open study are shown once that was confirmed', async () => {
    study = studyRecord({ state: 'open', closedAt: null });
    const { results, calls } = await opened();
    await results.reveal(id);
    const routes = calls.map(({ route }) => route);
    expect(routes.indexOf('results.reveal')).toBeLessThan(routes.indexOf('results.get'));
    expect(useStudies().byId(id)?.revealedAt).not.toBeNull();
    expect(results.resultsOf(id)).not.toBeNull();
  });

  it('wait for the researcher while raters rate, and follow by themselves once closed', async () => {
    study = studyRecord({ state: 'open', revealedAt: '2026-01-02T00:00:00.000Z' });
    const { results, emit } = await opened();
    await results.load(id);
    emit({ type: 'study.changed', study: id });
    await settled();
    expect(results.isStale(id)).toBe(true);
    expect(asked).toHaveLength(1);
    study = { ...study, state: 'closed' };
    emit({ type: 'study.changed', study: id });
    await settled();
    expect(asked).toHaveLength(2);
    expect(results.isStale(id)).toBe(false);
  });

  it('are put away when the study hides them again', async () => {
    const { results, emit } = await opened();
    await results.load(id);
    study = studyRecord({ state: 'open' });
    emit({ type: 'study.changed', study: id });
    await settled();
    expect(results.resultsOf(id)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('are exported under the filters, and read anew after a lost connection', async () => {
    const { results, calls, setState } = await opened();
    await results.filter(id, only(['ann']));
    await results.exportTables(id, 'csv');
    expect(calls.at(-1)).toEqual({
      route: 'results.export',
      input: { study: id, filters: only(['ann']), format: 'csv' },
    });
    const before = asked.length;
    setState('lost');
    setState('open');
    await settled();
    expect(asked.slice(before).map(({ filters }) => filters?.raters)).toContainEqual(['ann']);
  });
});
