import { defineStore } from 'pinia';
import {
  type Experiment,
  type ExperimentForecast,
  type ExperimentResult,
} from '../../shared/experiments';
import { type MapSheet } from '../../shared/map-sheets';
import { type RunRecord } from '../../shared/records';
import { type RouteInput } from '../../shared/routes';
import { useClient } from '../api/client';
import { useJobs } from './jobs';
import { found, records } from './records';

/** Runs that belong together: reproductions of the paper and sensitivity analyses. */
export const useExperiments = defineStore('experiments', () => {
  const client = useClient();
  const jobs = useJobs();
  const list = records<Experiment>(() => client.call('experiments.list', {}));
  const results = found<ExperimentResult>(
    (experiment) => client.call('experiments.result', { experiment }),
    ({ experiment }) => list.put(experiment),
  );

  function put(experiment: Experiment): void {
    list.put(experiment);
    results.change(experiment.id, (result) => ({ ...result, experiment }));
  }

  /** Judging many runs takes seconds and runs change often: one request at a time, then the newest. */
  const underWay = new Map<string, { again: boolean; done: Promise<void> }>();

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
        await results.load(id);
      } while (request.again);
      underWay.delete(id);
    };
    underWay.set(id, request);
    request.done = read();
    return request.done;
  }

  /** Experiments whose results are looked at and that hold the run. */
  function reloadWith(holds: (run: RunRecord) => boolean): void {
    for (const [id, { experiment }] of results.all()) {
      if (experiment.members.some(({ run }) => holds(run))) void loadResult(id);
    }
  }

  client.on('experiment.changed', ({ experiment }) => {
    void list.load();
    if (results.of(experiment)) void loadResult(experiment);
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
    for (const id of results.all().keys()) void loadResult(id);
  });

  return {
    experiments: list.newestFirst,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId: list.byId,
    resultOf: results.of,
    failureOf: results.failureOf,
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
      list.drop(experiment);
      results.drop(experiment);
    },
    exportFile: (input: RouteInput<'experiments.export'>) =>
      client.call('experiments.export', input),
    /** Small multiples of maps. */
    sheet: (input: RouteInput<'maps.sheet'>): Promise<MapSheet> => client.call('maps.sheet', input),
    sheetFile: (input: RouteInput<'maps.sheetExport'>) => client.call('maps.sheetExport', input),
  };
});
