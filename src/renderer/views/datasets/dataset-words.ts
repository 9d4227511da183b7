import { type DatasetSource, type DatasetSubset } from '../../../shared/catalogue/datasets';
import { plainText } from '../../../shared/identifying-text';
import { splitNames } from '../../../shared/name-list';
import { type DatasetRecord } from '../../../shared/records';
import { formatCount } from '../../format';

export function sizeWords([height, width, channels]: readonly [number, number, number]): string {
  return `${height} × ${width} pixels, ${channels === 1 ? 'grayscale' : 'colour'}`;
}

/** Whether it is had from elsewhere, by an importer that knows it. */
export const isInstallable = ({ known }: DatasetRecord): boolean =>
  known !== null && !known.bundled;

/** Whether a person made it of images. */
export const isOwn = ({ known }: DatasetRecord): boolean => known === null;

/** The server that a download comes from. */
export function hostOf({ url }: Extract<DatasetSource, { kind: 'download' }>): string {
  return new URL(url).hostname;
}

/** 'bird, cat and 3 more; the first 500 images of each'; null for the whole dataset. */
export function subsetWords({ classes, perClass }: DatasetSubset): string | null {
  const shown = classes?.slice(0, 4) ?? [];
  const more = (classes?.length ?? 0) - shown.length;
  const named = classes
    ? `${formatCount(classes.length)} classes (${shown.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''})`
    : 'all classes';
  if (!classes && perClass === null) return null;
  return perClass === null ? named : `${named}, ${formatCount(perClass)} training images of each`;
}

/**
 * The state shown: an install under way says more than what is there; a dataset that has not been
 * installed is no fault.
 */
export function shownState(record: DatasetRecord, installing: boolean): string {
  if (installing) return 'installing';
  return record.state === 'missing' ? 'not installed' : record.state;
}

/**
 * Classes typed with commas, semicolons or line breaks between, and quotes around a name that has a
 * comma; null where nothing is typed.
 */
export function readClasses(text: string): string[] | null {
  const parts = text.split(/[\n;]+/).flatMap((line) => splitNames(line) ?? [line]);
  const names = parts.map(plainText).filter((part) => part !== '');
  return names.length === 0 ? null : [...new Set(names)];
}
