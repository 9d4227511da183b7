import { type KnownDataset } from './catalogue/datasets';

/** The command that brings a dataset here: what nothing can be downloaded of is imported. */
export function installCommand({ id, sources }: Pick<KnownDataset, 'id' | 'sources'>): string {
  return sources.length > 0 ? `datasets install ${id}` : `datasets import ${id} PATH`;
}
