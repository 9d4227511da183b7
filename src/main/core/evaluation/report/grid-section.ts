import { formatCount } from '../../../../shared/format/counts';
import { formatLevel, percent } from '../../../../shared/format/numbers';
import { formatDuration } from '../../../../shared/format/times';
import { type RetrainedModel } from '../../../../shared/records';
import { htmlTable } from '../../export/text/html-table';
import { type Markup } from '../../export/text/markup';
import { section } from '../../export/text/page';
import { numeric } from '../../export/text/table';
import { type ReportedModels } from '../metric';

/** The models of metrics that retrain: by level what they reached; models.csv has each. */
export function gridSection({ result }: ReportedModels): Markup {
  const levels = [...new Set(result.retrained.map(({ level }) => level))];
  const rows = levels.map((level) => {
    const models = result.retrained.filter((model) => model.level === level);
    const accuracies = models.map(({ accuracy }) => accuracy);
    return [
      formatLevel(level),
      formatCount(models.length),
      percent(mean(accuracies), 2),
      percent(Math.min(...accuracies), 2),
      percent(Math.max(...accuracies), 2),
      formatDuration(secondsOf(models)),
    ];
  });
  return section(
    'models',
    'Models',
    htmlTable({
      caption: `All ${formatCount(result.retrained.length)} models by level, whatever their method; models.csv lists each with its method and repetition. At level 0 nothing is removed, and all methods share the models.`,
      columns: ['Level t', 'Models', 'Mean accuracy', 'Lowest', 'Highest', 'Training'].map(numeric),
      rows,
    }),
  );
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const secondsOf = (models: readonly RetrainedModel[]) =>
  models.reduce((sum, { seconds }) => sum + seconds, 0);
