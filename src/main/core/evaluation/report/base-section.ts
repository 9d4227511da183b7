import { percent } from '../../../../shared/format/numbers';
import { formatDuration } from '../../../../shared/format/times';
import { htmlTable } from '../../export/text/html-table';
import { type Markup } from '../../export/text/markup';
import { section } from '../../export/text/page';
import { numeric } from '../../export/text/table';
import { type ReportedModels } from '../metric';

/** The one model of a metric that trains no other. */
export function baseSection({ result }: ReportedModels): Markup {
  return section(
    'models',
    'Model',
    htmlTable({
      caption: 'The model that the maps explain, trained on whole images.',
      columns: ['Validation accuracy', 'Epochs', 'Training'].map(numeric),
      rows: result.levels.map(({ validationAccuracy, epochs, reused, seconds }) => [
        validationAccuracy === null ? '–' : percent(validationAccuracy, 2),
        epochs,
        reused ? 'reused' : formatDuration(seconds),
      ]),
    }),
  );
}
