import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { type ChosenReading } from '../../shared/csv-reading';
import { type ErrorData } from '../../shared/errors';
import { type RaterRecord, type StudyConfig, type StudyRecord } from '../../shared/ratings/study';
import { useClient } from '../api/client';
import { isLive, useJobs } from './jobs';
import { records } from './records';
import { type Resource, resource } from './resource';
import { copy, draftOf, isChanged, newDraft, type StudyDraft } from './study-draft';

/** Rating studies, their raters, and the study being made or changed. */
export const useStudies = defineStore('studies', () => {
  const client = useClient();
  const jobs = useJobs();
  const list = records<StudyRecord>(() => client.call('studies.list', {}));
  const raters = new Map<string, Resource<RaterRecord[]>>();
  /** Tokens of links made since the app was opened, by rater: core keeps only their hashes. */
  const tokens = ref<Record<string, string>>({});
  const draft = ref<StudyDraft>(newDraft());
  /** Seconds that a label is assumed to take, for the forecast of a session. */
  const pace = ref<number | null>(6);

  function put(study: StudyRecord): StudyRecord {
    list.put(study);
    return study;
  }

  function ratersIn(study: string): Resource<RaterRecord[]> {
    const found = raters.get(study);
    if (found) return found;
    const made = resource<RaterRecord[]>([], () => client.call('raters.list', { study }));
    raters.set(study, made);
    return made;
  }

  client.on('study.changed', ({ study }) => {
    void list.load();
    if (raters.has(study)) void ratersIn(study).load();
  });
  client.on('job.changed', ({ job }) => {
    if (job.kind === 'study' && !isLive(job)) void list.load();
  });
  client.onReconnect(() => {
    void list.load();
    for (const each of raters.values()) void each.load();
  });

  async function addRaters(study: string, codes: string[], count: number): Promise<RaterRecord[]> {
    const made = await client.call('raters.create', { study, codes, count });
    for (const { rater, token } of made) tokens.value[rater.id] = token;
    await Promise.all([ratersIn(study).load(), list.load()]);
    return made.map(({ rater }) => rater);
  }

  return {
    studies: list.newestFirst,
    loaded: list.loaded,
    error: list.error,
    load: list.load,
    byId: list.byId,

    draft,
    pace,
    hasDraft: computed(() => isChanged(draft.value)),
    discardDraft: () => {
      draft.value = newDraft();
    },
    /** Begin to change a study; what was being made or changed before is given up. */
    edit: (study: StudyRecord) => {
      if (study.config) draft.value = draftOf({ ...study, config: study.config });
    },
    preview: (config: StudyConfig) => client.call('studies.preview', { config: copy(config) }),
    /** Make the study of the draft, or change the one that it is of; a new draft begins. */
    async save(): Promise<StudyRecord> {
      const { study, name, config } = draft.value;
      const record =
        study === null
          ? await client.call('studies.create', { name: name.trim(), config: copy(config) })
          : await client.call('studies.edit', { study, config: copy(config) });
      draft.value = newDraft();
      return put(record);
    },
    async prepare(study: string): Promise<void> {
      const answer = await client.call('studies.prepare', { study });
      jobs.put(answer.job);
      put(answer.study);
    },
    rename: async (study: string, name: string) =>
      put(await client.call('studies.rename', { study, name })),
    close: async (study: string) => put(await client.call('studies.close', { study })),
    reopen: async (study: string) => put(await client.call('studies.reopen', { study })),
    async remove(study: string, ratings: boolean): Promise<void> {
      await client.call('studies.remove', { study, ratings });
      list.drop(study);
      raters.delete(study);
    },
    exportArchive: (study: string) => client.call('studies.export', { study }),
    async importArchive(upload: string) {
      const { notes, ...study } = await client.call('studies.import', { upload });
      return { study: put(study), notes };
    },
    exportRatings: (study: string) => client.call('ratings.export', { study }),
    /** How a CSV file that was sent would be read. */
    previewRatings: (upload: string, reading: ChosenReading) =>
      client.call('ratings.preview', { upload, reading: copy(reading) }),
    async importRatings(upload: string, reading: ChosenReading = {}) {
      const summary = await client.call('ratings.import', { upload, reading: copy(reading) });
      await list.load();
      return summary;
    },

    ratersOf: (study: string): RaterRecord[] => ratersIn(study).value.value,
    ratersLoaded: (study: string): boolean => ratersIn(study).loaded.value,
    ratersError: (study: string): ErrorData | null => ratersIn(study).error.value,
    loadRaters: (study: string): Promise<void> => ratersIn(study).load(),
    tokenOf: (rater: string): string | null => tokens.value[rater] ?? null,
    addRaters,
    async newLink(rater: string): Promise<void> {
      const { token } = await client.call('raters.link', { rater });
      tokens.value[rater] = token;
    },
    async withdraw(rater: RaterRecord): Promise<void> {
      await client.call('raters.withdraw', { rater: rater.id });
      await Promise.all([ratersIn(rater.study).load(), list.load()]);
    },
    async erase(rater: RaterRecord) {
      const erased = await client.call('ratings.erase', { rater: rater.id });
      await Promise.all([ratersIn(rater.study).load(), list.load()]);
      return erased;
    },
    beginAnnotatorMode: (study: string, passphrase: string | null) =>
      client.call('annotator.begin', { study, passphrase }),
  };
});
