import { sameScale, tableOfQuestion } from '../../../../shared/ratings/questions';
import { type StudyResults } from '../../../../shared/ratings/results';
import { notListedNote, type TablesReport } from './tables';

const tablesFormat = 'saliency-studio/tables';
const tablesFormatVersion = 1;

/** What `tables --format json` holds: the results without what only the app needs. */
function tablesObject({ results, version }: TablesReport) {
  const { study, filters, questions, methods, datasets } = results;
  const { id, name, version: studyVersion, origin, state, hash } = study;
  return {
    format: tablesFormat,
    formatVersion: tablesFormatVersion,
    software: { name: 'Saliency Studio', version },
    study: { id, name, version: studyVersion, origin, state, hash },
    filters,
    labels: commonLabels(results),
    questions: questions.map(({ id, title, labels }) => ({
      id,
      title,
      table: tableOfQuestion(id),
      labels,
    })),
    datasets,
    methods: methods.map((method) => ({
      id: method.id,
      name: method.name,
      composition: method.known?.composition ?? null,
    })),
    tables: results.tables,
    agreement: results.agreement,
    kappas: results.kappas,
    friedman: results.friedman,
    correlation: results.correlation,
    raters: results.raters,
    beside: results.beside,
    counted: results.counted,
    leftOut: results.leftOut,
    checks: results.checks,
    notes: [
      ...results.filterNotes,
      ...results.notes,
      ...(results.kappas.every(({ listed }) => listed) ? [] : [notListedNote]),
    ],
  } satisfies Partial<Record<keyof StudyResults, unknown>> & Record<string, unknown>;
}

/** Of the one scale that all questions share; null where they have several. */
function commonLabels({ questions }: StudyResults): readonly string[] | null {
  const [first, ...others] = questions.map(({ labels }) => labels);
  return first && others.every((labels) => sameScale(labels, first)) ? first : null;
}

export function tablesJson(report: TablesReport): string {
  return `${JSON.stringify(tablesObject(report), null, 2)}\n`;
}
