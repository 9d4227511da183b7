import { type Operations } from '../operation';
import { datasetImport } from './dataset-import';
import { datasetImages, datasetLabels, datasetSummary } from './datasets';
import { degrade } from './degrade';
import { describe } from './describe';
import { evaluate } from './evaluate';
import { mapsCheck, mapsImport } from './foreign-maps';
import { imagesImport } from './images-import';
import { importModel } from './import-model';
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
  'maps-check': mapsCheck,
  'maps-import': mapsImport,
  'pixel-orders': pixelOrders,
  score,
  measure,
  degrade,
  'import-model': importModel,
  evaluate,
};
