import { defineStore } from 'pinia';
import { ref } from 'vue';
import { type RoarSettings } from '../../shared/catalogue/roar';
import { presetSettings } from '../../shared/catalogue/roar-presets';
import { type RunRecord, type RunResult } from '../../shared/records';
import { type RouteInput } from '../../shared/routes';
import { useClient } from '../api/client';
import { useDatasets } from './datasets';
import { useJobs } from './jobs';
import { useNetworks } from './networks';
import { found, records } from './records';

/** A deep copy of plain data, also of reactive data (which structuredClone refuses). */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** ROAR runs, their results, and the settings being edited for the next one. */
export const useRoar = defineStore('roar', () => {
  const client = useClient();
  const datasets = useDatasets();
  const networks = useNetworks();
  const jobs = useJobs();
  const list = records<RunRecord>(() => client.call('roar.list', {}));
  const results = found<RunResult>(
    (run) => client.call('roar.result', { run }),
    ({ run }) => list.put(run),
  );
  const draft = ref<RoarSettings>(presetSettings('quick', networks.settingsOf(datasets.first)));

  function put(run: RunRecord): void {
    list.put(run);
    results.change(run.id, (result) => ({ ...result, run }));
  }

  client.on('run.changed', ({ run }) => {
    void list.load();
    if (results.of(run)) void results.load(run);
  });
  client.on('job.changed', ({ job }) => {
    const run = list.value.value.find((candidate) => candidate.job === job.id);
    if (run && run.state !== job.state) put({ ...run, state: job.state });
  });
  client.onReconnect(() => {
    void list.load();
    for (const run of results.all().keys()) void results.load(run);
  });

  return {
    runs: list.newestFirst,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    draft,
    resultOf: results.of,
    failureOf: results.failureOf,
    loadResult: results.load,
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
      list.drop(run);
      results.drop(run);
    },
    degraded: (input: RouteInput<'roar.degraded'>) => client.call('roar.degraded', input),
    compare: (a: string, b: string) => client.call('roar.compare', { a, b }),
    exportFile: (input: RouteInput<'roar.export'>) => client.call('roar.export', input),
  };
});
