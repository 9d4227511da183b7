import { nameKey } from '../../../shared/identifying-text';
import { type ExportFile } from '../../../shared/export-file';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { csv } from '../export/text/csv';
import { type ExportStore } from '../storage/transit/export-store';
import { importedImages } from './images-import';

interface Parts {
  readonly dataDir: string;
  readonly exports: ExportStore;
}

/** Files that an import of one's own images left out, which may be many. */
export class RefusedImages {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async page(input: RouteParsed<'datasets.refused'>): Promise<RouteOutput<'datasets.refused'>> {
    const { dataset, search, offset, limit } = input;
    const { refused } = await importedImages(this.#parts.dataDir, dataset);
    const wanted = nameKey(search);
    const found =
      wanted === ''
        ? refused
        : refused.filter(({ path, reason }) => nameKey(`${path} ${reason}`).includes(wanted));
    return { total: found.length, files: found.slice(offset, offset + limit) };
  }

  async export(dataset: string): Promise<ExportFile> {
    const { dataDir, exports } = this.#parts;
    const { refused } = await importedImages(dataDir, dataset);
    const rows = refused.map(({ path, reason }) => [path, reason]);
    return exports.put('left-out.csv', 'text/csv', csv(['path', 'reason'], rows));
  }
}
