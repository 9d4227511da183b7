import { refuse } from '../../../shared/errors';
import { lookOf, NameIndex } from '../../../shared/identifying-text';
import { someNames } from '../../../shared/name-list';
import { experiences } from '../../../shared/ratings/rating-routes';
import { type ResultChoices, type ResultFilters } from '../../../shared/ratings/results';
import { dayOf, imageKey, ratersOf } from './filters';
import { type ResultsInput } from './input';
import { naturalOrder } from './order';

/** What results can be filtered by, from all that they are computed from. */
export function choicesOf(input: Pick<ResultsInput, 'raters' | 'ratings'>): ResultChoices {
  const images = new Set<string>();
  const days = new Set<string>();
  for (const row of input.ratings) {
    if (row.kind !== 'main') continue;
    images.add(imageKey(row));
    const day = dayOf(row);
    if (day !== null) days.add(day);
  }
  const inOrder = [...days].sort();
  const first = inOrder[0];
  const last = inOrder.at(-1);
  return {
    raters: ratersOf(input).map(({ code, experience }) => ({ code, experience })),
    images: [...images].sort(naturalOrder),
    days: first === undefined || last === undefined ? null : { first, last },
  };
}

/**
 * Refuse a filter by what is not there, which would leave an empty table: names the field, the value
 * and what there is.
 */
export function checkFilters(filters: ResultFilters, choices: ResultChoices): void {
  const codes = choices.raters.map(({ code }) => code);
  const named = new NameIndex(codes);
  const images = new NameIndex(choices.images, lookOf);
  filters.raters?.forEach((code, i) => {
    if (named.find(code).length === 1) return;
    throw refuse(`filters.raters.${i}`, code, oneOf(codes, 'the study has no rater'));
  });
  filters.images?.forEach((image, i) => {
    if (images.find(image).length === 1) return;
    throw refuse(`filters.images.${i}`, image, oneOf(choices.images, 'no image was rated'));
  });
  checkExperience(filters, choices);
  checkDays(filters, choices);
}

function oneOf(names: readonly string[], none: string): string {
  return names.length > 0 ? `one of: ${someNames(names)}` : `nothing, because ${none}`;
}

function checkExperience({ experience }: ResultFilters, { raters }: ResultChoices): void {
  if (experience === null || raters.some((rater) => rater.experience === experience)) return;
  const told = experiences.filter((each) => raters.some((rater) => rater.experience === each));
  throw refuse(
    'filters.experience',
    experience,
    told.length > 0
      ? `${told.join(', ')}, which is all that raters of the study said`
      : 'nothing, because no rater of the study was asked',
  );
}

function checkDays({ from, to }: ResultFilters, { days }: ResultChoices): void {
  const [field, value] = from !== null ? ['filters.from', from] : ['filters.to', to];
  if (value === null) return;
  if (days === null) throw refuse(field, value, 'nothing, because no label has a date');
  const there = `labels were given from ${days.first} to ${days.last}`;
  if (from !== null && from > days.last) {
    throw refuse('filters.from', from, `a day up to ${days.last}: ${there}`);
  }
  if (to !== null && to < days.first) {
    throw refuse('filters.to', to, `a day from ${days.first} on: ${there}`);
  }
}
