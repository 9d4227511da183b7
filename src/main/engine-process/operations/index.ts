import { type Operations } from '../operation';
import { datasetImport } from './dataset-import';
import { datasetImages, datasetLabels, datasetMasks, datasetSummary } from './datasets';
import { degrade } from './degrade';
import { describe } from './describe';
import { evaluate } from './evaluate';
import { mapsCheck, mapsImport } from './foreign-maps';
import { imagesImport } from './images-import';
import { imagesPreview, imagesSamples } from './images-preview';
import { datasetExport } from './dataset-export';
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
  'images-preview': imagesPreview,
  'images-samples': imagesSamples,
  'dataset-export': datasetExport,
  'dataset-labels': datasetLabels,
  'dataset-images': datasetImages,
  'dataset-masks': datasetMasks,
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
  'inspect-weights': inspectFile,
  'import-model': importModel,
  evaluate,
};
