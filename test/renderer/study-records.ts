import {
  type RaterRecord,
  type StudyConfig,
  studyConfigSchema,
  type StudyPreview,
  type StudyRecord,
} from '../../src/shared/ratings/study';
import { modelId } from './records';

export { jobId, jobRecord } from './records';

export const studyId = (letter: string): string => `study_${letter.repeat(16)}`;
export const raterId = (letter: string): string => `rater_${letter.repeat(16)}`;

export function studyConfig(): StudyConfig {
  return studyConfigSchema.parse({ datasets: [{ dataset: 'mnist', model: modelId('a') }] });
}

export function studyRecord(changes: Partial<StudyRecord> = {}): StudyRecord {
  return {
    id: studyId('a'),
    name: 'MNIST ratings',
    version: 1,
    previous: null,
    origin: 'designed',
    state: 'draft',
    config: studyConfig(),
    hash: null,
    frozen: false,
    job: null,
    raters: 0,
    ratings: 0,
    revealedAt: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    closedAt: null,
    ...changes,
  };
}

export function raterRecord(changes: Partial<RaterRecord> = {}): RaterRecord {
  return {
    id: raterId('a'),
    study: studyId('a'),
    code: 'R1',
    experience: null,
    state: 'invited',
    done: 0,
    total: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: null,
    ...changes,
  };
}

export function previewRecord(changes: Partial<StudyPreview> = {}): StudyPreview {
  return {
    trials: { main: 100, repeats: 0, practice: 3, attention: 0, total: 103 },
    labels: 206,
    pairs: 100,
    maps: 100,
    gradients: 17_000,
    seconds: 12,
    images: [{ dataset: 'mnist', indices: [3, 5], labels: [0, 1] }],
    warnings: [],
    ...changes,
  };
}
