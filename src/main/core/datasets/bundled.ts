import { type KnownDataset } from '../../../shared/catalogue/datasets';
import { conflict } from '../../../shared/errors';

/** Refuses, in words, what cannot be done with a dataset that comes with the product. */
export function requireNotBundled({ id, name, bundled }: KnownDataset, not: string): void {
  if (!bundled) return;
  throw conflict(
    `${name} comes with Saliency Studio’s packages and is ${not}: check it with \`datasets verify ${id}\`.`,
  );
}
