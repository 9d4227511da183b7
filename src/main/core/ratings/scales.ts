import { z } from 'zod';
import { type StudioError } from '../../../shared/errors';
import { NameIndex, nameKey } from '../../../shared/identifying-text';
import {
  defaultQuestions,
  mostLabels,
  mostQuestions,
  questionIdAccepted,
  questionIds,
  questionIdSchema,
  ratingLabelSchema,
} from '../../../shared/ratings/questions';
import { type AskedQuestion } from '../../../shared/ratings/results';

/** A question as rows of ratings state it: a label that none of them gave is null. */
export const statedQuestionSchema = z.object({
  id: questionIdSchema,
  title: z.string(),
  /** Lowest first, up to the highest that was given. */
  labels: z.array(z.string().nullable()).min(1),
});
export type StatedQuestion = z.output<typeof statedQuestionSchema>;

/** With labels throughout, at least two: one that was never given goes by its score. */
export function asked({ id, title, labels }: StatedQuestion): AskedQuestion {
  const whole = labels.length < 2 ? [...labels, null] : labels;
  const given = new Set(labels.flatMap((label) => (label === null ? [] : nameKey(label))));
  const byScore = (score: number) => (given.has(String(score)) ? `score ${score}` : String(score));
  return { id, title, labels: whole.map((label, i) => label ?? byScore(i + 1)) };
}

/** Whatever the case, and whatever stands between words: `Very.Low`, `very low`, `VERY_LOW`. */
export const folded = (value: string): string => value.toLowerCase().replaceAll(/[\s._-]+/g, '');

type ScaleColumn = 'question' | 'label' | 'score';

/** The cells of a row that say what was answered, in plain text. */
export interface AnswerCells extends Readonly<Record<ScaleColumn, string>> {
  readonly line: number;
  /** The refusal of one of them. */
  readonly refused: (column: ScaleColumn, accepted: string) => StudioError;
}

export interface Answer {
  readonly question: string;
  readonly score: number;
}

interface Scale {
  readonly id: string;
  readonly title: string;
  readonly labels: (string | null)[];
  /** Whether rows may state labels that it lacks. */
  readonly open: boolean;
  /** Whether it was asked, as far as is known. */
  asked: boolean;
  /** Lines that stated its labels, by score. */
  readonly lines: Map<number, number>;
}

/**
 * The questions and scales of one study, while rows of its ratings are read. What a study asks is
 * known; of a study out of files the paper's questions are, and every other one is what its rows
 * state by label and score together: one label for each score, and one score for each label.
 */
export class StudyScales {
  readonly #scales: Scale[];
  readonly #takesOthers: boolean;

  private constructor(scales: readonly Omit<Scale, 'lines'>[], takesOthers: boolean) {
    this.#scales = scales.map((scale) => ({ ...scale, lines: new Map() }));
    this.#takesOthers = takesOthers;
  }

  /** Of a study that was designed: it asks these, and nothing else. */
  static designed(questions: readonly AskedQuestion[]): StudyScales {
    const scales = questions.map(({ id, title, labels }) => ({
      id,
      title,
      labels: [...labels],
      open: false,
      asked: true,
    }));
    return new StudyScales(scales, false);
  }

  /**
   * Of a study that is out of files.
   *
   * @param stored what files so far asked; null: the paper's questions
   */
  static imported(stored: readonly StatedQuestion[] | null): StudyScales {
    return new StudyScales([...paperScales(stored), ...otherScales(stored ?? [])], true);
  }

  /** Of a study that is not there yet. */
  static fresh(): StudyScales {
    return StudyScales.imported([]);
  }

  /** Throws by `refused` what does not fit what is known, or what earlier rows state. */
  read(cells: AnswerCells): Answer {
    const scale = this.#named(cells);
    const score = scale.open ? openScore(scale, cells) : knownScore(scale, cells);
    scale.asked = true;
    return { question: scale.id, score };
  }

  /** What the study asks by all rows so far; null: the paper's questions. */
  stated(): StatedQuestion[] | null {
    const all = this.#scales.filter((scale) => scale.asked);
    if (!all.some(({ open }) => open)) return null;
    return all.map(({ id, title, labels }) => ({ id, title, labels: [...labels] }));
  }

