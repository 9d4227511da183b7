import {
  completeRoarSettings,
  type RunSettingsOf,
} from '../../../shared/catalogue/complete-settings';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { type DatasetFacts } from '../../../shared/catalogue/datasets';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type RunRecord } from '../../../shared/records';
import { type DatasetsService } from '../datasets/datasets-service';
import { type Publication } from '../export/publication';

/** What a run is held against: its protocol in full, on the whole of its dataset. */
export interface FullProtocol {
  readonly settings: RoarSettings;
  /** The whole of it. */
  readonly dataset: DatasetFacts;
  /** What a run measures by where nothing else is said. */
  readonly usualProtocol: string;
}

/**
 * @param of the whole dataset
 * @param published how many images the publication evaluates, where the protocol is its own
 */
export function fullProtocol(
  of: RunSettingsOf,
  protocol: string,
  { datasets }: Pick<Publication, 'datasets'>,
): FullProtocol {
  const { dataset } = of;
  const settings = completeRoarSettings(of, { dataset: dataset.id, protocol });
  const published = datasets.find(({ id }) => id === dataset.id);
  const reported = of.metrics.get(protocol).published ? published : undefined;
  const images = reported?.images ?? settings.images;
  return { settings: { ...settings, images }, dataset, usualProtocol: of.metrics.usual.id };
}

/** What a run is held against, by what is known of its dataset. */
export function fullProtocolOf(
  parts: {
    readonly catalogues: Pick<Catalogues, 'networks' | 'metrics' | 'operators'>;
    readonly datasets: Pick<DatasetsService, 'whole'>;
    readonly paper: () => Publication;
  },
  { settings: { dataset, protocol } }: RunRecord,
): FullProtocol {
  const { networks, metrics, operators } = parts.catalogues;
  const of = {
    dataset: parts.datasets.whole(dataset),
    networks: networks.list,
    metrics,
    operators,
  };
  return fullProtocol(of, protocol, parts.paper());
}
