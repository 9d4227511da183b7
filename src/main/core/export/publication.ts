import { percent } from '../../../shared/format/numbers';
import { type QuestionId, type RatingLabel } from '../../../shared/ratings/questions';

/** A printed table of ratings that a study's own is compared with. */
export interface PublishedTable {
  readonly question: QuestionId;
  /** Columns, by their printed names. */
  readonly datasets: readonly string[];
  readonly rows: readonly {
    readonly method: string;
    /** One for each column. */
    readonly cells: readonly RatingLabel[];
  }[];
}

/** A validation accuracy, 0 to 1, that is stated for a removal level; `above`: as a lower bound. */
export interface PublishedAccuracy {
  readonly level: number;
  readonly accuracy: number;
  readonly above: boolean;
}

export interface PublishedAccuracies {
  readonly dataset: string;
  readonly network: string;
  readonly levels: readonly PublishedAccuracy[];
  /** The mean score that is stated for removal by the random map, and at which levels. */
  readonly randomMap: { readonly score: number; readonly levels: readonly number[] };
}

/** Something that is left open, and how it is read here. */
export interface PublishedChoice {
  readonly section: string | null;
  readonly says: string | null;
  readonly question: string;
  readonly choice: string;
  /** The setting that holds our reading, where it can be changed. */
  readonly setting: string | null;
  readonly readings: readonly { readonly text: string; readonly setting: string | null }[];
}

/** A dataset that results are published of, in the order of their figures. */
export interface PublishedDataset {
  readonly id: string;
  readonly name: string;
  readonly figure: number;
  /** How many images are evaluated. */
  readonly images: number;
}

/** What results are compared with: no room below `paper/` knows more of it than this. */
export interface Publication {
  /** Authors and title. */
  readonly reference: string;
  readonly datasets: readonly PublishedDataset[];
  readonly tables: readonly PublishedTable[];
  readonly accuracies: PublishedAccuracies;
  readonly choices: readonly PublishedChoice[];
  readonly claims: readonly { readonly id: string; readonly criterion: string }[];
}

/** What is stated for a removal level; null where nothing is. */
export function statedAccuracy(
  { levels }: PublishedAccuracies,
  level: number,
): PublishedAccuracy | null {
  return levels.find((entry) => Math.abs(entry.level - level) < 1e-9) ?? null;
}

/** '98%', or '> 98%' where it is a lower bound. */
export const statedText = ({ above, accuracy }: PublishedAccuracy): string =>
  `${above ? '> ' : ''}${percent(accuracy, 0)}`;

/** The accuracy that is stated for models of a dataset and a network; null where none is. */
export function publishedAccuracy(
  { accuracies }: Pick<Publication, 'accuracies'>,
  { dataset, architecture }: { readonly dataset: string; readonly architecture: string },
  level: number,
): number | null {
  if (accuracies.dataset !== dataset || accuracies.network !== architecture) return null;
  return statedAccuracy(accuracies, level)?.accuracy ?? null;
}
