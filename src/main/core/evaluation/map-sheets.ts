import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { toErrorData } from '../../../shared/errors';
import { type MapSheet, type MapSheetBlock, type MapSheetInput } from '../../../shared/map-sheets';
import { type RunRecord } from '../../../shared/records';
import { type SheetSubject } from './sheet-block';

interface Parts {
  readonly block: (subject: SheetSubject, images: number) => Promise<MapSheetBlock>;
  readonly ofDataset: (dataset: DatasetFacts) => Promise<SheetSubject>;
  readonly ofRun: (run: RunRecord) => SheetSubject;
  readonly facts: (dataset: string, field: string) => DatasetFacts;
  readonly runOf: (id: string) => RunRecord;
  /** The runs of an experiment. Throws `not-found`. */
  readonly members: (experiment: string) => readonly { readonly run: RunRecord }[];
}

/** Small multiples of maps by method and dataset. */
export class MapSheetsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async sheet({ of, images }: MapSheetInput): Promise<MapSheet> {
    const { block, ofDataset, ofRun, facts, runOf, members } = this.#parts;
    if (of.kind === 'run')
      return { blocks: [await block(ofRun(runOf(of.run)), images)], notes: [] };
    const subjects: { name: string; of: () => SheetSubject | Promise<SheetSubject> }[] =
      of.kind === 'experiment'
        ? members(of.experiment).map(({ run }) => ({ name: run.name, of: () => ofRun(run) }))
        : of.datasets
            .map((id, i) => facts(id, `of.datasets.${i}`))
            .map((dataset) => ({ name: dataset.name, of: () => ofDataset(dataset) }));
    const blocks: MapSheetBlock[] = [];
    const notes: string[] = [];
    for (const subject of subjects) {
      try {
        blocks.push(await block(await subject.of(), images));
      } catch (error) {
        notes.push(`${subject.name}: ${toErrorData(error).message}`);
      }
    }
    return { blocks, notes };
  }
}
