import { type DatasetFacts } from '../../../../shared/catalogue/datasets';
import { type Method } from '../../../../shared/catalogue/methods';
import { type OperatorCatalogue } from '../../../../shared/catalogue/operator-catalogue';
import { type RoarSettings } from '../../../../shared/catalogue/roar';
import { type ArtifactStore } from '../../artifacts/artifact-store';
import { type DatasetKey, type EngineKey } from '../../artifacts/keys';
import { gradientsOf, type Speed } from '../../jobs/costs';
import { oneItem, type Plan, type Planned } from '../../jobs/item-spec';
import { unlessAborted } from '../../jobs/job-run';
import { type ImportedMaps } from '../../maps/imported-maps';
import { type JobsRepository } from '../../jobs/jobs-repository';
import { type CheckpointSize, type Trainings } from '../../models/trainings';
import { type RetrainedRepository } from '../retrained-repository';
import { type RunImage, type RunsRepository } from '../runs-repository';

/** Where the steps of a run's plan read and write. */
export interface PlanParts {
  readonly artifacts: ArtifactStore;
  readonly importedMaps: ImportedMaps;
  readonly jobs: JobsRepository;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
  readonly trainings: Trainings;
  /** Computes the curves and claims of a finished run, so that they are there to be read. */
  readonly summarise: (run: string) => Promise<void>;
}

/** A run in the ledger. */
export interface RunInLedger {
  readonly run: string;
  readonly job: string;
}

/** What a run is planned from: all that its items, their costs and their keys depend on. */
export interface RunInputs {
  readonly settings: RoarSettings;
  readonly methods: readonly Method[];
  readonly operators: OperatorCatalogue;
  /** The dataset as it is here, its images as the run's models see them. */
  readonly counts: DatasetFacts;
  /** The shape of its images as they are, which the models' may be resized from. */
  readonly whole: DatasetFacts['shape'];
  /** Of the run's network. */
  readonly size: CheckpointSize;
  /** The dataset by its content. */
  readonly dataset: DatasetKey;
  readonly engine: EngineKey;
  /** The evaluated images of the validation split, in order. */
  readonly images: readonly RunImage[];
  /** The class of every training image. */
  readonly trainLabels: () => Promise<ArrayLike<number>>;
  /** Null where nothing was measured: costs are weights then. */
  readonly rates: Speed | null;
  /** Null where there is no run yet: then nothing of the plan can be done. */
  readonly owner: RunInLedger | null;
}

export interface RoarPlan extends Plan {
  readonly stages: readonly {
    readonly id: string;
    readonly title: string;
    /** How much work it is, in words. */
    readonly work: string;
  }[];
}

/** What every metric has: inputs to a list of items. */
export type MakePlan = (parts: PlanParts, inputs: RunInputs) => Promise<RoarPlan>;

/** The run that a plan is of. Throws RangeError for a plan of none. */
export function ownerOf({ owner }: RunInputs): RunInLedger {
  if (!owner) throw new RangeError('a plan without a run writes nothing down');
  return owner;
}

/** Gradients that one image takes with all methods. */
export function gradientsOfAll({ operators, methods, settings }: RunInputs): number {
  return methods.reduce((sum, method) => sum + gradientsOf(operators, method, settings), 0);
}

/** The last item: the statistics of what the others made. */
export function reportItem(
  parts: PlanParts,
  inputs: RunInputs,
  item: { readonly title: string; readonly cost: number },
  needs: readonly string[],
): Planned {
  return oneItem('report', { id: 'report', ...item, bytes: 0 }, needs, () => ({
    orders: [],
    async finish(_, { signal }) {
      // The statistics are shared with whoever looks at the run: a cancel stops waiting alone.
      await unlessAborted(signal, parts.summarise(ownerOf(inputs).run));
      return { artifacts: [], reused: false };
    },
  }));
}
