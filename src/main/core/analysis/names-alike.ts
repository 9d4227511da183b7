import { alikeNames } from '../../../shared/identifying-text';
import { type ResultsInput } from './input';

/** What is counted apart though it looks the same, and what to do about it. */
export function namesAlike({ ratings, raters, methods, datasets }: ResultsInput): string[] {
  const column = (key: 'rater' | 'dataset' | 'image' | 'method') => ratings.map((row) => row[key]);
  const sentences = [
    ...alikeNames([...raters.map(({ code }) => code), ...column('rater')].sort(), 'raters'),
    ...alikeNames([...datasets, ...column('dataset')].sort(), 'datasets'),
    ...alikeNames([...methods, ...column('method')].sort(), 'methods'),
    ...alikeNames(column('image').sort(), 'images'),
  ];
  return sentences.map(
    (sentence) =>
      `${sentence} If they are one, export the ratings, write the name in one way in that file and import it as another study.`,
  );
}
