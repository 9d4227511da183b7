import { type RatingDesign, type StudyConfig, studyConfigSchema } from '../../shared/ratings/study';

/** A study being made or changed: what was entered so far, kept while the app is open. */
export interface StudyDraft {
  /** The study being edited; null: a new one. */
  study: string | null;
  name: string;
  config: StudyConfig;
  /** Datasets whose model and images were filled in; what a person took out stays out. */
  filled: string[];
  /** Datasets whose ROAR run a person chose, or chose to do without. */
  runChosen: string[];
  /** What was there before a person changed anything, to tell whether there is a draft. */
  before: string;
}

/** A deep copy of plain data, also of reactive data (which structuredClone refuses). */
export const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Every default of the schema, without a dataset: which there are depends on the models. */
export function defaultStudyConfig(): StudyConfig {
  return { ...studyConfigSchema.omit({ datasets: true }).parse({}), datasets: [] };
}

export function defaultDesign(): RatingDesign {
  return defaultStudyConfig().design;
}

const stateOf = (draft: Pick<StudyDraft, 'name' | 'config'>) =>
  JSON.stringify([draft.name, draft.config]);

export function newDraft(): StudyDraft {
  const draft = { study: null, name: '', config: defaultStudyConfig(), filled: [], runChosen: [] };
  return { ...draft, before: stateOf(draft) };
}

/** A draft that changes an existing study: nothing of it is filled in or chosen anew. */
export function draftOf(study: { id: string; name: string; config: StudyConfig }): StudyDraft {
  const config = copy(study.config);
  const datasets = config.datasets.map(({ dataset }) => dataset);
  const draft = { study: study.id, name: study.name, config };
  return { ...draft, filled: datasets, runChosen: [...datasets], before: stateOf(draft) };
}

/** What was filled in for a person is no change of theirs. */
export function settle(draft: StudyDraft): void {
  draft.before = stateOf(draft);
}

export function isChanged(draft: StudyDraft): boolean {
  return draft.before !== stateOf(draft);
}
