import { defineStore } from 'pinia';
import { computed, ref, shallowRef, triggerRef } from 'vue';
import { type ErrorData, toErrorData } from '../../shared/errors';
import {
  type Experiment,
  type ExperimentForecast,
  type ExperimentResult,
} from '../../shared/experiments';
import { type MapSheet, type MapSheetInput } from '../../shared/map-sheets';
import { type RunRecord } from '../../shared/records';
import { type RouteInput } from '../../shared/routes';
import { useClient } from '../api/client';
import { useJobs } from './jobs';
import { resource } from './resource';

/** Runs that belong together: reproductions of the paper and sensitivity analyses. */
export const useExperiments = defineStore('experiments', () => {
  const client = useClient();
  const jobs = useJobs();
  const list = resource<Experiment[]>([], () => client.call('experiments.list', {}));
  const results = shallowRef(new Map<string, ExperimentResult>());
  const failures = ref<Record<string, ErrorData>>({});

  const experiments = computed(() =>
    [...list.value.value].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
  );

  function put(experiment: Experiment): void {
    list.value.value = [...list.value.value.filter(({ id }) => id !== experiment.id), experiment];
    const result = results.value.get(experiment.id);
    if (result) {
      results.value.set(experiment.id, { ...result, experiment });
      triggerRef(results);
    }
  }

  /** Judging many runs takes seconds and runs change often: one request at a time, then the newest. */
  const underWay = new Map<string, { again: boolean; done: Promise<void> }>();

  async function readResult(id: string): Promise<void> {
    try {
      const result = await client.call('experiments.result', { experiment: id });
      results.value.set(id, result);
      triggerRef(results);
      put(result.experiment);
      failures.value = Object.fromEntries(
        Object.entries(failures.value).filter(([key]) => key !== id),
      );
    } catch (error) {
      failures.value = { ...failures.value, [id]: toErrorData(error) };
    }
  }

  function loadResult(id: string): Promise<void> {
    const current = underWay.get(id);
    if (current) {
      current.again = true;
      return current.done;
    }
    const request = { again: false, done: Promise.resolve() };
    const read = async () => {
      do {
        request.again = false;
        await readResult(id);
      } while (request.again);
      underWay.delete(id);
    };
    underWay.set(id, request);
    request.done = read();
    return request.done;
  }

  /** Experiments whose results are looked at and that hold the run. */
  function reloadWith(holds: (run: RunRecord) => boolean): void {
    for (const [id, { experiment }] of results.value) {
      if (experiment.members.some(({ run }) => holds(run))) void loadResult(id);
    }
  }

  client.on('experiment.changed', ({ experiment }) => {
    void list.load();
    if (results.value.has(experiment)) void loadResult(experiment);
  });
  client.on('run.changed', ({ run }) => {
    if (list.loaded.value) void list.load();
    reloadWith(({ id }) => id === run);
  });
  client.on('job.changed', ({ job }) => {
    for (const experiment of list.value.value) {
      const stale = experiment.members.some(
        ({ run }) => run.job === job.id && run.state !== job.state,
      );
      if (!stale) continue;
      const members = experiment.members.map((member) =>
        member.run.job === job.id
          ? { ...member, run: { ...member.run, state: job.state } }
          : member,
      );
      put({ ...experiment, members });
    }
  });
  client.onReconnect(() => {
    void list.load();
    for (const id of results.value.keys()) void loadResult(id);
  });

  return {
    experiments,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId: (id: string): Experiment | null =>
      list.value.value.find((experiment) => experiment.id === id) ?? null,
    resultOf: (id: string): ExperimentResult | null => results.value.get(id) ?? null,
    failureOf: (id: string): ErrorData | null => failures.value[id] ?? null,
    loadResult,
    forecast: (input: RouteInput<'experiments.forecast'>): Promise<ExperimentForecast> =>
      client.call('experiments.forecast', input),
    async start(input: RouteInput<'experiments.start'>): Promise<Experiment> {
      const { experiment } = await client.call('experiments.start', input);
      put(experiment);
      void jobs.load();
      return experiment;
    },
    async collect(runs: readonly string[]): Promise<Experiment> {
      const experiment = await client.call('experiments.collect', { runs: [...runs] });
      put(experiment);
      return experiment;
    },
    async setStudy(experiment: string, study: string | null): Promise<void> {
      put(await client.call('experiments.setStudy', { experiment, study }));
      await loadResult(experiment);
    },
    rename: async (experiment: string, name: string) =>
      put(await client.call('experiments.rename', { experiment, name })),
    async remove(experiment: string): Promise<void> {
      await client.call('experiments.remove', { experiment });
      list.value.value = list.value.value.filter(({ id }) => id !== experiment);
      results.value.delete(experiment);
      triggerRef(results);
    },
    exportFile: (input: RouteInput<'experiments.export'>) =>
      client.call('experiments.export', input),
    /** Small multiples of maps. */
    sheet: (input: RouteInput<'maps.sheet'>): Promise<MapSheet> => client.call('maps.sheet', input),
    sheetFile: (input: RouteInput<'maps.sheetExport'>) => client.call('maps.sheetExport', input),
  };
});

export type SheetSubject = MapSheetInput['of'];