  /** Questions that rows of this reading added labels to, for people to read. */
  learned(): AskedQuestion[] {
    return this.#scales.filter(({ open, lines }) => open && lines.size > 0).map(asked);
  }

  #named(cells: AnswerCells): Scale {
    const { question, label, score, refused } = cells;
    const found = this.#scales.find(({ id }) => folded(id) === folded(question));
    if (found) return found;
    const known = this.#scales.map(({ id }) => id).join(', ');
    if (!this.#takesOthers) throw refused('question', known);
    if (label === '' || score === '') {
      throw refused(
        'question',
        `${known}, or another question where label and score are both there`,
      );
    }
    const id = slug(question);
    if (!questionIdSchema.safeParse(id).success) {
      throw refused('question', `${known}, or ${questionIdAccepted}`);
    }
    if (this.#scales.filter((scale) => scale.asked).length >= mostQuestions) {
      throw refused('question', `${known}: a study asks at most ${mostQuestions} questions`);
    }
    const title = titleOf(question);
    const made = { id, title, labels: [], open: true, asked: false, lines: new Map() };
    // Not kept until the row is read whole.
    openScore(made, cells);
    this.#scales.push(made);
    return made;
  }
}

function paperScales(stored: readonly StatedQuestion[] | null): Omit<Scale, 'lines'>[] {
  return defaultQuestions.map(({ id, title, labels }) => ({
    id,
    title,
    labels: [...labels],
    open: false,
    asked: stored === null || stored.some((question) => question.id === id),
  }));
}

function otherScales(stored: readonly StatedQuestion[]): Omit<Scale, 'lines'>[] {
  return stored
    .filter(({ id }) => !questionIds.some((known) => known === id))
    .map(({ id, title, labels }) => ({
      id,
      title,
      labels: [...labels],
      open: true,
      asked: true,
    }));
}

function slug(question: string): string {
  return question
    .toLowerCase()
    .replaceAll(/[\s._-]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** As it is written; an id in words. */
function titleOf(question: string): string {
  const words = slug(question) === question ? question.replaceAll('-', ' ') : question;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** The place of a label on a scale, from 1, by its name or else by its words; 0: none. */
function placeOf(labels: readonly (string | null)[], label: string): number {
  const stated = labels.filter((text) => text !== null);
  const words = folded(label);
  const named = new NameIndex(stated).find(label);
  const found =
    named.length > 0 || words === '' ? named : stated.filter((text) => folded(text) === words);
  const [only, second] = found;
  return only === undefined || second !== undefined ? 0 : labels.indexOf(only) + 1;
}

function knownScore({ labels }: Scale, { label, score, refused }: AnswerCells): number {
  const place = placeOf(labels, label);
  if (place === 0) throw refused('label', labels.join(', '));
  if (score === '') return place;
  const stated = /^[1-9]$/.test(score) ? Number(score) : 0;
  if (stated < 1 || stated > labels.length) {
    throw refused('score', `a whole number from 1 to ${labels.length}`);
  }
  if (stated !== place)
    throw refused('score', `${place}, which is the score of the label ${label}`);
  return place;
}

function openScore({ labels, lines }: Scale, cells: AnswerCells): number {
  const { label, score, line, refused } = cells;
  const place = placeOf(labels, label);
  if (score === '') {
    if (place > 0) return place;
    const known = labels.filter((text) => text !== null).join(', ');
    throw refused('label', `${known}, or another label whose score is there too`);
  }
  if (!/^[1-9]$/.test(score)) throw refused('score', `a whole number from 1 to ${mostLabels}`);
  const stated = Number(score);
  const where = (at: number) => {
    const first = lines.get(at);
    return first === undefined ? '' : ` (line ${first})`;
  };
  if (place > 0 && place !== stated) {
    throw refused('score', `${place}, which is the score of the label ${label}${where(place)}`);
  }
  const before = labels[stated - 1] ?? null;
  if (before !== null && place === 0) {
    throw refused('label', `${before}, which is the label of the score ${stated}${where(stated)}`);
  }
  if (before === null) {
    const parsed = ratingLabelSchema.safeParse(label);
    if (!parsed.success) throw refused('label', parsed.error.issues[0]?.message ?? 'a label');
    while (labels.length < stated) labels.push(null);
    labels[stated - 1] = parsed.data;
    lines.set(stated, line);
  }
  return stated;
}
