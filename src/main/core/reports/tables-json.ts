import { type StudyResults } from '../../../shared/ratings/results';
import { type TablesReport } from './tables';

export const tablesFormat = 'saliency-studio/tables';
export const tablesFormatVersion = 1;

/** What `tables --format json` holds: the results without what only the app needs. */
export function tablesObject({ results, version }: TablesReport) {
  const { study, filters, labels, methods, datasets, notes } = results;
  const { id, name, version: studyVersion, origin, state, hash } = study;
  return {
    format: tablesFormat,
    formatVersion: tablesFormatVersion,
    software: { name: 'Saliency Studio', version },
    study: { id, name, version: studyVersion, origin, state, hash },
    filters,
    labels,
    datasets,
    methods: methods.map((method) => ({
      id: method.id,
      name: method.name,
      composition: method.known?.composition ?? null,
    })),
    tables: results.tables,
    agreement: results.agreement,
    friedman: results.friedman,
    correlation: results.correlation,
    raters: results.raters,
    beside: results.beside,
    counted: results.counted,
    leftOut: results.leftOut,
    notes,
  } satisfies Partial<Record<keyof StudyResults, unknown>> & Record<string, unknown>;
}

export function tablesJson(report: TablesReport): string {
  return `${JSON.stringify(tablesObject(report), null, 2)}\n`;
}
