import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { type Job, type JobProgress, type JobState } from '../../shared/jobs';
import { useClient } from '../api/client';
import { resource } from './resource';

const live: readonly JobState[] = ['running', 'cancelling', 'queued'];
const resumable: readonly JobState[] = ['cancelled', 'parked', 'failed'];

/** One sample of a training curve inside an epoch. */
export interface TrainingSample {
  /** Items done plus the share of the item under way. */
  readonly position: number;
  readonly stage: string;
  readonly loss: number | null;
  readonly accuracy: number | null;
}

const samplesKept = 2000;

export const isLive = (job: Job): boolean => live.includes(job.state);
export const isResumable = (job: Job): boolean => resumable.includes(job.state);

/** The ledger as the app sees it, newest first, with the live part of the running one. */
export const useJobs = defineStore('jobs', () => {
  const client = useClient();
  const list = resource<Job[]>([], () => client.call('jobs.list', {}));
  const progress = ref<Record<string, JobProgress>>({});
  const samples = ref<Record<string, TrainingSample[]>>({});

  const jobs = computed(() =>
    [...list.value.value].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
  );
  const running = computed(
    () =>
      jobs.value.find((job) => job.state === 'running' || job.state === 'cancelling') ??
      jobs.value.find((job) => job.state === 'queued') ??
      null,
  );

  function put(job: Job): void {
    const others = list.value.value.filter((other) => other.id !== job.id);
    list.value.value = [...others, job];
    if (job.progress) progress.value[job.id] = job.progress;
  }

  function sample(step: JobProgress): void {
    if (step.loss === undefined && step.accuracy === undefined) return;
    const kept = samples.value[step.job] ?? [];
    const point: TrainingSample = {
      position: step.itemsDone + step.itemShare,
      stage: step.stage,
      loss: step.loss ?? null,
      accuracy: step.accuracy ?? null,
    };
    // While an epoch is validated its training figures stand still: that is no new sample.
    const last = kept.at(-1);
    if (last && last.loss === point.loss && last.accuracy === point.accuracy) return;
    samples.value[step.job] = [...kept.slice(-samplesKept + 1), point];
  }

  client.on('job.changed', ({ job }) => put(job));
  client.on('job.progress', ({ progress: step }) => {
    progress.value[step.job] = step;
    sample(step);
    if (!list.value.value.some((job) => job.id === step.job)) void list.load();
  });
  client.onReconnect(() => void list.load());

  return {
    jobs,
    running,
    progress,
    samples,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId: (id: string | null): Job | null =>
      id === null ? null : (list.value.value.find((job) => job.id === id) ?? null),
    /** The newest live part of a job: from its events, else as the ledger kept it. */
    progressOf: (job: Job): JobProgress | null => progress.value[job.id] ?? job.progress,
    /** Seconds of work so far, over all attempts. */
    workOf: (job: Job): number =>
      Math.max(
        progress.value[job.id]?.elapsed ?? job.progress?.elapsed ?? 0,
        job.stages.reduce((sum, { seconds }) => sum + seconds, 0),
      ),
    put,
    /** A job once it is under way no more. */
    ended: (id: string): Promise<Job> =>
      new Promise((resolve) => {
        const find = () => list.value.value.find((job) => job.id === id);
        const stop = watch(
          find,
          (job) => {
            if (!job || isLive(job)) return;
            resolve(job);
            void Promise.resolve().then(() => stop());
          },
          { immediate: true },
        );
      }),
    cancel: async (id: string) => put(await client.call('jobs.cancel', { job: id })),
    resume: async (id: string) => put(await client.call('jobs.resume', { job: id })),
  };
});
