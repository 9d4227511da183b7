import { formatCount } from '../../../../shared/format/counts';
import {
  type experimentExportFormats,
  type ExperimentMember,
  type ExperimentResult,
} from '../../../../shared/experiments';
import { type RunResult } from '../../../../shared/records';
import { type FullProtocol } from '../../evaluation/full-protocol';
import { cutsSentence } from '../../evaluation/report/cuts';
import { type FontFiles } from '../../storage/installed-files';
import { type Paper } from '../paper';

export type ExperimentExportFormat = (typeof experimentExportFormats)[number];

/** Everything that the exports of an experiment are made of. */
export interface ExperimentReport {
  readonly result: ExperimentResult;
  readonly paper: Paper;
  /** What each run is held against, by its id. */
  readonly full: ReadonlyMap<string, FullProtocol>;
  /** Version of Saliency Studio. */
  readonly version: string;
  readonly fonts: FontFiles;
}

export interface ReportedMember {
  readonly member: ExperimentMember;
  readonly result: RunResult;
  readonly full: FullProtocol;
  /** The number of the paper's figure of its dataset; null: there is none. */
  readonly figure: number | null;
}

/** Members with their results; of a reproduction in the paper's order. */
export function reportedMembers({ result, paper, full }: ExperimentReport): ReportedMember[] {
  const { members, kind } = result.experiment;
  const reported = members.flatMap((member, i): ReportedMember[] => {
    const [own, whole] = [result.results[i], full.get(member.run.id)];
    const published = paper.datasets.find(({ id }) => id === member.dataset);
    const figure = published?.figure ?? null;
    return own && whole ? [{ member, result: own, full: whole, figure }] : [];
  });
  const place = ({ figure }: ReportedMember) => figure ?? Number.POSITIVE_INFINITY;
  const inOrder = (a: ReportedMember, b: ReportedMember) =>
    place(a) === place(b) ? 0 : place(a) - place(b);
  return kind === 'reproduction' ? reported.sort(inOrder) : reported;
}

/** What tells a member from the others: its dataset, or how the paper is read. */
export function memberTitle({ member: { variant }, full }: ReportedMember): string {
  return variant === null ? full.dataset.name : variant.setting.replace(/^parameters\./, '');
}

/** What must be said beside the figures of any member, each with the members that it is about. */
export function memberNotes(members: readonly ReportedMember[]): string[] {
  const by = new Map<string, string[]>();
  for (const member of members) {
    for (const note of member.result.notes) {
      by.set(note, [...(by.get(note) ?? []), memberTitle(member)]);
    }
  }
  return [...by].map(([note, titles]) =>
    titles.length === members.length ? note : `${titles.join('; ')}: ${note}`,
  );
}

export function figureHeading({ member: { variant }, full, figure }: ReportedMember): string {
  const { name } = full.dataset;
  if (variant !== null) return `${name}, ${variant.setting}`;
  return figure === null ? name : `Fig. ${figure}: ${name}`;
}

export function figureCaption({ member, result, full }: ReportedMember): string {
  const { name } = full.dataset;
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
