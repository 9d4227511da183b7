import { type RatedRow, type ResultsInput } from './input';

const textFields = [
  'dataset',
  'image',
  'method',
  'question',
  'rater',
  'trial',
  'kind',
  'ratedAt',
] as const;
type TextField = (typeof textFields)[number];

/**
 * Labels in columns with every text once. As objects each label has texts of its own on the far side
 * of a thread: a hundred thousand of them take ten times as much.
 */
export interface PackedRatings {
  /** Every text that occurs; columns hold 1 + its place here, or 0 for null. */
  readonly known: readonly string[];
  readonly texts: Readonly<Record<TextField, Uint32Array>>;
  readonly repeat: Uint32Array;
  readonly score: Uint32Array;
  /** NaN for null. */
  readonly responseMs: Float64Array;
}

/** What results are computed from, as it goes to a thread. */
export type PackedInput = Omit<ResultsInput, 'ratings'> & { readonly ratings: PackedRatings };

export const packInput = (input: ResultsInput): PackedInput => ({
  ...input,
  ratings: packRatings(input.ratings),
});

export const unpackInput = (input: PackedInput): ResultsInput => ({
  ...input,
  ratings: unpackRatings(input.ratings),
});

function packRatings(rows: readonly RatedRow[]): PackedRatings {
  const places = new Map<string, number>();
  const placeOf = (text: string | null): number => {
    if (text === null) return 0;
    const place = places.get(text) ?? places.size + 1;
    places.set(text, place);
    return place;
  };
  const column = (field: TextField) => Uint32Array.from(rows, (row) => placeOf(row[field]));
  const texts = Object.fromEntries(textFields.map((field) => [field, column(field)]));
  return {
    texts: texts as Record<TextField, Uint32Array>,
    known: [...places.keys()],
    repeat: Uint32Array.from(rows, ({ repeat }) => repeat),
    score: Uint32Array.from(rows, ({ score }) => score),
    responseMs: Float64Array.from(rows, ({ responseMs }) => responseMs ?? Number.NaN),
  };
}

function unpackRatings({ known, texts, repeat, score, responseMs }: PackedRatings): RatedRow[] {
  const text = (field: TextField, at: number) => known[(texts[field][at] as number) - 1] ?? null;
  return Array.from(repeat, (again, at): RatedRow => {
    const milliseconds = responseMs[at] as number;
    return {
      dataset: text('dataset', at) as string,
      image: text('image', at) as string,
      method: text('method', at) as string,
      question: text('question', at) as RatedRow['question'],
      rater: text('rater', at) as string,
      trial: text('trial', at),
      kind: text('kind', at) as RatedRow['kind'],
      repeat: again,
      score: score[at] as number,
      responseMs: Number.isNaN(milliseconds) ? null : milliseconds,
      ratedAt: text('ratedAt', at),
    };
  });
}
