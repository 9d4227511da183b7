import { counted, formatCount } from '../../../shared/format/counts';
import { someNames } from '../../../shared/name-list';
import { type Experience } from '../../../shared/ratings/rating-routes';
import { type ResultFilters } from '../../../shared/ratings/results';
import { type FilteredRatings } from './filters';

/**
 * What each filter did, in a sentence: never that somebody was left out where nobody was, nor that a
 * check was passed where none can be judged. Empty without filters.
 */
export function filterNotes(filters: ResultFilters, filtered: FilteredRatings): string[] {
  const { raters, experience, excludeFailedChecks: most, images, from, to } = filters;
  const notes: string[] = [];
  if (raters !== null) {
    notes.push(`Raters: ${raters.length} of ${filtered.raters.length} (${someNames(raters)}).`);
  }
  if (experience !== null) notes.push(experienceNotes[experience]);
  if (most !== null) notes.push(...checkNotes(most, filtered));
  if (images !== null) {
    notes.push(`Images: ${images.length} of ${filtered.images.length} (${someNames(images)}).`);
  }
  if (from !== null || to !== null) {
    notes.push(`Rated ${[from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(' ')}.`);
  }
  if (notes.length > 0) notes.push(leftOutNote(filtered));
  return notes;
}

const experienceNotes: Readonly<Record<Experience, string>> = {
  naive: 'Raters who had not seen maps with their methods’ names before.',
  seen: 'Raters who had seen maps with their methods’ names before.',
};

function checkNotes(most: number, { raters, checks, checkCounts }: FilteredRatings): string[] {
  const { rated, judged } = checkCounts;
  if (judged === 0) {
    return [
      rated === 0
        ? 'No attention check can be judged, because none was rated: no rater was left out for failing any.'
        : `No attention check can be judged, because the labels that pass the ${counted(rated, 'check')} that were rated are not known here: no rater was left out for failing any.`,
    ];
  }
  const failed = [...checks.values()].filter(({ failed: so }) => so >= most).length;
  const many = most === 1 ? 'an attention check' : `${most} or more attention checks`;
  const unjudged = raters.length - checks.size;
  return [
    failed === 0
      ? `No rater failed ${many}, so none was left out for that.`
      : `Without the ${failed === 1 ? 'rater' : `${failed} raters`} who failed ${many}.`,
    ...(unjudged > 0
      ? [
          `${counted(unjudged, 'rater')} of ${raters.length} ${unjudged === 1 ? 'has' : 'have'} no attention check that can be judged, and cannot fail one.`,
        ]
      : []),
  ];
}

function leftOutNote({ leftOut, counted: rows }: FilteredRatings): string {
  const reasons = leftOut.filter(({ ratings }) => ratings > 0);
  if (reasons.length === 0) return 'The filters leave out no rating.';
  const each = reasons.map(
    ({ reason, ratings }) =>
      `${formatCount(ratings)} of ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`,
  );
  const all = rows.length + reasons.reduce((sum, { ratings }) => sum + ratings, 0);
  return `The filters leave ${formatCount(rows.length)} of ${counted(all, 'rating')}; left out are ${each.join(', ')}.`;
}
