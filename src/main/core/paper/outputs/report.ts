import { formatCount } from '../../../../shared/format/counts';
import { datasetEntry, type DatasetId, datasetIds } from '../../../../shared/catalogue/datasets';
import {
  type experimentExportFormats,
  type ExperimentMember,
  type ExperimentResult,
} from '../../../../shared/experiments';
import { type RunResult } from '../../../../shared/records';
import { cutsSentence } from '../../evaluation/report/cuts';
import { type FontFiles } from '../../storage/installed-files';
import { type Paper } from '../paper';

export type ExperimentExportFormat = (typeof experimentExportFormats)[number];

/** Everything that the exports of an experiment are made of. */
export interface ExperimentReport {
  readonly result: ExperimentResult;
  readonly paper: Paper;
  /** Version of Saliency Studio. */
  readonly version: string;
  readonly fonts: FontFiles;
}

export interface ReportedMember {
  readonly member: ExperimentMember;
  readonly result: RunResult;
}

/** Members with their results; of a reproduction in the paper's order. */
export function reportedMembers({ result }: ExperimentReport): ReportedMember[] {
  const { members, kind } = result.experiment;
  const reported = members.flatMap((member, i): ReportedMember[] => {
    const own = result.results[i];
    return own ? [{ member, result: own }] : [];
  });
  return kind === 'reproduction'
    ? reported.sort(
        (a, b) => datasetIds.indexOf(a.member.dataset) - datasetIds.indexOf(b.member.dataset),
      )
    : reported;
}

/** The paper's figure of each dataset. */
const figureNumbers: Readonly<Record<DatasetId, number>> = {
  mnist: 2,
  cifar10: 3,
  'tiny-imagenet': 4,
};

/** What tells a member from the others: its dataset, or how the paper is read. */
export function memberTitle({ dataset, variant }: ExperimentMember): string {
  return variant === null
    ? datasetEntry(dataset).name
    : variant.setting.replace(/^parameters\./, '');
}

/** What must be said beside the figures of any member, each with the members that it is about. */
export function memberNotes(members: readonly ReportedMember[]): string[] {
  const by = new Map<string, string[]>();
  for (const { member, result } of members) {
    for (const note of result.notes) {
      by.set(note, [...(by.get(note) ?? []), memberTitle(member)]);
    }
  }
  return [...by].map(([note, titles]) =>
    titles.length === members.length ? note : `${titles.join('; ')}: ${note}`,
  );
}

export function figureHeading({ dataset, variant }: ExperimentMember): string {
  const number = figureNumbers[dataset];
  const { name } = datasetEntry(dataset);
  return variant === null ? `Fig. ${number}: ${name}` : `${name}, ${variant.setting}`;
}

export function figureCaption({ member, result }: ReportedMember): string {
  const { name } = datasetEntry(member.dataset);
  const { variant } = member;
  const { state } = result.run;
  const levels = result.curves[0]?.points.length ?? 0;
  const all = result.run.settings.levels.length;
  const parts = [
    `Mean softmax score of the ground-truth class against degradation level for ${formatCount(result.images.length)} ${name} images: individual methods (left) and combinations (right), with a random map as the baseline.`,
    variant === null ? null : `${variant.question} Read as: ${variant.reading}`,
    state === 'done' ? null : `The run is ${state}: ${levels} of ${all} levels so far.`,
    cutsSentence(result.cuts),
    ...result.notes,
  ];
  return parts.filter((part) => part !== null).join(' ');
}
