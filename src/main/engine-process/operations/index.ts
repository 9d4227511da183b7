import { type Operations } from '../operation';
import { datasetImport } from './dataset-import';
import { datasetImages, datasetLabels, datasetSummary } from './datasets';
import { degrade } from './degrade';
import { describe } from './describe';
import { evaluate } from './evaluate';
import { imagesImport } from './images-import';
import { importModel } from './import-model';
import { inspectFile } from './inspect-weights';
import { maps } from './maps';
import { measure } from './measure';
import { measureRates } from './measure-rates';
import { noise } from './noise';
import { pixelOrders } from './pixel-orders';
import { predict } from './predict';
import { probe } from './probe';
import { score } from './score';
import { trainEpoch } from './train-epoch';

export const operations: Operations = {
  describe,
  'dataset-summary': datasetSummary,
  'dataset-import': datasetImport,
  'images-import': imagesImport,
  'dataset-labels': datasetLabels,
  'dataset-images': datasetImages,
  'train-epoch': trainEpoch,
  'measure-rates': measureRates,
  probe,
  predict,
  noise,
  maps,
  'pixel-orders': pixelOrders,
  score,
  measure,
  degrade,
  'inspect-weights': inspectFile,
  'import-model': importModel,
  evaluate,
};
