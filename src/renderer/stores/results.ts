import { defineStore } from 'pinia';
import { ref, shallowRef, triggerRef } from 'vue';
import { type ErrorData, toErrorData } from '../../shared/errors';
import {
  type Agreement,
  type ResultFilters,
  resultFiltersSchema,
  type ResultFormat,
  type StudyResults,
} from '../../shared/ratings/results';
import { type StudyRecord } from '../../shared/ratings/study';
import { type RouteInput } from '../../shared/routes';
import { useClient } from '../api/client';
import { useStudies } from './studies';

export const noFilters: Readonly<ResultFilters> = resultFiltersSchema.parse({});

/** Whether a filter is set: without one, every rating that can count does. */
export function isFiltered(filters: ResultFilters): boolean {
  return Object.values(filters).some((value) => value !== null);
}

/** Results are shown once a study is closed, or once the researcher chose to look (which is logged). */
export function isShown(study: StudyRecord): boolean {
  return study.state === 'closed' || (study.state === 'open' && study.revealedAt !== null);
}

/** A deep copy of plain data, also of reactive data. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Tables and statistics of studies, each under the filters that the researcher set for it. */
export const useResults = defineStore('results', () => {
  const client = useClient();
  const studies = useStudies();
  /** Under the filters of the moment, and without any. */
  const filtered = shallowRef(new Map<string, StudyResults>());
  const whole = shallowRef(new Map<string, StudyResults>());
  const filters = ref<Record<string, ResultFilters>>({});
  const failures = ref<Record<string, ErrorData>>({});
  const loading = ref<Record<string, boolean>>({});
  /** Studies whose results are older than their ratings. */
  const stale = ref<Record<string, boolean>>({});
  /** The latest request of each study: answers to earlier ones come too late. */
  const latest = new Map<string, number>();

  const filtersOf = (study: string): ResultFilters => filters.value[study] ?? noFilters;

  function keep(map: typeof filtered, study: string, results: StudyResults): void {
    map.value.set(study, results);
    triggerRef(map);
  }

  async function load(study: string): Promise<void> {
    const request = (latest.get(study) ?? 0) + 1;
    latest.set(study, request);
    const wanted = copy(filtersOf(study));
    loading.value = { ...loading.value, [study]: true };
    try {
      const results = await client.call('results.get', { study, filters: wanted });
      if (latest.get(study) !== request) return;
      if (isFiltered(wanted)) {
        // Set beside the filtered results, so that both are of the same ratings.
        if (stale.value[study] || !whole.value.has(study)) {
          keep(whole, study, await client.call('results.get', { study, filters: {} }));
          if (latest.get(study) !== request) return;
        }
      } else keep(whole, study, results);
      keep(filtered, study, results);
      stale.value = { ...stale.value, [study]: false };
      failures.value = Object.fromEntries(
        Object.entries(failures.value).filter(([id]) => id !== study),
      );
    } catch (error) {
      if (latest.get(study) !== request) return;
      failures.value = { ...failures.value, [study]: toErrorData(error) };
    } finally {
      if (latest.get(study) === request) loading.value = { ...loading.value, [study]: false };
    }
  }

  function forget(study: string): void {
    latest.set(study, (latest.get(study) ?? 0) + 1);
    filtered.value.delete(study);
    whole.value.delete(study);
    triggerRef(filtered);
    triggerRef(whole);
    loading.value = { ...loading.value, [study]: false };
  }

  client.on('study.changed', ({ study }) => {
    if (!filtered.value.has(study)) return;
    stale.value = { ...stale.value, [study]: true };
    void studies.load().then(() => {
      const record = studies.byId(study);
      if (!record || !isShown(record)) forget(study);
      // While raters rate, the page would never stand still: the researcher asks for the newest.
      else if (record.state === 'closed') void load(study);
    });
  });
  client.onReconnect(() => {
    for (const study of filtered.value.keys()) void load(study);
  });

  return {
    resultsOf: (study: string): StudyResults | null => filtered.value.get(study) ?? null,
    /** Without any filter, to stand beside what the filters leave. */
    wholeOf: (study: string): StudyResults | null => whole.value.get(study) ?? null,
    failureOf: (study: string): ErrorData | null => failures.value[study] ?? null,
    isLoading: (study: string): boolean => loading.value[study] ?? false,
    isStale: (study: string): boolean => stale.value[study] ?? false,
    filtersOf,
    load,
    async filter(study: string, next: ResultFilters): Promise<void> {
      filters.value = { ...filters.value, [study]: copy(next) };
      await load(study);
    },
    /** Look at an open study's results: kept in its log. */
    async reveal(study: string): Promise<void> {
      await client.call('results.reveal', { study });
      await Promise.all([studies.load(), load(study)]);
    },
    /** Kappas of one rater with all others, under the filters of these results. */
    kappasOf: (
      { study, filters: set }: StudyResults,
      of: Pick<RouteInput<'results.kappas'>, 'question' | 'dataset' | 'rater'>,
    ): Promise<Agreement[]> =>
      client.call('results.kappas', { study: study.id, filters: copy(set), ...of }),
    exportTables: (study: string, format: ResultFormat) =>
      client.call('results.export', { study, filters: copy(filtersOf(study)), format }),
  };
});
