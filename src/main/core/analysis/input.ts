import { type QuestionId, type TrialKind } from '../../../shared/ratings/questions';
import { type Experience } from '../../../shared/ratings/rating-routes';
import {
  type AskedQuestion,
  type ResultFilters,
  type StudyResults,
} from '../../../shared/ratings/results';
import { type Better } from '../../../statistics/paired-ranks';
import { type PublishedTable } from '../export/publication';
import { type DatasetNames } from './order';

/** Resamples B of every interval of the results. */
export const resultResamples = 2000;

/** One label: the last of its key. Of every kind, of raters who have not withdrawn. */
export interface RatedRow {
  readonly dataset: string;
  readonly image: string;
  readonly method: string;
  readonly question: QuestionId;
  /** The rater's code; codes that differ in case alone are one rater. */
  readonly rater: string;
  /** Where it stands in the rater's order; ties an attention label to its expected range. */
  readonly trial: string | null;
  readonly kind: TrialKind;
  readonly repeat: number;
  /** The place of the label on the question's scale, from 1. */
  readonly score: number;
  readonly responseMs: number | null;
  /** ISO 8601. */
  readonly ratedAt: string | null;
}

/** The scores that pass an attention check, bounds included. */
export interface ExpectedRange {
  readonly rater: string;
  readonly trial: string;
  readonly low: number;
  readonly high: number;
  /** Those whose labels it holds for. */
  readonly questions: readonly QuestionId[];
}

/** A run's areas or values image by image, whose model and maps are those of the study. */
export interface ImageAreas {
  readonly methods: readonly string[];
  /** Area under the curve of each method on each image, or its one value, row-major [M, N]. */
  readonly areas: Float64Array;
  /** The same of the random map, [N]. */
  readonly random: Float64Array;
  /** Which of them speak for a method. */
  readonly better: Better;
}

export interface ComparedAreas {
  readonly dataset: string;
  /** null: no run can be compared with this dataset, and `reason` says why. */
  readonly areas: ImageAreas | null;
  readonly reason: string | null;
}

/** All that a study's results are computed from: plain data, so that it can go to a thread. */
export interface ResultsInput {
  readonly ratings: readonly RatedRow[];
  readonly checks: readonly ExpectedRange[];
  /** Everybody who has not withdrawn; raters of `ratings` that are missing here are added. */
  readonly raters: readonly { readonly code: string; readonly experience: Experience | null }[];
  /** The study's own rows and columns, which show without a rating too; others are added. */
  readonly methods: readonly string[];
  readonly datasets: readonly string[];
  /** How datasets are called, also in spellings of elsewhere. */
  readonly known: DatasetNames;
  /** What was asked, in the order of the tables. */
  readonly questions: readonly AskedQuestion[];
  readonly roar: readonly ComparedAreas[];
  /** The paper's tables whose questions are asked. */
  readonly paper: readonly PublishedTable[];
  readonly filters: ResultFilters;
  /** A safe integer; with it equal inputs give equal results. */
  readonly seed: number;
  readonly resamples: number;
}

type Computed =
  | 'tables'
  | 'agreement'
  | 'kappas'
  | 'friedman'
  | 'correlation'
  | 'raters'
  | 'counted'
  | 'leftOut'
  | 'images'
  | 'checks'
  | 'filterNotes'
  | 'notes'
  | 'paper';

/** The parts of a study's results that are computed; rows and columns are ids in their order. */
export interface ComputedResults extends Pick<StudyResults, Computed> {
  readonly methods: string[];
  readonly datasets: string[];
}
