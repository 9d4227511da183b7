import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { factsOf } from '../../../shared/dataset-facts';
import { refuse } from '../../../shared/errors';
import { type DatasetRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { type RunsRepository } from '../evaluation/runs-repository';
import { findRun, type FoundRun } from './find-run';
import { planMembers, type PlannedMember } from './members';
import { type Paper } from './paper';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'networks' | 'metrics' | 'operators'>;
  readonly datasets: DatasetsService;
  readonly engine: EngineHost;
  readonly paper: () => Paper;
  readonly runs: RunsRepository;
}

export type ExperimentInput = RouteParsed<'experiments.start'>;

interface ExperimentPlan {
  /** The datasets that are asked for, else the paper's. */
  readonly datasets: readonly DatasetRecord[];
  readonly members: readonly PlannedMember[];
}

/** Which runs experiments are made of, and which of them are there. */
export class ExperimentPlans {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async plan(input: ExperimentInput): Promise<ExperimentPlan> {
    const { catalogues, paper } = this.#parts;
    const { networks, metrics, operators } = catalogues;
    const records = await this.#records(input);
    const datasets = records.map((record) => ({
      dataset: factsOf(record),
      networks: networks.list,
      metrics,
      operators,
    }));
    return { datasets: records, members: planMembers(input, datasets, paper()) };
  }

  /** The run that can take the place of a member's, on its dataset and this engine. */
  async find({ dataset, settings }: PlannedMember): Promise<FoundRun> {
    const { datasets, engine, runs } = this.#parts;
    const description = await engine.ready();
    return findRun(runs, datasets, settings, await datasets.key(dataset), description);
  }

  #records({
    kind,
    datasets = this.#parts.paper().datasets.map(({ id }) => id),
  }: ExperimentInput): Promise<DatasetRecord[]> {
    if (kind === 'sensitivity' && datasets.length !== 1) {
      throw refuse('datasets', datasets, 'one dataset for a sensitivity analysis');
    }
    return Promise.all(datasets.map((id, i) => this.#parts.datasets.record(id, `datasets.${i}`)));
  }
}
