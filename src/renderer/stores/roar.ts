import { defineStore } from 'pinia';
import { computed, ref, shallowRef, triggerRef } from 'vue';
import { type RoarSettings } from '../../shared/catalogue/roar';
import { presetSettings } from '../../shared/catalogue/roar-presets';
import { type ErrorData, toErrorData } from '../../shared/errors';
import { type RunRecord, type RunResult } from '../../shared/records';
import { type RouteInput } from '../../shared/routes';
import { useClient } from '../api/client';
import { useDatasets } from './datasets';
import { useJobs } from './jobs';
import { useNetworks } from './networks';
import { resource } from './resource';

/** A deep copy of plain data, also of reactive data (which structuredClone refuses). */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** ROAR runs, their results, and the settings being edited for the next one. */
export const useRoar = defineStore('roar', () => {
  const client = useClient();
  const datasets = useDatasets();
  const networks = useNetworks();
  const jobs = useJobs();
  const list = resource<RunRecord[]>([], () => client.call('roar.list', {}));
  const results = shallowRef(new Map<string, RunResult>());
  const failures = ref<Record<string, ErrorData>>({});
  const draft = ref<RoarSettings>(presetSettings('quick', networks.settingsOf(datasets.first)));

  const runs = computed(() =>
    [...list.value.value].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
  );

  function put(run: RunRecord): void {
    list.value.value = [...list.value.value.filter(({ id }) => id !== run.id), run];
    const result = results.value.get(run.id);
    if (result) {
      results.value.set(run.id, { ...result, run });
      triggerRef(results);
    }
  }

  async function loadResult(run: string): Promise<void> {
    try {
      const result = await client.call('roar.result', { run });
      results.value.set(run, result);
      triggerRef(results);
      list.value.value = [...list.value.value.filter(({ id }) => id !== run), result.run];
      failures.value = Object.fromEntries(
        Object.entries(failures.value).filter(([id]) => id !== run),
      );
    } catch (error) {
      failures.value = { ...failures.value, [run]: toErrorData(error) };
    }
  }

  client.on('run.changed', ({ run }) => {
    void list.load();
    if (results.value.has(run)) void loadResult(run);
  });
  client.on('job.changed', ({ job }) => {
    const run = list.value.value.find((candidate) => candidate.job === job.id);
    if (run && run.state !== job.state) put({ ...run, state: job.state });
  });
  client.onReconnect(() => {
    void list.load();
    for (const run of results.value.keys()) void loadResult(run);
  });

  return {
    runs,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    draft,
    resultOf: (run: string): RunResult | null => results.value.get(run) ?? null,
    failureOf: (run: string): ErrorData | null => failures.value[run] ?? null,
    loadResult,
    /** Replace the settings being edited: by a preset's, or by those of an earlier run. */
    edit: (settings: RoarSettings) => {
      draft.value = copy(settings);
    },
    forecast: (settings: RoarSettings) =>
      client.call('roar.forecast', { settings: copy(settings) }),
    async start(settings: RoarSettings, name: string | null): Promise<RunRecord> {
      const { run, job } = await client.call('roar.start', { settings: copy(settings), name });
      jobs.put(job);
      put(run);
      return run;
    },
    rename: async (run: string, name: string) =>
      put(await client.call('roar.rename', { run, name })),
    async remove(run: string): Promise<void> {
      await client.call('roar.remove', { run });
      list.value.value = list.value.value.filter(({ id }) => id !== run);
      results.value.delete(run);
      triggerRef(results);
    },
    degraded: (input: RouteInput<'roar.degraded'>) => client.call('roar.degraded', input),
    compare: (a: string, b: string) => client.call('roar.compare', { a, b }),
    exportFile: (input: RouteInput<'roar.export'>) => client.call('roar.export', input),
  };
});
